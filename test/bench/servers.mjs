/** The servers that are measured, by the names that the workloads use. */
import { join } from 'node:path';

const here = import.meta.dirname;
const own = join(here, '../../dist/test/bench/server/main.js');

/**
 * `accept` replaces the header that the specification demands of clients, which names JSON and streams. `json` makes a
 * peer answer with JSON in place of a stream.
 */
export const SERVERS = {
  fastify: { title: 'Fastify', file: own, args: ['--platform', 'fastify'] },
  'fastify-direct': {
    title: 'Fastify, direct',
    file: own,
    args: ['--platform', 'fastify', '--mount', 'direct'],
  },
  express: { title: 'Express', file: own, args: ['--platform', 'express'] },
  'express-direct': {
    title: 'Express, direct',
    file: own,
    args: ['--platform', 'express', '--mount', 'direct'],
  },
  memory: { title: 'Fastify, memory', file: own, args: ['--platform', 'fastify', '--sessions', 'memory'] },
  'bare-fastify': { title: 'bare Fastify', file: own, args: ['--platform', 'fastify'], isBare: true },
  'bare-express': { title: 'bare Express', file: own, args: ['--platform', 'express'], isBare: true },
  'bare-node': { title: 'bare node:http', file: join(here, 'bare-node.mjs'), args: [], isBare: true },
  'mcp-lite': { title: 'mcp-lite, Hono', file: join(here, 'peers/mcp-lite.mjs'), args: [] },
  'mcp-lite-json': {
    title: 'mcp-lite, asked for JSON only',
    file: join(here, 'peers/mcp-lite.mjs'),
    args: [],
    accept: 'application/json',
  },
  'sdk-v1': { title: 'SDK v1, Express', file: join(here, 'peers/sdk-v1.mjs'), args: [], json: ['--json'] },
  'sdk-v2': { title: 'SDK v2, node:http', file: join(here, 'peers/sdk-v2.mjs'), args: [] },
  'nest-express': {
    title: 'mcp-nest, Express',
    file: join(here, 'peers/mcp-nest.mjs'),
    args: ['--platform', 'express'],
    json: ['--json'],
  },
  'nest-fastify': {
    title: 'mcp-nest, Fastify',
    file: join(here, 'peers/mcp-nest.mjs'),
    args: ['--platform', 'fastify'],
    json: ['--json'],
  },
};

export const OWN = ['fastify', 'fastify-direct', 'express', 'express-direct'];
export const BARE = ['bare-fastify', 'bare-express', 'bare-node'];
export const PEERS = ['mcp-lite', 'mcp-lite-json', 'sdk-v1', 'sdk-v2', 'nest-express', 'nest-fastify'];
