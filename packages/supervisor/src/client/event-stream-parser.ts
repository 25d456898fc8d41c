/**
 * Cuts a server-sent event stream (WHATWG HTML, 9.2) into the data of its events. Comments, names and ids are of no interest here.
 * Holds at most one unfinished event.
 */
export class EventStreamParser {
  #rest = '';
  #data: string[] = [];

  /** Takes decoded text, in pieces of any size, and gives the data of the events that became whole. */
  push(text: string): string[] {
    const whole: string[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) whole.push(this.#data.join('\n'));
        this.#data = [];
      } else if (line.startsWith('data:')) {
        this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
    }
    return whole;
  }
}
