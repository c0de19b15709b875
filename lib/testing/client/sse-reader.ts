/** One server-sent event. */
export interface SseEvent {
  readonly id?: string;
  readonly event?: string;
  /** Milliseconds to wait before coming back. */
  readonly retry?: number;
  readonly data: string;
}

/** Takes the text of a stream in any pieces and gives the events it holds, by the rules of the SSE standard. */
export class SseReader {
  #rest = '';
  readonly comments: string[] = [];

  /** The events completed by this piece; an event without data is given with an empty `data`. */
  push(piece: string): SseEvent[] {
    this.#rest += piece;
    const blocks = this.#rest.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map((block) => this.#parse(block)).filter((event) => event !== undefined);
  }

  static parse(text: string): SseEvent[] {
    return new SseReader().push(text).filter(({ data }) => data !== '');
  }

  #parse(block: string): SseEvent | undefined {
    const fields: Record<string, string> = {};
    const data: string[] = [];
    let isEvent = false;
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) {
        this.comments.push(line.slice(1).trim());
        continue;
      }
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (name === '') continue;
      isEvent = true;
      if (name === 'data') data.push(value);
      else fields[name] = value;
    }
    if (!isEvent) return undefined;
    return {
      ...(fields['id'] !== undefined && { id: fields['id'] }),
      ...(fields['event'] !== undefined && { event: fields['event'] }),
      ...(fields['retry'] !== undefined && { retry: Number(fields['retry']) }),
      data: data.join('\n'),
    };
  }
}
