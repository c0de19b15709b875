import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import type { NatsStreamOptions } from './nats-store-options.interface.js';
import { isStreamMissing, isWithoutJetStream, toAdapterError } from './nats.errors.js';

/** How long messages are known by their ids: longer than any of them is tried again. */
const DUPLICATE_WINDOW_MS = 30_000;

/** Names of the stream and of its subjects. */
export class NatsNames {
  readonly stream: string;
  readonly #prefix: string;

  constructor({ stream = 'MCP', subjectPrefix = 'mcp' }: NatsStreamOptions) {
    this.stream = stream;
    this.#prefix = subjectPrefix;
  }

  /** Messages of a scope. */
  scope(scope: string): string {
    return `${this.#prefix}.s.${scope}`;
  }

  /** Messages that are stored for the time of the server only. */
  get clock(): string {
    return `${this.#prefix}.clock`;
  }

  /** Messages that are not stored. */
  bell(scope: string, name: string): string {
    return `${this.#prefix}.bell.${scope}.${name}`;
  }

  get stored(): string[] {
    return [this.scope('*'), this.clock];
  }
}

/**
 * Makes the stream that `natsStore()` keeps everything in, if it is missing: for deployments in which applications may
 * not make streams. Needs permission for `$JS.API.STREAM.INFO.<stream>` and `$JS.API.STREAM.CREATE.<stream>`.
 *
 * @throws McpConfigurationError if there is one of this name that cannot be used
 * @publicApi
 */
export async function setUpNats(connection: NatsConnection, options: NatsStreamOptions = {}): Promise<void> {
  const { domain } = options;
  const manager = await jetstreamManager(connection, {
    checkAPI: false,
    ...(domain !== undefined && { domain }),
  });
  try {
    await checkStream(manager, options, true);
  } catch (error) {
    throw toAdapterError(error);
  }
}

/** Makes sure that the stream is there, and is one that keeps what it is given. */
export async function checkStream(
  manager: JetStreamManager,
  options: NatsStreamOptions,
  mayCreate: boolean,
): Promise<StreamConfig> {
  const names = new NatsNames(options);
  const config = await findStream(manager, names.stream);
  if (config) return checked(config, names);
  if (!mayCreate) {
    throw new McpConfigurationError(
      `natsStore(): NATS has no stream ${names.stream}. Give natsStore() the option migrate: true, or run setUpNats(connection) once`,
    );
  }
  const { replicas = 1, storage = 'file', maxBytes = -1 } = options;
  const { config: made } = await manager.streams.add({
    ...{ name: names.stream, subjects: names.stored, description: 'State of MCP servers' },
    ...{ retention: RetentionPolicy.Limits, discard: DiscardPolicy.New, max_bytes: maxBytes },
    ...{ storage: storage === 'file' ? StorageType.File : StorageType.Memory, num_replicas: replicas },
    // Followers of a cluster answer with what they have already.
    ...{ allow_direct: replicas === 1, duplicate_window: DUPLICATE_WINDOW_MS * 1_000_000 },
  });
  return made;
}

async function findStream(manager: JetStreamManager, stream: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(stream)).config;
  } catch (error) {
    if (isStreamMissing(error)) return undefined;
    if (isWithoutJetStream(error)) {
      throw new McpConfigurationError(
        'natsStore(): JetStream is not enabled; start nats-server with -js, or enable it for the account',
        { cause: error },
      );
    }
    throw error;
  }
}

function checked(config: StreamConfig, names: NatsNames): StreamConfig {
  const { retention, discard, max_age, max_msgs, max_msgs_per_subject, subjects, sealed } = config;
  const limits = [
    max_age > 0 && 'max_age',
    max_msgs > 0 && 'max_msgs',
    max_msgs_per_subject > 0 && 'max_msgs_per_subject',
  ];
  const wrong = [
    ...names.stored
      .filter((subject) => !subjects.includes(subject))
      .map((subject) => `it needs subject ${subject}`),
    ...limits.filter(Boolean).map((limit) => `${limit as string} would drop what is still needed`),
    retention !== RetentionPolicy.Limits && 'retention must be limits',
    discard !== DiscardPolicy.New && 'discard must be new',
    sealed && 'it is sealed',
  ].filter(Boolean);
  if (wrong.length === 0) return config;
  throw new McpConfigurationError(
    `natsStore(): stream ${names.stream} cannot be used: ${wrong.join('; ')}. Change it, or name another one with the option stream`,
  );
}
