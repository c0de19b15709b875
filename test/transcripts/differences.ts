/** A wording that depends on the store or on which instance answers, and is recorded as if it did not. */
interface KnownDifference {
  readonly why: string;
  readonly wording: RegExp;
  readonly recordedAs: string;
}

/** All that may differ between platforms, stores and numbers of instances. Between platforms nothing does. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    why: 'made anew for each error, to find it in the log of the server',
    wording: /\(reference [0-9a-f-]{36}\)/g,
    recordedAs: '(reference <uuid>)',
  },
  {
    why: 'an instance hears that a session has ended elsewhere, not by whom',
    wording: /The client ended the session|The session has ended/g,
    recordedAs: '<session ended>',
  },
  {
    why: 'the adapter gives a question up, or the instance that waits for it',
    wording: /The client did not answer (within \d+ ms|in time)|No answer within \d+ ms/g,
    recordedAs: '<no answer>',
  },
  {
    why: 'a store keeps tasks, too, since the recording: servers that have one say so',
    wording: /,"extensions":\{"io\.modelcontextprotocol\/tasks":\{\}\}(?=\})/g,
    recordedAs: '',
  },
];

/** The text of an answer without what may differ. */
export function withoutDifferences(text: string): string {
  return KNOWN_DIFFERENCES.reduce(
    (all, { wording, recordedAs }) => all.replaceAll(wording, recordedAs),
    text,
  );
}
