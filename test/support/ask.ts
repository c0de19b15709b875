import { PLATFORMS, type Platform, type TestApp } from './app.js';
import { legacy, modern, type HttpAnswer } from './http.js';

export const ERAS = ['legacy', 'modern'] as const;
export type EraName = (typeof ERAS)[number];

/** Every platform with every era, for `describe.each`. */
export const MATRIX: [platform: Platform, era: EraName][] = PLATFORMS.flatMap((platform) =>
  ERAS.map((era): [Platform, EraName] => [platform, era]),
);

export type Ask = (
  method: string,
  params?: Record<string, unknown>,
  headers?: Record<string, string>,
) => Promise<HttpAnswer>;

/** Sends requests of one era to an application, without a session. */
export function askIn(app: Pick<TestApp, 'post'>, era: EraName): Ask {
  if (era === 'legacy') {
    return (method, params, headers) =>
      app.post(legacy(method, params), { 'mcp-protocol-version': '2025-11-25', ...headers });
  }
  return (method, params, headers) => {
    const [body, standard] = modern(method, params);
    return app.post(body, { ...standard, ...headers });
  };
}

/** The same, giving the result and failing on an error. */
export function resultsIn(app: Pick<TestApp, 'post'>, era: EraName) {
  const ask = askIn(app, era);
  return async (...request: Parameters<Ask>): Promise<any> => {
    const { json } = await ask(...request);
    if (json.error) throw new Error(JSON.stringify(json.error));
    return json.result;
  };
}
