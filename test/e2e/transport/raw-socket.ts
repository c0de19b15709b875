import { connect } from 'node:net';

/** Exactly what goes over the wire. */
export interface RawRequest {
  readonly head: string;
  readonly body: string | Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

const PATIENCE_MS = 10_000;

/** Sends bytes on a connection of their own and reads what comes back until the server closes it. */
export function exchangeRaw(url: string, { head, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('The server does not answer')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))));
    socket.write(Buffer.from(head, 'latin1'));
    socket.write(body);
  });
}

function parse(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, end).toString('latin1');
  const rest = bytes.subarray(end + 4);
  const isChunked = /^transfer-encoding: chunked$/im.test(head);
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
    type: /^content-type: (.*)$/im.exec(head)?.[1]?.trim(),
    text: (isChunked ? dechunk(rest) : rest).toString(),
  };
}

function dechunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = parseInt(bytes.subarray(at, lineEnd).toString(), 16);
    if (!(length > 0)) break;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
  return Buffer.concat(parts);
}
