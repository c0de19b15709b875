/** The connections of one client: knows which instance answered last and which one carries a call, and can cut it. */
export class Line {
  /** The instance of the newest answer. */
  answeredBy = 0;
  /** The instance that carries the answer to the newest call. */
  carriedBy = 0;
  /** How often a connection was made that carries the answer to a call. */
  connections = 0;
  /** The newest event of that answer. */
  lastEventId = '';
  #carrier = new AbortController();

  readonly fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const isOfCall = this.#isOfCall(init);
    if (isOfCall) this.#carrier = new AbortController();
    const signals = [init.signal, isOfCall && this.#carrier.signal];
    const signal = AbortSignal.any(signals.filter((each) => each instanceof AbortSignal));
    const response = await fetch(url, { ...init, signal });
    this.answeredBy = Number(response.headers.get('x-instance'));
    if (isOfCall && response.ok) {
      this.carriedBy = this.answeredBy;
      this.connections++;
    }
    return response;
  };

  /** Breaks the connection that carries a call, as a train that enters a tunnel does. */
  cut(): void {
    this.#carrier.abort();
  }

  /** True if a request begins a call, or goes on with its stream. */
  #isOfCall({ method, headers, body }: RequestInit): boolean {
    if (method === 'POST') return typeof body === 'string' && body.includes('"tools/call"');
    return this.lastEventId !== '' && new Headers(headers).get('last-event-id') === this.lastEventId;
  }
}
