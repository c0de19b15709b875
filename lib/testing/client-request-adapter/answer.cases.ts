import assert from 'node:assert/strict';
import type { RequestId } from '../../protocol/json-rpc.js';
import { moment } from '../bounded-case.js';
import { JSON_VALUES } from '../json.js';
import { assertNobodyWaits, requestCase, type Question, type Session } from './support.js';

const ANSWER = { action: 'accept', content: { city: 'Zürich', days: [1, 2], extra: null } };

export const answerCases = [
  requestCase('delivers an answer, on whichever instance it arrives', async ({ first, second, ask }) => {
    let n = 0;
    for (const asking of [first, second]) {
      for (const answering of [first, second]) {
        const question = await ask(asking, 'session', ++n);
        assert.equal(await answering.resolvePending('session', n, ANSWER), true, 'somebody was waiting');
        await question.assertAnswered(ANSWER);
      }
    }
  }),

  requestCase('rejects with the given reason, on whichever instance', async ({ first, second, ask }) => {
    let n = 0;
    for (const asking of [first, second]) {
      for (const rejecting of [first, second]) {
        const reason = { code: -1, message: 'The user said no', data: { n: ++n } };
        const question = await ask(asking, 'session', n);
        assert.equal(await rejecting.rejectPending('session', n, reason), true, 'somebody was waiting');
        await question.assertRejected(reason);
      }
    }
  }),

  requestCase('rejects, and does not answer, whatever the reason is', async ({ first, second, ask }) => {
    const reasons = [
      new Error('The session ended'),
      new TypeError('No'),
      'a text',
      null,
      undefined,
      0,
      false,
    ];
    for (const [n, reason] of reasons.entries()) {
      const question = await ask(first, 'session', n);
      assert.equal(await second.rejectPending('session', n, reason), true);
      assert.ok('reason' in (await question.outcome()), 'the question is rejected');
    }
  }),

  requestCase('delivers every JSON value as it was given', async ({ first, second, ask }) => {
    const values = [...JSON_VALUES, { text: '日本語 '.repeat(20_000) }];
    for (const [n, value] of values.entries()) {
      const question = await ask(first, 'session', n);
      assert.equal(await second.resolvePending('session', n, value), true);
      await question.assertAnswered(value);
    }
  }),

  requestCase('delivers an answer that comes at once', async ({ first, second, ask }) => {
    for (let n = 0; n < 20; n++) {
      // Nothing happens between the moment when the question may be sent and the answer.
      const question = await ask(n % 2 === 0 ? first : second, 'session', n);
      assert.equal(await first.resolvePending('session', n, { n }), true, 'somebody was waiting already');
      await question.assertAnswered({ n });
    }
  }),

  requestCase('keeps many questions apart', async ({ first, second, ask }) => {
    const questions = await Promise.all(
      Array.from({ length: 30 }, (_, n) => ask(n % 2 ? first : second, `session-${n % 3}`, n)),
    );
    await Promise.all(
      questions.map((_, n) => (n % 4 < 2 ? first : second).resolvePending(`session-${n % 3}`, n, { n })),
    );
    for (const [n, question] of questions.entries()) await question.assertAnswered({ n });
  }),

  requestCase('takes an answer nobody waits for as such', async (instances) => {
    const { first, ask } = instances;
    await assertNobodyWaits(instances, 'session', 1);
    await assertNobodyWaits(instances, undefined, 1);
    await assertNobodyWaits(instances, '__proto__', 'constructor');
    const question = await ask(first, 'session', 1);
    await assertNobodyWaits(instances, 'session', 2);
    assert.equal(question.isWaiting, true);
  }),

  requestCase('lets exactly one of several answers win, one after the other', async (instances) => {
    const { first, second, ask } = instances;
    const question = await ask(first, 'session', 1);
    assert.equal(await second.resolvePending('session', 1, 'the first'), true);
    await assertNobodyWaits(instances, 'session', 1);
    await question.assertAnswered('the first');
    await assertNobodyWaits(instances, 'session', 1);

    const rejected = await ask(second, 'session', 1);
    assert.equal(await second.rejectPending('session', 1, 'no'), true);
    await assertNobodyWaits(instances, 'session', 1);
    await rejected.assertRejected('no');
  }),

  requestCase('lets exactly one of several answers win, at the same time', async ({ first, second, ask }) => {
    for (let round = 0; round < 15; round++) {
      const question = await ask(round % 2 ? first : second, 'session', round);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) => {
          const adapter = n % 2 ? first : second;
          return n % 4 < 2
            ? adapter.resolvePending('session', round, { n })
            : adapter.rejectPending('session', round, { n });
        }),
      );
      const winners = answers.flatMap((wasWaiting, n) => (wasWaiting ? [n] : []));
      assert.equal(winners.length, 1, 'exactly one finds somebody waiting');
      const [n] = winners as [number];
      await (n % 4 < 2 ? question.assertAnswered({ n }) : question.assertRejected({ n }));
    }
  }),

  requestCase('delivers a foreign answer to nobody', async ({ first, second, ask }) => {
    const question = await ask(first, 'session', 1);
    for (const foreign of ['other', 'sessio', 'session ', 'SESSION', '', undefined]) {
      for (const adapter of [first, second]) {
        assert.equal(await adapter.resolvePending(foreign, 1, 'foreign'), false);
        assert.equal(await adapter.rejectPending(foreign, 1, 'foreign'), false);
      }
    }
    await moment();
    assert.equal(question.isWaiting, true, 'a foreign answer changes nothing');
    await second.resolvePending('session', 1, 'own');
    await question.assertAnswered('own');
  }),

  requestCase('takes the ids 1 and "1" for two requests', async ({ first, second, ask }) => {
    const number = await ask(first, 'session', 1);
    assert.equal(await second.resolvePending('session', '1', 'text'), false);
    const text = await ask(first, 'session', '1');
    assert.equal(await second.resolvePending('session', '1', 'text'), true);
    assert.equal(await second.resolvePending('session', 1, 'number'), true);
    await text.assertAnswered('text');
    await number.assertAnswered('number');
  }),

  requestCase('takes no session and a session of any name for two', async ({ first, second, ask }) => {
    const names = [undefined, 'undefined', 'null', '', '-'];
    const questions = await Promise.all(names.map((name) => ask(first, name, 1)));
    for (const [n, name] of names.entries()) {
      assert.equal(await second.resolvePending(name, 1, { n }), true);
      await questions[n]?.assertAnswered({ n });
      assert.deepEqual(
        questions.map(({ isWaiting }) => isWaiting),
        names.map((_, i) => i > n),
        'only the question of this session is answered',
      );
    }
  }),

  requestCase('takes sessions and ids apart that look alike when joined', async ({ first, second, ask }) => {
    const asked: { session: Session; id: RequestId; question: Question }[] = [];
    const add = async (session: Session, id: RequestId) => {
      asked.push({ session, id, question: await ask(first, session, id) });
    };
    for (const separator of [':', '/', '#', '|', '~', '.', '-', '_', ',', '","', '\n', '\u0000', '']) {
      await add(`a${separator}b`, 'c');
      await add('a', `b${separator}c`);
    }
    for (const id of [
      '__proto__',
      'constructor',
      '../..',
      '*',
      '',
      'x'.repeat(1_000),
      '日本語',
      0,
      -1,
      1.5,
    ]) {
      await add('odd ids', id);
    }
    for (const { session, id } of [...asked].reverse()) {
      assert.equal(
        await second.resolvePending(session, id, [session, id]),
        true,
        JSON.stringify([session, id]),
      );
    }
    for (const { session, id, question } of asked) await question.assertAnswered([session, id]);
  }),
];
