import { parseJson } from '../protocols/loose-json.ts';
import { type EventTemplate, matchTemplate, type TemplateMatch, templateOf } from './event-template.ts';
import { JsonScanner, type ScalarListener } from './json-scanner.ts';
import { SseSplitter } from './sse-splitter.ts';
import type { UsageMeter, UsageReading } from './usage-meter.ts';
import { walkScalars } from './walk-scalars.ts';

/** Above any model's context by far: a number beyond it is an error or a lie. */
const MAX_PLAUSIBLE_TOKENS = 1_000_000_000;

/** The last data of an OpenAI Chat stream; not JSON on purpose. */
const END_MARK = '[DONE]';
/** Events up to this size that arrive in one piece are parsed at once (five times faster); others are scanned as they come. */
const MAX_PARSED_BYTES = 64 * 1024;
const decoder = new TextDecoder();

/** Numbers a protocol may report, in its own sense. The largest of each wins: streams repeat cumulative counts, some with a zero. */
export type CountName = 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning';
export type Counts = Readonly<Record<CountName, number | null>>;

/** Collects what a protocol's rules find in one answer. */
export class Findings {
  readonly counts: Record<CountName, number | null> = {
    input: null,
    output: null,
    cacheRead: null,
    cacheWrite: null,
    reasoning: null,
  };
  stopReason: string | null = null;
  model: string | null = null;
  error: string | null = null;
  ended = false;
  outputCharacters = 0;
  implausible = 0;

  count(name: CountName, value: unknown): void {
    if (value === null || value === undefined) return;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > MAX_PLAUSIBLE_TOKENS) {
      this.implausible += 1;
      return;
    }
    this.counts[name] = Math.max(this.counts[name] ?? 0, value);
  }
}

/** How one protocol's answers are read. */
export interface AnswerRules {
  /** One scalar of the current event or body. `characters` is the whole length of a string, even of one reported cut. */
  scalar(path: string, value: string | number | boolean | null, characters: number, found: Findings): void;
  /** The current event (or the whole body) is over and was valid JSON. */
  endOfDocument(found: Findings, isStream: boolean): void;
  /** The protocol's counts, turned into the one meaning of `TokenUsage`. */
  normalise(
    counts: Counts,
  ): Pick<UsageReading, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens' | 'reasoningTokens'>;
}

/** Everything an event can say besides more text; equal before and after means that it said no more. */
function said(found: Findings): string {
  const { input, output, cacheRead, cacheWrite, reasoning } = found.counts;
  return `${input} ${output} ${cacheRead} ${cacheWrite} ${reasoning} ${found.stopReason} ${found.model} ${found.error} ${found.ended} ${found.implausible}`;
}

/** A meter for answers by these rules; `contentType` decides between an event stream and a JSON body. */
export function createAnswerMeter(contentType: string, rules: AnswerRules): UsageMeter {
  const isStream = /text\/event-stream/i.test(contentType);
  const found = new Findings();
  let texts = 0;
  let text = '';
  const report: ScalarListener = (path, value, characters) => {
    const before = found.outputCharacters;
    rules.scalar(path, value, characters, found);
    if (found.outputCharacters === before || typeof value !== 'string') return;
    texts += 1;
    text = value;
  };
  const scanner = new JsonScanner(report);
  let malformed = 0;
  let closed = false;
  /** The current event came in one piece and was parsed at once. */
  let parsed = false;
  let isTooDeep = false;
  let isEndMark = false;
  let mark = '';
  /** The last simple event, by which the next ones are recognised. */
  let template: EventTemplate | null = null;
  let isSimple = false;
  let saidBefore: string | null = null;
  const match: TemplateMatch = { end: 0, characters: 0 };

  const endDocument = (): void => {
    const wasParsed = parsed;
    if (isEndMark || mark.trim() === END_MARK) found.ended = true;
    else if (isTooDeep || (!parsed && (scanner.broken || scanner.unfinished))) malformed += 1;
    else rules.endOfDocument(found, isStream);
    scanner.reset();
    parsed = false;
    isTooDeep = false;
    isEndMark = false;
    mark = '';
    const now = wasParsed && texts === 1 ? said(found) : null;
    isSimple = now !== null && now === saidBefore;
    saidBefore = now;
    texts = 0;
  };
  const splitter = new SseSplitter({
    data: (bytes, start, end, isWhole) => {
      if (isWhole && end - start <= MAX_PARSED_BYTES) {
        const text = decoder.decode(bytes.subarray(start, end));
        isEndMark = text === END_MARK;
        const document = isEndMark ? undefined : parseJson(text);
        parsed = document !== undefined;
        if (parsed && !walkScalars(document, report)) isTooDeep = true;
        if (parsed || isEndMark) return;
      }
      if (mark.length < END_MARK.length + 2)
        mark += decoder.decode(bytes.subarray(start, Math.min(end, start + END_MARK.length + 2)));
      scanner.push(bytes, start, end);
    },
    end: endDocument,
    take: (bytes, start) => {
      if (template === null || !Buffer.isBuffer(bytes) || !matchTemplate(template, bytes, start, match)) return start;
      found.outputCharacters += match.characters;
      return match.end;
    },
    whole: (bytes, start, end) => {
      if (!isSimple || !Buffer.isBuffer(bytes)) return;
      isSimple = false;
      template = templateOf(bytes.subarray(start, end), text);
    },
  });

  const reading = (): UsageReading => ({
    ...rules.normalise(found.counts),
    stopReason: found.stopReason,
    model: found.model,
    complete: found.ended,
    outputCharacters: found.outputCharacters,
    error: found.error,
    implausible: found.implausible,
    malformed,
  });
  return {
    push: (bytes) => {
      if (closed) return;
      if (isStream) splitter.push(bytes);
      else scanner.push(bytes);
    },
    end: () => {
      if (!closed) {
        closed = true;
        // A last event without its blank line still counts when it is whole; a truncated one only makes the answer incomplete.
        const isWhole =
          parsed ||
          isEndMark ||
          mark.trim() === END_MARK ||
          (scanner.started && !scanner.broken && !scanner.unfinished);
        if (isWhole || (!isStream && scanner.started)) endDocument();
      }
      return reading();
    },
    reading,
    malformedEvents: () => malformed,
  };
}
