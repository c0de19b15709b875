import { describe, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clientRequestAdapterContract,
  notificationBusContract,
  sessionAdapterContract,
  type ContractSubject,
} from 'nestjs-mcp-adapters/testing';
import { FileClientRequestAdapter } from '../../sample/07-writing-an-adapter/files/file-client-request.adapter.js';
import { FileNotificationBus } from '../../sample/07-writing-an-adapter/files/file-notification-bus.js';
import { LiveFileSessionAdapter } from '../../sample/07-writing-an-adapter/files/live-file-session.adapter.js';

/** Each case has a directory of its own. A second adapter on it stands for another process. */
async function inDirectory<A extends { close(): Promise<void> }>(
  type: new (directory: string) => A,
): Promise<ContractSubject<A>> {
  const directory = await mkdtemp(join(tmpdir(), 'adapter-'));
  const opened = [new type(directory)] as [A, ...A[]];
  return {
    adapter: opened[0],
    async another() {
      const adapter = new type(directory);
      opened.push(adapter);
      return adapter;
    },
    async dispose() {
      for (const adapter of opened) await adapter.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describe('adapters that keep everything in files', () => {
  for (const { name, run } of sessionAdapterContract) {
    it(name, () => run(() => inDirectory(LiveFileSessionAdapter)), 10_000);
  }
  for (const { name, run } of clientRequestAdapterContract) {
    it(name, () => run(() => inDirectory(FileClientRequestAdapter)), 10_000);
  }
  for (const { name, run } of notificationBusContract) {
    it(name, () => run(() => inDirectory(FileNotificationBus)), 10_000);
  }
});
