/** One change of a text: `length` characters from `offset` give way to `text`. */
export interface Splice {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

export function insertion(offset: number, text: string): Splice {
  return { offset, length: 0, text };
}

export function cut(start: number, end: number): Splice {
  return { offset: start, length: end - start, text: '' };
}

/** Applies splices given in the order of their offsets, all measured on the old text. Overlap is a bug and throws. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let out = '';
  let done = 0;
  for (const splice of splices) {
    if (splice.offset < done) throw new Error('splices overlap or are out of order');
    out += text.slice(done, splice.offset) + splice.text;
    done = splice.offset + splice.length;
  }
  return out + text.slice(done);
}
