import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { McpModule, McpTool, type McpContext, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type AppOptions, type Platform, type TestApp } from '../../support/app.js';

/** Treatment of bodies by Nest before the transport sees them. */
export const BODY_MODES = [
  { name: 'with the body parser', nest: {} },
  { name: 'without the body parser', nest: { bodyParser: false } },
  { name: 'with raw bodies', nest: { rawBody: true } },
] as const;

/** Every platform in both ways to reach it. */
export const PLACES = PLATFORMS.flatMap((platform) =>
  (['route', 'direct'] as const).map((mount) => ({ title: `${platform}, ${mount}`, platform, mount })),
);

export type Place = (typeof PLACES)[number];

/** Every platform in every body mode, and without its body parser in the way. */
export const SETUPS = PLATFORMS.flatMap((platform) => [
  ...BODY_MODES.map(({ name, nest }) => ({
    title: `${platform} ${name}`,
    platform,
    nest,
    mount: 'route' as const,
  })),
  { title: `${platform}, mounted directly`, platform, nest: {}, mount: 'direct' as const },
]);

/** A promise with its resolver outside, for tests that decide when a handler goes on. */
export class Gate {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

/** A call that has reached its handler and stays there until the test lets it go. */
export interface Held {
  readonly ctx: McpContext;
  readonly gate: Gate;
}

@Injectable()
export class TransportTools {
  readonly calls: string[] = [];
  readonly #held: Held[] = [];
  readonly #waiting: ((held: Held) => void)[] = [];

  @McpTool({ name: 'echo', description: 'Says it again', input: { type: 'object' } })
  echo(args: Record<string, unknown>) {
    this.calls.push('echo');
    return JSON.stringify(args);
  }

  @McpTool({ name: 'count', description: 'Reports progress', input: { type: 'object' } })
  async count({ to = 3 }: { to?: number }, ctx: McpContext) {
    // Generated arguments may ask for more than there is time for.
    for (let step = 1; step <= Math.min(to, 10_000); step++) await ctx.progress(step, to);
    return `counted to ${to}`;
  }

  /** Stays until the test opens its gate or, unless it is stubborn, the call is aborted. */
  @McpTool({ name: 'hold', description: 'Waits', input: { type: 'object' } })
  async hold({ stubborn = false }: { stubborn?: boolean }, ctx: McpContext) {
    const held = { ctx, gate: new Gate() };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(held);
    else this.#held.push(held);
    if (!stubborn) ctx.signal.addEventListener('abort', () => held.gate.open());
    await held.gate.opened;
    return ctx.signal.aborted ? 'aborted' : 'finished';
  }

  /** The next call that reaches `hold`. */
  nextHeld(): Promise<Held> {
    const held = this.#held.shift();
    return held ? Promise.resolve(held) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

export interface TransportApp extends TestApp {
  readonly tools: TransportTools;
}

/** Starts a server with the tools above. */
export async function startTransport(
  platform: Platform,
  mcp: McpModuleOptions = {},
  options: Omit<AppOptions, 'platform'> = {},
): Promise<TransportApp> {
  const started = await startApp({
    ...options,
    platform,
    imports: [McpModule.forRoot(mcp), ...(options.imports ?? [])],
    providers: [TransportTools, ...(options.providers ?? [])],
  });
  return { ...started, tools: started.app.get(TransportTools) };
}

/** Resolves once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** A request to post: a body and its headers. */
export type Sent = [body: object, headers: Record<string, string>];

/** A client on a connection of its own, which it may close at any time. */
export class Leaver {
  /** The head of the response, once the server has sent it. */
  readonly response: Promise<IncomingMessage>;
  readonly #request;

  constructor(url: string, [body, headers]: Sent) {
    this.#request = request(url, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
    });
    // Leaving is an error to Node.
    this.#request.on('error', () => {});
    this.response = once(this.#request, 'response').then(([response]) => {
      response.on('error', () => {});
      return response;
    });
    this.response.catch(() => {});
    this.#request.end(JSON.stringify(body));
  }

  leave(): void {
    this.#request.destroy();
  }
}
