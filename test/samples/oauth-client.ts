import type { OAuthClientProvider } from '@modelcontextprotocol/client';

type Saved = Awaited<ReturnType<OAuthClientProvider['tokens']>>;
type Discovered = Parameters<NonNullable<OAuthClientProvider['saveDiscoveryState']>>[0];
type Information = Awaited<ReturnType<OAuthClientProvider['clientInformation']>>;

/** Keeps what the official client is given, in memory, and is the browser and the user as well. */
export class OAuthUser implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:9/callback';
  /** The addresses to which the client sent its user. */
  readonly asked: URL[] = [];
  /** Parameters that the user came back with. */
  callback: URLSearchParams | undefined;
  saved: Saved;
  #information: Information;
  #discovered: Discovered | undefined;
  #verifier = '';
  #state = '';
  readonly #cookies = new Map<string, string>();

  constructor(readonly name: string) {}

  readonly clientMetadata = {
    client_name: 'Test client',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  };

  state(): string {
    return (this.#state = crypto.randomUUID());
  }
  clientInformation(): Information {
    return this.#information;
  }
  saveClientInformation(information: Information): void {
    this.#information = information;
  }
  tokens(): Saved {
    return this.saved;
  }
  saveTokens(tokens: Saved): void {
    this.saved = tokens;
  }
  saveDiscoveryState(state: Discovered): void {
    this.#discovered = state;
  }
  discoveryState(): Discovered | undefined {
    return this.#discovered;
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }

  /** Signs in and agrees, as people do in a browser, until the page would be the client's own. */
  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked.push(url);
    let page = await this.#visit(url);
    for (let step = 0; step < 10; step++) {
      if (page instanceof URL) {
        if (page.searchParams.get('state') !== this.#state)
          throw new Error('The state is not the one that was sent');
        this.callback = page.searchParams;
        return;
      }
      page = await this.#submit(page);
    }
    throw new Error('The authorization server does not come to an end');
  }

  #submit({ url, text }: { url: URL; text: string }): Promise<URL | { url: URL; text: string }> {
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1];
    if (action === undefined || prompt === undefined) throw new Error(`No form to fill in: ${text}`);
    const fields = prompt === 'login' ? { prompt, login: this.name, password: 'any' } : { prompt };
    return this.#visit(new URL(action, url), new URLSearchParams(fields));
  }

  async #visit(url: URL, form?: URLSearchParams): Promise<URL | { url: URL; text: string }> {
    if (url.href.startsWith(this.redirectUrl)) return url;
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      headers: { cookie },
      redirect: 'manual',
      ...(form && { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const location = response.headers.get('location');
    return location === null ? { url, text: await response.text() } : this.#visit(new URL(location, url));
  }
}
