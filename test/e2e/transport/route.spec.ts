import {
  Body,
  Controller,
  Post,
  RequestMethod,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { McpModuleOptions } from 'nestjs-mcp-adapters';
import { PLATFORMS, type AppOptions } from '../../support/app.js';
import { legacy, modern, send } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

@Controller('upload')
class UploadController {
  @Post()
  upload(@Body() body: { text: string }) {
    return { length: body.text.length };
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };
const MIB = 1024 * 1024;

describe.each(PLATFORMS)('the route on %s', (platform) => {
  let app: TransportApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function start(
    configure: (app: INestApplication) => void,
    mcp: McpModuleOptions = {},
    options: Omit<AppOptions, 'platform' | 'configure'> = {},
  ) {
    app = await startTransport(platform, mcp, { ...options, configure, controllers: [UploadController] });
    return app;
  }

  const echo = (text: string) => legacy('tools/call', { name: 'echo', arguments: { text } }, 1);

  /** The endpoint and its rules for bodies are at this path, and the rest of the application keeps its own. */
  async function expectServed({ origin }: TransportApp, path: string, uploads = '/upload') {
    const post = (to: string, body: string) => send(origin + to, { headers: JSON_TYPE, body });
    const answer = await post(path, JSON.stringify(modern('tools/list')[0]));
    expect(answer.status).toBe(400);
    expect(
      (await post(path, JSON.stringify(echo('x'.repeat(3 * MIB))))).json.result.content[0].text,
    ).toHaveLength(3 * MIB + '{"text":""}'.length);
    expect((await post(path, '{')).json).toMatchObject({ id: null, error: { code: -32700 } });
    expect((await post(path, JSON.stringify(echo('x'.repeat(4 * MIB))))).status).toBe(413);

    const small = await post(uploads, JSON.stringify({ text: 'x'.repeat(1000) }));
    expect([small.status, small.json]).toEqual([201, { length: 1000 }]);
    expect((await post(uploads, JSON.stringify({ text: 'x'.repeat(2 * MIB) }))).status).toBe(413);
    const broken = await post(uploads, '{');
    expect([broken.status, broken.json.statusCode]).toEqual([400, 400]);
  }

  async function expectMissing({ origin }: TransportApp, path: string) {
    const answer = await send(origin + path, { headers: JSON_TYPE, body: JSON.stringify(legacy('ping')) });
    expect(answer.status).toBe(404);
    expect(answer.json?.jsonrpc).toBeUndefined();
  }

  it('is /mcp unless told otherwise', async () => {
    const started = await start(() => {});
    await expectServed(started, '/mcp');
    await expectServed(started, '/mcp?token=1');
    await expectMissing(started, '/');
    await expectMissing(started, '/mcp/more');
  });

  it('is where the module is told', async () => {
    const started = await start(() => {}, { path: '/servers/weather' });
    await expectServed(started, '/servers/weather');
    await expectMissing(started, '/mcp');
  });

  it('has the global prefix', async () => {
    const started = await start((nest) => nest.setGlobalPrefix('api/v2'));
    await expectServed(started, '/api/v2/mcp', '/api/v2/upload');
    await expectMissing(started, '/mcp');
  });

  it('can be excluded from the global prefix', async () => {
    const exclude = [{ path: 'mcp', method: RequestMethod.ALL }];
    const started = await start((nest) => nest.setGlobalPrefix('api', { exclude }));
    await expectServed(started, '/mcp', '/api/upload');
    await expectMissing(started, '/api/mcp');
  });

  it('has the default version', async () => {
    const started = await start((nest) =>
      nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '3' }),
    );
    await expectServed(started, '/v3/mcp', '/v3/upload');
    await expectMissing(started, '/mcp');
  });

  it('has every default version, and none where it is neutral', async () => {
    const versioning = { type: VersioningType.URI, defaultVersion: ['1', VERSION_NEUTRAL] } as const;
    const started = await start((nest) => {
      nest.setGlobalPrefix('api');
      nest.enableVersioning({ ...versioning, defaultVersion: [...versioning.defaultVersion] });
    });
    await expectServed(started, '/api/v1/mcp', '/api/v1/upload');
    await expectServed(started, '/api/mcp', '/api/upload');
  });

  it('is there without a version of its own when versioning has no default', async () => {
    const started = await start((nest) => nest.enableVersioning({ type: VersioningType.URI }));
    await expectServed(started, '/mcp');
  });

  it('is there under versioning by header and media type', async () => {
    for (const versioning of [
      { type: VersioningType.HEADER, header: 'x-version', defaultVersion: VERSION_NEUTRAL },
      { type: VersioningType.MEDIA_TYPE, key: 'v=', defaultVersion: VERSION_NEUTRAL },
    ] as const) {
      const started = await start((nest) => nest.enableVersioning(versioning));
      await expectServed(started, '/mcp');
      await started.close();
    }
  });

  it('keeps its own limit where the application reads no bodies', async () => {
    const started = await start(() => {}, { limits: { bodyBytes: 2000 } }, { nest: { bodyParser: false } });
    expect((await started.post(echo('x'.repeat(1000)))).status).toBe(200);
    expect((await started.post(echo('x'.repeat(2000)))).status).toBe(413);
  });
});
