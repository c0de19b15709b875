import type { JsonRpcNotification } from '../../protocol/json-rpc.js';
import type { McpLogLevel } from '../../protocol/types/logging.js';

/**
 * A progress notification as it arrived.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/progress
 * @publicApi
 */
export interface ProgressUpdate {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/**
 * A log message as it arrived.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging
 * @publicApi
 */
export interface LogMessage {
  readonly level: McpLogLevel;
  readonly logger?: string;
  readonly data: unknown;
}

/** A list that can change; resource templates belong to `resources`. @publicApi */
export type ListName = 'tools' | 'resources' | 'prompts';

/** Unsolicited messages that a client has received, in order of arrival. */
export class Inbox {
  readonly notifications: JsonRpcNotification[] = [];
  readonly progress: ProgressUpdate[] = [];
  readonly logs: LogMessage[] = [];
  readonly listChanges: ListName[] = [];
  readonly resourceUpdates: string[] = [];
  readonly #waiting = new Set<() => void>();

  receive(notification: JsonRpcNotification): void {
    const { method, params } = notification;
    this.notifications.push(notification);
    const list = /^notifications\/(tools|resources|prompts)\/list_changed$/.exec(method)?.[1];
    if (list) this.listChanges.push(list as ListName);
    else if (method === 'notifications/progress') this.progress.push(toProgress(params));
    else if (method === 'notifications/message') this.logs.push(toLogMessage(params));
    else if (method === 'notifications/resources/updated') this.resourceUpdates.push(String(params?.['uri']));
    this.changed();
  }

  /** Looks again at whatever is waited for. */
  changed(): void {
    for (const look of this.#waiting) look();
  }

  until(condition: () => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const fail: (reason: unknown) => void = reject;
      const look = () => {
        try {
          if (condition()) end(resolve);
        } catch (error) {
          end(() => fail(error));
        }
      };
      const timer = setTimeout(() => {
        const seen = JSON.stringify(this.notifications.map(({ method }) => method));
        end(() => reject(new Error(`Not within ${timeoutMs} ms. Received so far: ${seen}`)));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }
}

type Params = JsonRpcNotification['params'];

export function toProgress({ progressToken: _, _meta, ...update }: NonNullable<Params> = {}): ProgressUpdate {
  return update as unknown as ProgressUpdate;
}

function toLogMessage({ _meta, ...message }: NonNullable<Params> = {}): LogMessage {
  return message as unknown as LogMessage;
}
