/** Marks our part of an instructions file; what a person or the agent wrote around it stays. */
const BEGIN = '<!-- molecule:begin (kept up to date by Molecule; edits between these marks are replaced) -->';
const END = '<!-- molecule:end -->';

/** What is needed to take the block out again without a trace. */
export interface IdentityLedger {
  readonly version: 1;
  /** The file did not exist before. */
  readonly created: boolean;
  /** What was put between the older text and the block. */
  readonly separator: string;
}

export interface IdentityRendering {
  /** Undefined = there should be no file. */
  readonly text: string | undefined;
  readonly ledger: IdentityLedger | null;
  readonly action: 'added' | 'replaced' | 'removed' | 'unchanged';
}

/** Puts the identity into an instructions file, exactly once, or takes it out (`identity` empty). Pure; twice changes nothing. */
export function renderIdentity(
  text: string | undefined,
  identity: string,
  ledger: IdentityLedger | null,
): IdentityRendering {
  const place = findBlock(text ?? '');
  if (identity === '')
    return place === null ? { text, ledger: null, action: 'unchanged' } : withoutBlock(text ?? '', place, ledger);
  const block = `${BEGIN}\n${identity}\n${END}\n`;
  if (place !== null && text !== undefined) {
    const next = text.slice(0, place.start) + block + text.slice(place.end);
    return {
      text: next,
      ledger: ledger ?? { version: 1, created: false, separator: '' },
      action: next === text ? 'unchanged' : 'replaced',
    };
  }
  const before = text ?? '';
  const separator = before === '' ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  return {
    text: before + separator + block,
    ledger: { version: 1, created: text === undefined, separator },
    action: 'added',
  };
}

/** The identity as it stands in the file, byte for byte as it was given; null when there is none. */
export function readIdentityBlock(text: string | null): string | null {
  const place = text === null ? null : findBlock(text);
  return text === null || place === null ? null : text.slice(place.innerStart, place.innerEnd);
}

interface BlockPlace {
  readonly start: number;
  readonly innerStart: number;
  readonly innerEnd: number;
  readonly end: number;
}

/** The last end mark counts, so that an identity which quotes the mark is not cut. */
function findBlock(text: string): BlockPlace | null {
  const start = text.indexOf(`${BEGIN}\n`);
  const innerEnd = text.lastIndexOf(`\n${END}`);
  const innerStart = start + BEGIN.length + 1;
  if (start < 0 || innerEnd < innerStart) return null;
  const end = innerEnd + END.length + 1;
  return { start, innerStart, innerEnd, end: text[end] === '\n' ? end + 1 : end };
}

function withoutBlock(text: string, place: BlockPlace, ledger: IdentityLedger | null): IdentityRendering {
  const separator = ledger?.separator ?? '';
  const head = text.slice(0, place.start);
  const before = separator !== '' && head.endsWith(separator) ? head.slice(0, -separator.length) : head;
  const rest = before + text.slice(place.end);
  return { text: rest === '' && ledger?.created === true ? undefined : rest, ledger: null, action: 'removed' };
}
