import { inputRequired, type McpContext } from 'nestjs-mcp-adapters';
import { formOf, type Setup } from './fixture.js';

const CAPITAL = {
  messages: [{ role: 'user', content: { type: 'text', text: 'What is the capital of France?' } }],
  maxTokens: 100,
} as const;

const form = (message: string, field: string, type: 'string' | 'boolean' = 'string') => ({
  method: 'elicitation/create' as const,
  params: { message, requestedSchema: formOf(field, type) },
});

/** The content of an answer that was given, if it is one. */
const given = (ctx: McpContext, key: string): any => (ctx.inputResponses?.[key] as any)?.content;

/** The handlers the suite expects, written with `await`. */
export const highLevel: Setup = {
  tools: {
    async elicitation(ctx) {
      const { content } = await ctx.elicit({
        message: 'What is your name?',
        schema: formOf('name'),
        key: 'user_name',
      });
      return `Hello, ${String(content?.['name'])}!`;
    },
    async sampling(ctx) {
      return (await ctx.sample({ ...CAPITAL, key: 'capital_question' })).model;
    },
    async list_roots(ctx) {
      return (await ctx.listRoots({ key: 'client_roots' })).map(({ uri }) => uri).join();
    },
    async request_state(ctx) {
      const { content } = await ctx.elicit({
        message: 'Sure?',
        schema: formOf('ok', 'boolean'),
        key: 'confirm',
      });
      return content?.['ok'] ? 'state-ok' : 'no';
    },
    async multiple_inputs(ctx) {
      const [name, said, roots] = await Promise.all([
        ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' }),
        ctx.sample({ ...CAPITAL, key: 'greeting' }),
        ctx.listRoots({ key: 'roots' }),
      ]);
      return `${name.action} ${said.model} ${roots.length}`;
    },
    async multi_round(ctx) {
      const name = await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'step1' });
      const color = await ctx.elicit({ message: 'Color?', schema: formOf('color'), key: 'step2' });
      return `${String(name.content?.['name'])} likes ${String(color.content?.['color'])}`;
    },
    async capabilities(ctx) {
      if (ctx.client.supports('elicitation')) await ctx.elicit({ message: 'Name?', schema: formOf('name') });
      return (await ctx.sample(CAPITAL)).model;
    },
  },
  prompts: {
    async prompt(ctx) {
      const { content } = await ctx.elicit({
        message: 'Context?',
        schema: formOf('context'),
        key: 'user_context',
      });
      return String(content?.['context']);
    },
  },
};

/** The same, written round by round. */
export const lowLevel: Setup = {
  tools: {
    elicitation(ctx) {
      const name = given(ctx, 'user_name')?.name;
      if (typeof name === 'string') return `Hello, ${name}!`;
      return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } });
    },
    sampling(ctx) {
      const said = ctx.inputResponses?.['capital_question'] as any;
      if (said) return said.model;
      const capital_question = { method: 'sampling/createMessage' as const, params: CAPITAL };
      return inputRequired({ inputRequests: { capital_question } });
    },
    list_roots(ctx) {
      const answer = ctx.inputResponses?.['client_roots'] as any;
      if (answer) return answer.roots.map(({ uri }: { uri: string }) => uri).join();
      return inputRequired({ inputRequests: { client_roots: { method: 'roots/list' } } });
    },
    request_state(ctx) {
      if (ctx.requestState === 'mine' && given(ctx, 'confirm')?.ok) return 'state-ok';
      return inputRequired({
        inputRequests: { confirm: form('Sure?', 'ok', 'boolean') },
        requestState: 'mine',
      });
    },
    multiple_inputs(ctx) {
      const { name, greeting, roots } = (ctx.inputResponses ?? {}) as any;
      if (name && greeting && roots) return `${name.action} ${greeting.model} ${roots.roots.length}`;
      return inputRequired({
        inputRequests: {
          name: form('Name?', 'name'),
          greeting: { method: 'sampling/createMessage', params: CAPITAL },
          roots: { method: 'roots/list' },
        },
        requestState: 'all',
      });
    },
    multi_round(ctx) {
      const { step, name } = JSON.parse(ctx.requestState ?? '{"step":1}');
      if (step === 2) return `${name} likes ${given(ctx, 'step2').color}`;
      if (!given(ctx, 'step1')) {
        return inputRequired({ inputRequests: { step1: form('Name?', 'name') }, requestState: '{"step":1}' });
      }
      const requestState = JSON.stringify({ step: 2, name: given(ctx, 'step1').name });
      return inputRequired({ inputRequests: { step2: form('Color?', 'color') }, requestState });
    },
    capabilities(ctx) {
      const name = ctx.client.supports('elicitation') && { name: form('Name?', 'name') };
      const sample = { method: 'sampling/createMessage' as const, params: CAPITAL };
      return inputRequired({ inputRequests: { ...name, sample } });
    },
  },
  prompts: {
    prompt(ctx) {
      const context = given(ctx, 'user_context')?.context;
      if (context) return context;
      return inputRequired({ inputRequests: { user_context: form('Context?', 'context') } });
    },
  },
};
