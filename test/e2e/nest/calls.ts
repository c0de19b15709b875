import type { LoggerService } from '@nestjs/common';
import type { TestApp } from '../../support/app.js';
import { legacy, modern, type HttpAnswer } from '../../support/http.js';

export const ERAS = ['legacy', 'modern'] as const;
export type Era = (typeof ERAS)[number];

export interface CallOptions {
  readonly era?: Era;
  readonly args?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly meta?: Record<string, unknown>;
  readonly capabilities?: object;
}

type Target = Pick<TestApp, 'post'>;

/** Calls a tool and returns the whole HTTP answer. */
export function call(app: Target, name: string, options: CallOptions = {}): Promise<HttpAnswer> {
  const { era = 'modern', args = {}, headers, meta = {}, capabilities = {} } = options;
  const params = { name, arguments: args };
  if (era === 'legacy') {
    return app.post(legacy('tools/call', { ...params, _meta: meta }), {
      'mcp-protocol-version': '2025-11-25',
      ...headers,
    });
  }
  const [body, required] = modern('tools/call', params, { meta, capabilities });
  return app.post(body, { ...required, ...headers });
}

/** Calls a tool and returns its result. */
export async function resultOf(app: Target, name: string, options?: CallOptions): Promise<any> {
  const { json } = await call(app, name, options);
  if (!json?.result) throw new Error(`No result but ${JSON.stringify(json)}`);
  return json.result;
}

/** Calls a tool and returns the text of its result. */
export async function textOf(app: Target, name: string, options?: CallOptions): Promise<string> {
  const { content } = await resultOf(app, name, options);
  return content.map(({ text }: { text: string }) => text).join('\n');
}

/** The tools the server lists. */
export async function listTools(app: Target, era: Era = 'modern'): Promise<any[]> {
  const answer =
    era === 'legacy' ? await app.post(legacy('tools/list')) : await app.post(...modern('tools/list'));
  return answer.json.result.tools;
}

export async function toolNames(app: Target): Promise<string[]> {
  return (await listTools(app)).map(({ name }) => name);
}

/** Keeps what is logged, each line as `level message stack`. */
export class MemoryLogger implements LoggerService {
  readonly lines: string[] = [];
  readonly log = this.#keep('log');
  readonly error = this.#keep('error');
  readonly warn = this.#keep('warn');
  readonly debug = this.#keep('debug');

  of(level: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${level} `));
  }

  #keep(level: string) {
    return (...parts: unknown[]) => {
      this.lines.push([level, ...parts.filter((part) => part !== undefined).map(String)].join(' '));
    };
  }
}
