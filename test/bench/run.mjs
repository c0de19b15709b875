/** `npm run bench -- [--rounds N] [--seconds N] [--warm-up N]`: our server beside a bare Nest controller; README.md. */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { buildSamples } from '../../sample/build.mjs';
import { cores, runLoad, startServer, stopServers } from './processes.mjs';
import { CONNECTIONS, SERVERS, WORKLOADS, connectionHeaders } from './workloads.mjs';

const PLATFORMS = ['express', 'fastify'];

const { rounds, seconds, warmUp } = readOptions();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', stopServers);
await buildSamples();
try {
  const cells = (await Promise.all(PLATFORMS.map(prepare))).flat();
  for (const cell of cells) await runLoad(cell.pid, { ...cell.job, seconds: warmUp });
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`Round ${round} of ${rounds}, about ${cells.length * seconds} s`);
    for (const cell of cells) cell.results.push(await runLoad(cell.pid, { ...cell.job, seconds }));
  }
  print(cells);
} finally {
  stopServers();
}

/** Starts the servers of a platform and returns what to measure: for each workload our server, then the bare one. */
async function prepare(platform) {
  const ours = {};
  for (const [name, args] of Object.entries(SERVERS)) {
    ours[name] = await startServer(['--platform', platform, ...args]);
  }
  const cells = [];
  for (const workload of WORKLOADS) {
    const server = ours[workload.server];
    const headers = await connectionHeaders(server.url, workload);
    cells.push(await prepareCell({ platform, kind: 'ours', workload, headers, ...server }));
  }
  const comparable = cells.filter(({ workload }) => workload.streamed !== true);
  const answers = comparable.map(({ workload, answer }) => [workload.name, JSON.parse(answer)]);
  const bare = await startServer(['--platform', platform], Object.fromEntries(answers));
  for (const { workload, answer, job } of comparable) {
    const url = new URL(workload.name, bare.url).href;
    const cell = await prepareCell({ ...bare, platform, kind: 'bare', workload, headers: job.headers, url });
    if (cell.answer !== answer) throw new Error(`${url}: not the bytes of our server`);
    cells.push(cell);
  }
  return WORKLOADS.flatMap((workload) => cells.filter((cell) => cell.workload === workload));
}

/** Asks once and checks the answer; every answer of the load has to be the same. */
async function prepareCell({ platform, kind, workload, headers, pid, url }) {
  const { body, includes } = workload;
  const response = await fetch(url, { method: 'POST', headers: headers[0], body });
  const answer = await response.text();
  if (response.status !== 200 || !answer.includes(includes)) {
    throw new Error(`${url}: ${response.status} ${answer}`);
  }
  const job = { url, body, headers, expected: answer };
  return { platform, kind, workload, pid, answer, job, results: [] };
}

function print(cells) {
  const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version;
  const packages = ['@nestjs/core', '@nestjs/platform-express', '@nestjs/platform-fastify'];
  console.log(
    [
      new Date().toISOString().slice(0, 10),
      `Node ${process.version}`,
      ...packages.map((name) => `${name} ${version(name)}`),
      cpus()[0]?.model ?? 'unknown processor',
      cores === undefined ? 'not pinned' : 'servers and load each on a core of their own',
      `${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections`,
    ].join(', '),
  );
  console.log('\n| Workload | Platform | req/s ours | bare | ratio | CPU µs ours | bare | ratio |');
  console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const platform of PLATFORMS)
    for (const workload of WORKLOADS) console.log(row(platform, workload, cells));
}

function row(platform, workload, cells) {
  const [ours, bare] = ['ours', 'bare'].map((kind) =>
    cells.find((cell) => cell.platform === platform && cell.kind === kind && cell.workload === workload),
  );
  const columns = ['rate', 'cpu'].flatMap((key) => {
    const [our, their] = [ours, bare].map((cell) => median(cell?.results.map((result) => result[key]) ?? []));
    return [format(our, 0), format(their, 0), format(our / their, 2)];
  });
  return `| ${[workload.title, platform, ...columns].join(' | ')} |`;
}

function format(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

/** Not a number for no values. */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function readOptions() {
  const option = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: { rounds: option('3'), seconds: option('4'), 'warm-up': option('2') },
  });
  const number = (name, limit) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1 && value <= limit) return value;
    throw new Error(`--${name} is a whole number from 1 to ${limit}`);
  };
  return { rounds: number('rounds', 20), seconds: number('seconds', 30), warmUp: number('warm-up', 30) };
}
