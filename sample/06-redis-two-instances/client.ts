/**
 * View of clients of instances that come and go. Needs the sample to run: `npm start 06-redis-two-instances`, then in
 * another terminal `npm start 06-redis-two-instances client`. `MCP_URL` names another address than the usual one.
 */
import { Platform } from './client/platform.js';
import { callsAreParked } from './client/parked-calls.js';
import { instanceDiesWhileAsking } from './client/question.js';
import { deploymentRolls } from './client/rolling-deploy.js';
import { sessionMoves } from './client/session.js';
import { streamMoves } from './client/stream.js';

const platform = new Platform(new URL(process.env['MCP_URL'] ?? 'http://127.0.0.1:3000/mcp'));

for (const step of [sessionMoves, streamMoves, instanceDiesWhileAsking, callsAreParked, deploymentRolls]) {
  await platform.settled();
  await step(platform);
}
