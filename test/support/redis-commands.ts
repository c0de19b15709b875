import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cli } from './redis.js';

/** Commands by name, each with the words it was sent with that could be options. */
export type SeenCommands = ReadonlyMap<string, ReadonlySet<string>>;

/** Notes every command that a server carries out, those of scripts included, until it is stopped. */
export async function watchCommands(port: number): Promise<{ stop(): Promise<SeenCommands> }> {
  const monitor = spawn('redis-cli', ['-p', String(port), 'MONITOR'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen = new Map<string, Set<string>>();
  const lines = createInterface(monitor.stdout);
  lines.on('line', (line) => note(seen, line));
  await once(lines, 'line');
  return {
    async stop() {
      const marker = `end-of-${port}`;
      cli(port, ['ECHO', marker]);
      while (!seen.get('echo')?.has(marker.toUpperCase())) await once(lines, 'line');
      seen.delete('echo');
      monitor.kill();
      await once(monitor, 'exit');
      return seen;
    },
  };
}

/** `1700000000.1 [0 127.0.0.1:5000] "SET" "key" "value" "PX" "5"`; the address is `lua` for what a script does. */
function note(seen: Map<string, Set<string>>, line: string): void {
  const [, rest] = /^[\d.]+ \[\d+ [^\]]*\] (.*)$/.exec(line) ?? [];
  const [name, ...args] = [...(rest ?? '').matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word);
  if (name === undefined) return;
  const words = seen.get(name.toLowerCase()) ?? new Set();
  seen.set(name.toLowerCase(), words);
  for (const word of args) if (/^[\w~=-]{1,24}$/.test(word)) words.add(word.toUpperCase());
}

interface ArgumentDocs {
  readonly token?: string;
  readonly since?: string;
  readonly arguments?: readonly ArgumentDocs[];
}

interface CommandDocs extends ArgumentDocs {
  readonly subcommands?: Readonly<Record<string, CommandDocs>>;
}

/** Those commands that a server has only known since a version after `version`, as it says itself. */
export function newerThan(version: string, port: number, seen: SeenCommands): string[] {
  const docs = JSON.parse(cli(port, ['--json', 'COMMAND', 'DOCS', ...seen.keys()])) as Record<
    string,
    CommandDocs
  >;
  return [...seen].flatMap(([name, words]) => {
    const command = docs[name];
    if (!command) return [`${name}, which is not documented`];
    if (isLater(command.since, version)) return [name];
    const used = Object.values(command.subcommands ?? {}).filter((_, n) =>
      words.has((Object.keys(command.subcommands ?? {})[n]?.split('|')[1] ?? '').toUpperCase()),
    );
    const options = [command, ...used].flatMap((each) => newTokens(each.arguments ?? [], version, false));
    return options.filter((token) => words.has(token.toUpperCase())).map((token) => `${name} ${token}`);
  });
}

/** An option within a group that is new is new as well. */
function newTokens(args: readonly ArgumentDocs[], version: string, isWithinNew: boolean): string[] {
  return args.flatMap(({ token, since, arguments: inner = [] }) => {
    const isNew = isWithinNew || isLater(since, version);
    return [...(isNew && token !== undefined ? [token] : []), ...newTokens(inner, version, isNew)];
  });
}

function isLater(since: string | undefined, version: string): boolean {
  return since !== undefined && since.localeCompare(version, undefined, { numeric: true }) > 0;
}
