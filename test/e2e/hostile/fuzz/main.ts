/** `npm run fuzz -- --requests N --seed S --platform fastify|express`: hostile requests, as many as you like. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { fuzz } from './campaign.js';
import type { Tally } from './tally.js';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    platform: { type: 'string', default: 'fastify' },
  },
});
const { seed, platform } = values;

let shown = Date.now();
const show = (tally: Tally) => console.log(`${tally.requests} requests, ${tally.perSecond}/s`);

console.log(`seed ${seed}, ${platform}`);
try {
  const tally = await fuzz({
    requests: Number(values.requests),
    seed: Number(seed),
    platform: platform === 'express' ? 'express' : 'fastify',
    onProgress(now) {
      if (Date.now() - shown < 10_000) return;
      shown = Date.now();
      show(now);
    },
  });
  show(tally);
  console.log(`answers by status: ${tally.statuses}`);
  if (tally.logged > 0) throw new Error(`The library logged ${tally.logged} failures`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
