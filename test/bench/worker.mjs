/**
 * Cost of a server in workerd (`npm run bench:worker`): its size, its start, and a call beside the same answer of a bare
 * worker and of a bare object, in the same runtime. CPU time is that of the runtime, in steps of 10 ms; medians of rounds
 * that take turns.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { Miniflare } from 'miniflare';
import { buildSamples } from '../../sample/build.mjs';
import { bundle } from '../workers/bundle.mjs';
import { median } from './report/median.mjs';

const CALLS = 100;
const ROUNDS = 7;
const STARTS = 5;
const TICKS_PER_SECOND = 100;

const BARE = `
const answer = async (request) => {
  const { id } = await request.json();
  return Response.json({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'bare' }] } });
};
export class Bare {
  fetch(request) {
    return answer(request);
  }
}
export default {
  fetch(request, { BARE }) {
    const { pathname } = new URL(request.url);
    return pathname === '/worker' ? answer(request) : BARE.get(BARE.idFromName('one')).fetch(request);
  },
};`;
const ROUTER = `
export default {
  fetch(request, { bare, ours }) {
    return (new URL(request.url).pathname === '/mcp' ? ours : bare).fetch(request);
  },
};`;

const folder = join(import.meta.dirname, '../workers');

await buildSamples();
const { bundleWorker } = await import('../../dist/sample/13-cloudflare-worker/bundle.js');
const { contents } = await bundleWorker();
const ours = (await bundle(join(folder, 'instance.worker.ts'), { minify: true, keepNames: true })).code;
const store = (await bundle(join(folder, 'store.worker.ts'))).code;

const starts = [];
for (let start = 0; start < STARTS; start += 1) {
  const runtime = await run();
  starts.push(await startOf(runtime));
  await runtime.miniflare.dispose();
}

const runtime = await run();
const objects = [];
for (let number = 0; number < STARTS * 2; number += 1) {
  objects.push(await startOf(runtime, { 'x-instance': `object ${number}` }));
}
const session = await open(runtime);
const rows = {
  'a bare worker': WORKER,
  'a bare object': OBJECT,
  'a call': OURS,
  'a call in a session': IN_SESSION,
};
const measured = Object.fromEntries(Object.keys(rows).map((name) => [name, []]));
for (const make of Object.values(rows)) await round(make);
for (let number = 0; number < ROUNDS; number += 1) {
  for (const [name, make] of Object.entries(rows)) measured[name].push(await round(make));
}
await runtime.miniflare.dispose();

const of = (name, what) => median(measured[name].map((each) => each[what]));
const line = (text, figure) => console.log(`${text.padEnd(48)} ${figure}`);
line('bundle, minified and compressed', `${(gzipSync(contents).length / 1000).toFixed(0)} kB`);
for (const [name, all] of Object.entries({
  'start in a new runtime': starts,
  'start of one more object': objects,
})) {
  line(`${name}: until the first answer`, `${median(all.map(({ latency }) => latency)).toFixed(0)} ms`);
  line(`${name}: CPU time of the runtime`, `${median(all.map(({ cpu }) => cpu)).toFixed(0)} ms`);
}
for (const name of Object.keys(rows)) {
  line(`${name}: until it is answered`, `${of(name, 'latency').toFixed(2)} ms`);
  line(`${name}: CPU time of the runtime`, `${of(name, 'cpu').toFixed(2)} ms`);
}

function WORKER() {
  return {
    path: '/worker',
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'where' } },
  };
}

function OBJECT() {
  return { ...WORKER(), path: '/object' };
}

function OURS(more = {}) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const headers = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'where',
    ...more,
  };
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'where', arguments: {}, _meta },
  };
  return { path: '/mcp', headers, body };
}

function IN_SESSION() {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'where', arguments: {} } };
  return { path: '/mcp', headers: { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }, body };
}

async function run() {
  const worker = (name, text, options = {}) => ({
    name,
    modules: [{ type: 'ESModule', path: 'worker.js', contents: text }],
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    ...options,
  });
  const own = (className) => ({ className, useSQLite: true });
  const before = children();
  const miniflare = new Miniflare({
    cf: false,
    host: '127.0.0.1',
    port: 0,
    workers: [
      worker('router', ROUTER, { serviceBindings: { bare: 'bare', ours: 'ours' } }),
      worker('bare', BARE, { durableObjects: { BARE: own('Bare') } }),
      worker('ours', ours, {
        durableObjects: {
          APPLICATION: own('Application'),
          STORE: { ...own('McpStoreObject'), scriptName: 'store' },
        },
        bindings: { NAME: 'bench' },
      }),
      worker('store', store, { durableObjects: { STORE: own('McpStoreObject') } }),
    ],
  });
  const { origin } = await miniflare.ready;
  return { miniflare, origin, pids: children().filter((pid) => !before.includes(pid)) };
}

async function ask({ origin }, { path, headers, body }) {
  const response = await fetch(origin + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return response;
}

async function timeOf(at, request) {
  const begun = performance.now();
  await ask(at, request);
  return performance.now() - begun;
}

/** The first call, and what it takes beyond the next. */
async function startOf(at, headers) {
  const [first, next] = [await callOf(at, OURS(headers)), await callOf(at, OURS(headers))];
  return { latency: first.latency - next.latency, cpu: first.cpu - next.cpu };
}

async function callOf(at, request) {
  const before = cpuSeconds(at.pids);
  const latency = await timeOf(at, request);
  return { latency, cpu: (cpuSeconds(at.pids) - before) * 1000 };
}

async function open(at) {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  };
  const opened = await ask(at, {
    path: '/mcp',
    body: { jsonrpc: '2.0', id: 1, method: 'initialize', params },
  });
  return opened.headers.get('mcp-session-id');
}

async function round(make) {
  const before = cpuSeconds(runtime.pids);
  const latencies = [];
  for (let call = 0; call < CALLS; call += 1) latencies.push(await timeOf(runtime, make()));
  return {
    latency: median(latencies),
    cpu: ((cpuSeconds(runtime.pids) - before) / CALLS) * 1000,
  };
}

/** Processes that this one has started. */
function children() {
  const own = String(process.pid);
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && statOf(pid)[1] === own;
    } catch {
      return false;
    }
  });
}

function cpuSeconds(pids) {
  const ticks = pids.flatMap((pid) => statOf(pid).slice(11, 13).map(Number));
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}

/** The fields of `/proc/<pid>/stat` behind the name, which may contain spaces. */
function statOf(pid) {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
}
