import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { askIn, ERAS } from '../../support/ask.js';
import { createPoster, legacy } from '../../support/http.js';
import { startProgram, type RunningProgram } from '../../samples/support.js';
import { ALICE, headersOf } from './cast.js';
import { RESOURCE } from './fixture.js';
import { TestIssuer } from './issuer.js';

const BOB = { ...ALICE, sub: 'bob' };
const PROGRAM = ['--import', './test/multi-instance/typescript.mjs', 'test/e2e/auth/throttled.program.ts'];

let issuer: TestIssuer;
let program: RunningProgram;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());
afterEach(async () => {
  await program.stop();
});

const start = async (env: Record<string, string>) => {
  program = await startProgram(PROGRAM, { ISSUER: issuer.url, AUDIENCE: RESOURCE, ...env });
  return { post: createPoster(program.url) };
};
const initialize = () =>
  legacy('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  });

describe.each(PLATFORMS)('the guard of @nestjs/throttler on %s', (platform) => {
  it.each(ERAS)('limits calls of a tool per caller and tool, for a %s client', async (era) => {
    const app = await start({ PLATFORM: platform });
    const call = async (name: string, grant = ALICE) =>
      askIn(app, era)('tools/call', { name }, await headersOf(issuer, grant));
    for (const run of [1, 2]) expect((await call('dear')).json.result.content[0].text).toBe(`run ${run}`);

    const refused = await call('dear');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.json.error).toEqual({ code: 429, message: 'ThrottlerException: Too Many Requests' });
    expect((await call('dear', { ...ALICE, scope: 'new' })).status).toBe(429);

    expect((await call('other')).status).toBe(200);
    expect((await call('dear', BOB)).json.result.content[0].text).toBe('run 3');
    const late = [await call('late'), await call('later'), await call('late')];
    expect(late.map(({ status }) => status)).toEqual([200, 200, 429]);
  });

  it.each(ERAS)('says so in the result where a stream has begun, for a %s client', async (era) => {
    const app = await start({ PLATFORM: platform });
    const call = async () => {
      const headers = { ...(await headersOf(issuer, ALICE)), accept: 'text/event-stream' };
      return askIn(app, era)('tools/call', { name: 'dear' }, headers);
    };
    for (const run of [1, 2]) expect((await call()).json.result.content[0].text).toBe(`run ${run}`);
    const { status, json } = await call();
    expect(status).toBe(200);
    expect(json.result).toMatchObject({
      isError: true,
      content: [{ text: 'ThrottlerException: Too Many Requests' }],
    });
  });

  it('limits the endpoint, before any of it is looked at', async () => {
    const { post } = await start({ PLATFORM: platform, LIMITED: 'endpoint' });
    const [alice, bob] = await Promise.all([headersOf(issuer, ALICE), headersOf(issuer, BOB)]);
    for (let count = 0; count < 3; count++) expect((await post(initialize(), alice)).status).toBe(200);
    const refused = await post(initialize(), alice);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post(initialize(), bob)).status).toBe(200);
  });

  it('limits calls of a session as well', async () => {
    const { post } = await start({ PLATFORM: platform, SESSIONS: '1' });
    const headers = await headersOf(issuer, ALICE);
    const begun = await post(initialize(), headers);
    const session = { ...headers, 'mcp-session-id': String(begun.headers.get('mcp-session-id')) };
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) {
      statuses.push((await post(legacy('tools/call', { name: 'dear' }), session)).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});
