import type { Fuzzed } from './fixture.js';
import { assertQuiet, within } from './quiet.js';
import { assert, messagesOf } from './rules.js';
import type { Step } from './session-commands.js';
import { deletion } from './session-requests.js';
import { SessionSteps } from './session-steps.js';
import type { Tally } from './tally.js';
import { World, type Session } from './world.js';

/** Carries out the steps of one run against a server, and checks in the end what became of everything. */
export class SessionRun {
  readonly #world: World;
  readonly #steps: SessionSteps;

  constructor(
    private readonly server: Fuzzed,
    tally: Tally,
  ) {
    this.#world = new World(server, tally);
    this.#steps = new SessionSteps(server, this.#world);
    server.log.clear();
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const { command, waits } of steps) {
      const begun = (await this.#steps.do(command)) ?? [];
      if (waits) {
        for (const exchange of [begun].flat()) {
          await within(exchange.begun, () => `an answer to ${JSON.stringify(command)}`);
        }
      }
      if (this.#world.failure) break;
    }
    await this.#end();
  }

  async #end(): Promise<void> {
    const world = this.#world;
    for (const session of world.sessions) {
      const wasEnded = session.isEnded;
      // Calls that need no client get their time; those that ask or listen end with the session.
      if (!wasEnded) await this.#settle(session);
      this.#steps.endOf(session);
      const exchange = await within(
        world.send(deletion(session, session.user), session.user, session).over,
        () => 'DELETE',
      );
      assert(exchange.status === (wasEnded ? 404 : 204) || wasEnded, `DELETE is answered ${exchange.status}`);
    }
    for (const state of world.states)
      await within(this.#steps.goOn(state, 'owner', 'decline').over, () => 'the last round');
    for (const { request, isOver, connection } of world.exchanges) {
      const isStream = request.method === 'GET' || String(request.body).includes('subscriptions/listen');
      if (isStream && !isOver)
        world.cut(world.exchanges.find((each) => each.connection === connection && !each.isOver)!);
    }
    for (const exchange of world.exchanges) {
      await within(
        exchange.over,
        () => `the end of ${JSON.stringify(exchange.request)}\nAfter: ${exchange.text}`,
      );
    }
    world.close();
    if (world.failure) throw world.failure;
    this.#checkCalls();
    await assertQuiet(this.server);
  }

  /** Waits for the answers that must come. */
  async #settle(session: Session): Promise<void> {
    for (const { exchange, tool, isDisturbed, session: own, mark } of this.#world.calls) {
      if (own !== session || tool === 'ask' || isDisturbed) continue;
      await within(
        exchange.over,
        () => `the answer to ${tool} ${mark}\nAfter: ${exchange.head}\n${exchange.text}`,
      );
    }
  }

  #checkCalls(): void {
    const { runs, strangers } = this.server.log;
    assert(strangers.length === 0, strangers.join());
    for (const mark of this.#world.forbidden)
      assert(!runs.has(mark), `the handler of ${mark} ran for a stranger`);
    for (const { mark, tool, id, exchange, isDisturbed } of this.#world.calls) {
      assert((runs.get(mark) ?? 0) <= 1, `the handler of ${mark} ran ${runs.get(mark)} times`);
      if (isDisturbed || exchange.hasLeft) continue;
      const answers = messagesOf(exchange).filter((message) => !('method' in message));
      const isRefused = exchange.status === 429;
      if (answers.length === 1 && (isRefused || answers[0].id === id)) continue;
      throw new Error(`${tool} ${mark} got ${answers.length} answers\n${exchange.head}\n\n${exchange.text}`);
    }
  }
}
