export interface SseMessage {
  readonly id: string;
  readonly data: string;
}

/** Cuts a server-sent event stream into messages, however the chunks fall. */
export class SseReader {
  #rest = '';

  push(chunk: string): readonly SseMessage[] {
    const parts = (this.#rest + chunk).split('\n\n');
    this.#rest = parts.pop() ?? '';
    return parts.map((part) => {
      let id = '';
      const data: string[] = [];
      for (const line of part.split('\n')) {
        if (line.startsWith('id: ')) id = line.slice(4);
        else if (line.startsWith('data: ')) data.push(line.slice(6));
      }
      return { id, data: data.join('\n') };
    });
  }
}
