import { Writable } from 'node:stream';

/**
 * Takes standard output for the messages of a server. From then on everything else that this process prints there (the
 * console, loggers, its dependencies) goes to standard error.
 */
export function claimStdout({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): Writable {
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // The writer gets the error in its callback.
  stdout.on('error', () => {});
  return new Writable({
    decodeStrings: false,
    write: (text: string, encoding, done) => void write(text, encoding, done),
  });
}
