import type { Ending, Seen } from '../history/history.js';
import type { Answer } from './exchange.js';

/** Identity of a message: the fixture writes its recipient and number into it. */
export function readMessage(message: any, eventId: string | undefined): Seen {
  const { params = {}, result } = message;
  const isProgress = message.method === 'notifications/progress';
  const said = isProgress ? { mark: params.message, number: params.progress } : (params.data ?? {});
  const mark = said.mark ?? result?.structuredContent?.mark;
  return {
    at: Date.now(),
    ...(eventId !== undefined && { eventId }),
    ...(typeof mark === 'string' && { mark }),
    ...(typeof said.number === 'number' && { number: said.number }),
    ...(message.method === undefined && { answers: message.id }),
  };
}

/** How a call ends with this response. */
export function endingOf({ result, error }: any): Ending {
  if (error) return { kind: 'error', code: error.code, text: error.message };
  if (result.isError) return { kind: 'tool error', text: result.content?.[0]?.text ?? '' };
  const { mark = '', heard } = result.structuredContent ?? {};
  return { kind: 'result', mark, ...(heard !== undefined && { heard }) };
}

/** The same for an answer that is no stream; `undefined` if it is a JSON-RPC response of status 200. */
export function refusalOf({ status, text }: Answer, isResume: boolean): Ending | undefined {
  if (status === 200) return undefined;
  return status === 503 ? { kind: 'unavailable' } : { kind: 'refused', status, text, isResume };
}
