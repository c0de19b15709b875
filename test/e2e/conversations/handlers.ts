import { BadRequestException } from '@nestjs/common';
import { McpError } from 'nestjs-mcp-adapters';
import { formOf, type Scripts } from './fixture.js';

/** Side effects of the handlers. */
export const runs: string[] = [];

/** One of each thing that a handler can do with its client. */
export const tools: Scripts = {
  async asks(ctx) {
    const { action, content } = await ctx.elicit({ message: 'Name?', schema: formOf('name') });
    return `${action} ${JSON.stringify(content)}`;
  },
  async asks_in_parallel(ctx) {
    const [name, said, roots] = await Promise.all([
      ctx.elicit({ message: 'Name?', schema: formOf('name') }),
      ctx.sample({ messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 10 }),
      ctx.listRoots(),
    ]);
    return { name, said, roots };
  },
  async asks_by_turns_and_tells(ctx) {
    await ctx.progress(1, 4);
    await ctx.log.info('before');
    const first = await ctx.elicit({ message: 'First?', schema: formOf('name') });
    await ctx.progress(2, 4);
    const made = await ctx.once('make', () => {
      runs.push('made');
      return { at: 1 };
    });
    await ctx.log.debug({ made });
    const second = await ctx.elicit({ message: 'Second?', schema: formOf('name') });
    await ctx.progress(3, 4);
    await ctx.log.warning('after');
    return { first, second, made };
  },
  async decides_by_the_answer(ctx) {
    const wanted = await ctx.elicit({ message: 'More?', schema: formOf('ok', 'boolean') });
    if (wanted.action !== 'accept') return `gave up: ${wanted.action}`;
    const { content } = await ctx.elicit({ message: 'What?', schema: formOf('what') });
    return `got ${JSON.stringify(content)}`;
  },
  async refuses_what_does_not_fit(ctx) {
    await ctx.elicit({ message: 'Number?', schema: formOf('n', 'number') });
    return 'not reached';
  },
  async sends_to_a_page(ctx) {
    const { action } = await ctx.elicit({ message: 'Pay', url: 'https://pay.example/1' });
    return action;
  },
  async catches_and_asks_again(ctx) {
    const first = await ctx.elicit({ message: 'Number?', schema: formOf('n', 'number') }).catch(String);
    const second = await ctx.elicit({ message: 'Then a word?', schema: formOf('word') });
    return { first, second };
  },
  async fails_after_asking(ctx) {
    await ctx.elicit({ message: 'Name?', schema: formOf('name') });
    throw new BadRequestException('no');
  },
  async fails_with_a_protocol_error(ctx) {
    await ctx.elicit({ message: 'Name?', schema: formOf('name') });
    throw new McpError(-5, 'on purpose', { why: 1 });
  },
  async breaks_after_asking(ctx) {
    await ctx.elicit({ message: 'Name?', schema: formOf('name') });
    throw new Error('secret');
  },
  async fails_once(ctx) {
    const charge = () =>
      ctx.once('charge', () => {
        runs.push('charged');
        throw new BadRequestException('declined');
      });
    const said = await charge().catch((error: Error) => error.message);
    await ctx.elicit({ message: `It was ${said}. Go on?`, schema: formOf('name') });
    await charge();
    return 'not reached';
  },
  async names_its_questions(ctx) {
    const [one, two] = await Promise.all([
      ctx.elicit({ message: 'One?', schema: formOf('name'), key: 'user_name' }),
      ctx.elicit({ message: 'Two?', schema: formOf('name'), key: 'other' }),
    ]);
    return { one, two };
  },
  async does_not_ask() {
    return 'plain';
  },
};
