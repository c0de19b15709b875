import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJob, runLoad, startServer } from './processes.mjs';
import { median } from './report/median.mjs';
import { SERVERS } from './servers.mjs';

/** Starts the servers of a workload and has each of them under load in every round. */
export async function measureCells(workload, { rounds, seconds, warmUp, servers }, env) {
  const cells = await startCells(workload, servers, env);
  for (const cell of cells) await runLoad(cell, { seconds: warmUp });
  for (let round = 1; round <= rounds; round += 1) {
    for (const cell of cells) cell.results.push(await runLoad(cell, { seconds }));
  }
  return { cells: Object.fromEntries(cells.map(({ id, results }) => [id, summarise(results)])) };
}

/** Starts every server anew in every round, and measures its first calls: the code is not compiled yet. */
export async function measureCold(workload, { rounds, servers }, env) {
  const results = {};
  for (let round = 1; round <= rounds; round += 1) {
    const cells = await startCells(workload, servers, env);
    for (const cell of cells) {
      (results[cell.id] ??= []).push(await runLoad(cell, { amount: workload.calls }));
      await cell.stop();
    }
  }
  return { cells: mapValues(results, summarise) };
}

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

/** Servers of a workload. Bare ones come last, since they give the answer of ours. */
async function startCells(workload, servers, env) {
  const wanted = Object.keys(workload.servers).filter((id) => servers?.includes(id) ?? true);
  const cells = [];
  for (const id of wanted.filter((name) => !SERVERS[name].isBare)) {
    cells.push(await prepare(workload, id, env));
  }
  const example = cells.find(({ id }) => id === 'fastify') ?? cells[0];
  for (const id of wanted.filter((name) => SERVERS[name].isBare)) {
    cells.push(await prepareBare(workload, id, example));
  }
  return cells;
}

async function prepare(workload, id, env) {
  const server = SERVERS[id];
  const json = workload.json ? (server.json ?? []) : [];
  const args = [...server.args, ...workload.servers[id], ...json];
  const { pid, url, stop } = await startServer({ ...server, args }, { env });
  const headers = await workload.connect(url, server);
  return workload.script
    ? prepareTalk(workload, { id, pid, url, stop, headers })
    : prepareRequest(workload, { id, pid, url, stop, headers });
}

/** Asks once and checks the answer; every answer under load has to be the same. */
async function prepareRequest({ method = 'POST', body, check, isSimilar }, { id, pid, url, stop, headers }) {
  const response = await fetch(url, { method, headers: headers[0], ...(body !== undefined && { body }) });
  const answer = await response.text();
  if (response.status !== 200 || !check(answer)) {
    throw new Error(`${id}: ${response.status} ${answer.slice(0, 1000)}`);
  }
  const job = { script: 'load.mjs', url, method, body, headers, expected: answer, isSimilar };
  return { id, pid, stop, job, answer, results: [] };
}

/** One conversation of each client, which checks its own end. */
async function prepareTalk({ script, kind }, { id, pid, url, stop, headers }) {
  const job = { script, url, kind, headers };
  const { problem } = await runJob(script, { ...job, amount: 1 });
  if (problem) throw new Error(`${id}: ${problem}`);
  return { id, pid, stop, job, results: [] };
}

/** A bare server gives the answer of ours. */
async function prepareBare(workload, id, example) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const path = join(folder, 'answers.json');
  writeFileSync(path, JSON.stringify({ [workload.name]: JSON.parse(example.answer) }));
  try {
    const { pid, url, stop } = await startServer(SERVERS[id], { env: { BENCH_ANSWERS: path } });
    const at = { id, pid, stop, url: new URL(workload.name, url).href, headers: example.job.headers };
    const cell = await prepareRequest(workload, at);
    if (cell.answer !== example.answer) throw new Error(`${id}: not the bytes of our server`);
    return cell;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function summarise(results) {
  const of = (key) => results.map((result) => result[key]);
  return { rate: median(of('rate')), cpu: median(of('cpu')), rates: of('rate'), cpus: of('cpu') };
}
