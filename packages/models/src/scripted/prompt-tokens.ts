/** One piece of a prompt: a bare word, a quoted text, or a mark that separates phrases. */
export interface PromptToken {
  readonly kind: 'word' | 'quoted' | 'mark';
  /** As typed, without quotes. */
  readonly text: string;
  readonly lower: string;
  /** Position of the first character in the prompt. */
  readonly start: number;
}

const PAIRS: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '‘': '’',
  '«': '»',
  '„': '“',
};

/** Splits a prompt into words, quoted texts and marks. An apostrophe inside a word is no quote; a full stop inside one is no mark. */
export function tokenizePrompt(prompt: string): readonly PromptToken[] {
  const tokens: PromptToken[] = [];
  let at = 0;
  while (at < prompt.length) {
    const char = prompt[at] ?? '';
    if (/\s/.test(char)) {
      at += 1;
      continue;
    }
    const quotedEnd = closingQuote(prompt, at);
    if (quotedEnd !== null) {
      tokens.push(token('quoted', prompt.slice(at + 1, quotedEnd), at));
      at = quotedEnd + 1;
    } else if (/[,;:!?()]/.test(char)) {
      tokens.push(token('mark', char, at));
      at += 1;
    } else {
      const word = /^(?:[^\s,;:!?()]|[:?!,](?=[^\s,;:!?()]))+/.exec(prompt.slice(at))?.[0] ?? char;
      const stem = word.replace(/\.+$/, '');
      if (stem !== '') tokens.push(token('word', stem, at));
      if (stem.length < word.length) tokens.push(token('mark', '.', at + stem.length));
      at += word.length;
    }
  }
  return tokens;
}

function closingQuote(prompt: string, at: number): number | null {
  const close = PAIRS[prompt[at] ?? ''];
  if (close === undefined) return null;
  for (let end = prompt.indexOf(close, at + 1); end >= 0; end = prompt.indexOf(close, end + 1)) {
    const after = prompt[end + 1];
    if (end > at + 1 && (after === undefined || !/[\p{L}\p{N}]/u.test(after))) return end;
  }
  return null;
}

function token(kind: PromptToken['kind'], text: string, start: number): PromptToken {
  return { kind, text: text.trim(), lower: text.trim().toLowerCase(), start };
}
