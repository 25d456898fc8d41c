import { lineEnd } from '../text-layout.ts';

/** First offset from `offset` that is neither white space nor comment. */
export function skipTrivia(text: string, offset: number, end: number): number {
  let at = offset;
  while (at < end) {
    const next = commentEnd(text, at);
    if (next !== undefined) at = next;
    else if (/[ \t\r\n]/.test(text.charAt(at))) at += 1;
    else return at;
  }
  return end;
}

/** Where the comment that starts at `offset` ends (a line comment: before its line break). */
function commentEnd(text: string, offset: number): number | undefined {
  if (text[offset] !== '/') return undefined;
  if (text[offset + 1] === '/') return lineEnd(text, offset);
  if (text[offset + 1] !== '*') return undefined;
  const close = text.indexOf('*/', offset + 2);
  return close < 0 ? text.length : close + 2;
}

/** Offset of the comma that follows a value ending at `offset`, if one comes before `end`. */
export function commaAfter(text: string, offset: number, end: number): number | undefined {
  const at = skipTrivia(text, offset, end);
  return at < end && text[at] === ',' ? at : undefined;
}

export interface RestOfLine {
  /** The line break when only comments came before it, else the end of the last comment (or the start). */
  readonly at: number;
  readonly reachedBreak: boolean;
}

/** Walks over the comments that belong to what ends at `offset`: those on the same line. */
export function restOfLine(text: string, offset: number, end: number): RestOfLine {
  let last = offset;
  let at = offset;
  while (at < end) {
    const next = commentEnd(text, at);
    if (next !== undefined) {
      at = next;
      last = next;
    } else if (text[at] === '\n' || text[at] === '\r') return { at, reachedBreak: true };
    else if (text[at] === ' ' || text[at] === '\t') at += 1;
    else break;
  }
  return { at: last, reachedBreak: false };
}

/** Offset after the last comment between `start` and `end`; undefined where there is only white space. */
export function lastCommentEnd(text: string, start: number, end: number): number | undefined {
  let last: number | undefined;
  let at = start;
  while (at < end) {
    const next = commentEnd(text, at);
    if (next !== undefined) last = next;
    at = next ?? at + 1;
  }
  return last;
}
