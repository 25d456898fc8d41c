import type { PromptToken } from './prompt-tokens.ts';

/** Words that end a bare (unquoted) name or value. */
const STOP_WORDS = new Set([
  'and',
  'with',
  'from',
  'using',
  'on',
  'running',
  'that',
  'which',
  'to',
  'for',
  'then',
  'in',
  'under',
  'as',
  'based',
  'please',
  'whose',
  'so',
  'but',
  'via',
  'by',
  'or',
  'runtime',
  'template',
  'model',
  'now',
  'again',
  'right',
  'who',
  'because',
  'if',
  'when',
  'after',
  'before',
  'thanks',
]);

/** A reading position in a prompt's tokens. Parsers move it only when they recognised something. */
export class TokenCursor {
  readonly tokens: readonly PromptToken[];
  at: number;

  constructor(tokens: readonly PromptToken[], at = 0) {
    this.tokens = tokens;
    this.at = at;
  }

  peek(offset = 0): PromptToken | undefined {
    return this.tokens[this.at + offset];
  }

  /** The lower-case word at an offset; empty for quoted texts, marks and the end. */
  word(offset = 0): string {
    const token = this.peek(offset);
    return token?.kind === 'word' ? token.lower : '';
  }

  isMark(marks: string, offset = 0): boolean {
    const token = this.peek(offset);
    return token?.kind === 'mark' && marks.includes(token.text);
  }

  /** Steps over words of the set; gives how many. */
  skipWords(words: ReadonlySet<string>): number {
    let count = 0;
    while (words.has(this.word())) {
      this.at += 1;
      count += 1;
    }
    return count;
  }

  skipMarks(marks: string): number {
    let count = 0;
    while (this.isMark(marks)) {
      this.at += 1;
      count += 1;
    }
    return count;
  }

  /** A quoted text, or bare words up to a stop word, a mark or the limit; null when there is none. */
  readPhrase(maxWords = 6, alsoStop: ReadonlySet<string> = new Set()): string | null {
    const token = this.peek();
    if (token?.kind === 'quoted') {
      this.at += 1;
      return token.text;
    }
    const words: string[] = [];
    while (words.length < maxWords) {
      const next = this.peek();
      if (next?.kind !== 'word' || STOP_WORDS.has(next.lower) || alsoStop.has(next.lower)) break;
      words.push(next.text);
      this.at += 1;
    }
    return words.length === 0 ? null : words.join(' ');
  }
}
