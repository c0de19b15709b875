import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createPoster, legacy } from '../support/http.js';
import { freePort } from '../support/redis.js';
import { OAuthUser } from './oauth-client.js';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

let sample: RunningProgram;
beforeAll(async () => {
  sample = await startSample('08-oauth-resource-server', { PORT: String(await freePort()), AUTH_PORT: '0' });
}, START_TIMEOUT_MS);
afterAll(() => sample?.stop());

type Mode = 'legacy' | 'auto';

/** Connects, going through the browser when the server asks for it, and calls; more scopes are asked for on the way. */
class Session {
  #client: Client | undefined;

  constructor(
    readonly user: OAuthUser,
    readonly mode: Mode,
  ) {}

  async call(name: string, args: Record<string, unknown> = {}): Promise<any> {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const client = (this.#client ??= await this.#connect());
        return await client.callTool({ name, arguments: args });
      } catch (error) {
        if (!UnauthorizedError.isInstance(error)) throw error;
        await this.#finish();
      }
    }
    throw new Error('The server is never content');
  }

  close(): Promise<void> {
    return this.#client?.close() ?? Promise.resolve();
  }

  async tools(): Promise<string[]> {
    const client = (this.#client ??= await this.#connect());
    return (await client.listTools()).tools.map(({ name }) => name);
  }

  async #connect(): Promise<Client> {
    const client = new Client(
      { name: 'test', version: '1.0.0' },
      { versionNegotiation: { mode: this.mode } },
    );
    await client.connect(this.#transport());
    return client;
  }

  async #finish(): Promise<void> {
    const { callback } = this.user;
    if (!callback) throw new Error('The user was not asked');
    await this.#transport().finishAuth(callback);
    this.user.callback = undefined;
    await this.close();
    this.#client = undefined;
  }

  #transport(): StreamableHTTPClientTransport {
    return new StreamableHTTPClientTransport(new URL(sample.url), { authProvider: this.user });
  }
}

const textOf = (result: any) => result.content[0].text as string;

describe.each<Mode>(['legacy', 'auto'])(
  'sample 08-oauth-resource-server, with the official client (%s)',
  (mode) => {
    it('signs in where the server says, asks for more when it needs more, and renews what has run out', async () => {
      const user = new OAuthUser(`ada-${mode}`);
      const session = new Session(user, mode);

      // Every caller may begin and use what is public; no user was asked to sign in.
      expect(await session.tools()).toEqual(['about']);
      expect(textOf(await session.call('about'))).toContain('Signing in is needed');
      expect(user.asked).toEqual([]);

      // 401: metadata, registration, PKCE and resource are the client's doing.
      expect((await session.call('list_notes')).structuredContent).toEqual({ notes: [] });
      expect(user.asked).toHaveLength(1);
      const [first] = user.asked as [URL];
      expect(Object.fromEntries(first.searchParams)).toMatchObject({
        resource: sample.url,
        code_challenge_method: 'S256',
        scope: 'notes:read offline_access',
      });
      expect(decodeJwt(user.saved!.access_token)).toMatchObject({
        iss: first.origin,
        aud: sample.url,
        sub: user.name,
        scope: 'notes:read',
      });

      // 403: the same user is asked for one scope more.
      expect(textOf(await session.call('add_note', { text: 'Buy milk' }))).toBe('Note 1 is written');
      expect(user.asked).toHaveLength(2);
      expect(user.asked[1]?.searchParams.get('scope')?.split(' ')).toEqual(
        expect.arrayContaining(['notes:read', 'notes:write']),
      );
      expect((await session.call('list_notes')).structuredContent).toEqual({ notes: ['Buy milk'] });

      // An expired token is renewed without asking the user.
      const before = user.saved!;
      user.saved = { ...before, access_token: `${before.access_token.slice(0, -6)}AAAAAA` };
      expect((await session.call('list_notes')).structuredContent).toEqual({ notes: ['Buy milk'] });
      expect(user.asked).toHaveLength(2);
      expect(user.saved.refresh_token).not.toBe(before.refresh_token);
      await session.close();
    });

    it('keeps the notes of each user to themselves', async () => {
      const bob = new Session(new OAuthUser(`bob-${mode}`), mode);
      expect((await bob.call('list_notes')).structuredContent).toEqual({ notes: [] });
      await bob.close();
    });

    it('lets a user write five notes a minute, and says when to go on', async () => {
      const eve = new Session(new OAuthUser(`eve-${mode}`), mode);
      for (let count = 1; count <= 5; count++) {
        expect(textOf(await eve.call('add_note', { text: 'again' }))).toBe(`Note ${count} is written`);
      }
      const token = eve.user.saved!.access_token;
      const answer = await createPoster(sample.url)(
        legacy('tools/call', { name: 'add_note', arguments: { text: 'once more' } }),
        { authorization: `Bearer ${token}` },
      );
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      await eve.close();
    });
  },
);
