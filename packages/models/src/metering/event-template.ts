/**
 * Recognises the next event of a stream by the last one of its kind. Models stream thousands of events that differ in one piece of text alone;
 * parsing each costs more than passing it on. From one parsed event this keeps the bytes before and after its text; another event with the same ones, and
 * with nothing between that could end or change a JSON string, is as valid and says as much.
 */
export interface EventTemplate {
  /** From the event's first byte to the quote before the text. */
  readonly before: Buffer;
  /** From the quote after the text to the blank line's end. */
  readonly after: Buffer;
  /** What stands between two texts when one such event follows another. */
  readonly between: Buffer;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Below it are control characters, which no JSON string holds as they are. */
const SPACE = 0x20;
/** Longer texts are rare, and parsed. */
const MOST_TEXT_BYTES = 4096;

/** A template of the event at `start`..`end` (blank line included), whose one generated text is `text`; null when it is not that simple. */
export function templateOf(event: Buffer, text: string): EventTemplate | null {
  if (text === '' || /["\\]/.test(text) || [...text].some((character) => character < ' ')) return null;
  const quoted = Buffer.from(`"${text}"`, 'utf8');
  const at = event.indexOf(quoted);
  if (at < 0 || event.indexOf(quoted, at + 1) >= 0 || !event.subarray(-2).equals(Buffer.from('\n\n'))) return null;
  const before = Buffer.from(event.subarray(0, at + 1));
  const after = Buffer.from(event.subarray(at + quoted.length - 1));
  return { before, after, between: Buffer.concat([after, before]) };
}

/** What matching events say: where the last one ends, and the UTF-16 units of their texts. */
export interface TemplateMatch {
  end: number;
  characters: number;
}

/**
 * Matches the events that begin at `start`, as many as fit one after the other. @param into gets the result, so that nothing is made for each event
 * @returns false when not even the first one fits, or is here as a whole
 */
export function matchTemplate(template: EventTemplate, bytes: Buffer, start: number, into: TemplateMatch): boolean {
  const { before, after, between } = template;
  let at = start + before.length;
  if (at + after.length > bytes.length || bytes.compare(before, 0, before.length, start, at) !== 0) return false;
  into.end = start;
  into.characters = 0;
  for (;;) {
    const limit = Math.min(bytes.length - after.length, at + MOST_TEXT_BYTES);
    let characters = 0;
    let byte = 0;
    for (; at <= limit; at += 1) {
      byte = bytes[at] ?? 0;
      if (byte === QUOTE || byte === BACKSLASH || byte < SPACE) break;
      if (byte < 0x80) characters += 1;
      else if (byte >= 0xc0) characters += byte >= 0xf0 ? 2 : 1;
    }
    if (byte !== QUOTE || at > limit) break;
    const goesOn =
      at + between.length <= bytes.length && bytes.compare(between, 0, between.length, at, at + between.length) === 0;
    if (!goesOn && bytes.compare(after, 0, after.length, at, at + after.length) !== 0) break;
    into.end = at + after.length;
    into.characters += characters;
    if (!goesOn) break;
    at += between.length;
  }
  return into.end > start;
}
