import type { AssistantAction, WantedWorkspace } from './assistant-action.ts';
import type { TokenCursor } from './token-cursor.ts';

const CREATE_VERBS = new Set([
  'create',
  'make',
  'set',
  'setup',
  'provision',
  'add',
  'spin',
  'start',
  'launch',
  'build',
  'open',
  'need',
  'want',
  'deploy',
  'bring',
]);
const NOUNS = new Set(['workspace', 'workspaces', 'agent', 'agents']);
const DETERMINERS = new Set([
  'a',
  'an',
  'the',
  'new',
  'another',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'some',
  'few',
  'me',
  'us',
  'up',
  'fresh',
  'second',
  'third',
  'separate',
  'more',
  'my',
  'our',
  'also',
  'just',
  'have',
  'to',
  'please',
]);
const NAME_INTRO = new Set(['called', 'named', 'titled', 'labelled', 'labeled']);
const OPTION_KEYS = new Set(['template', 'runtime', 'model']);
const OPTION_STARTS = new Set([
  'from',
  'with',
  'using',
  'on',
  'via',
  'running',
  'based',
  'under',
  'in',
  'that',
  'which',
  'template',
  'runtime',
  'model',
]);
const ARTICLES = new Set(['a', 'an', 'the']);
/** Words after "and" that begin something else than one more name. */
const NOT_A_NAME = new Set([
  ...CREATE_VERBS,
  'list',
  'show',
  'tell',
  'ask',
  'send',
  'restart',
  'pause',
  'resume',
  'delete',
  'remove',
  'why',
  'what',
  'how',
  'deprovision',
  'stop',
  'check',
  'report',
  'let',
  'give',
  'message',
  'explain',
  'do',
  'please',
  'also',
  'if',
  'when',
  'can',
  'could',
  'you',
  'i',
  'it',
  'them',
  'they',
  'both',
  'each',
  'say',
  'wait',
  'return',
  'answer',
  'reply',
  'use',
  'delegate',
  'finally',
  'have',
  'then',
  'only',
  'nothing',
]);

type Draft = { -readonly [Key in keyof WantedWorkspace]?: WantedWorkspace[Key] };

/**
 * Reads "create a workspace called X from template T with runtime R and another called Y" at the cursor. Options apply to the
 * workspace before them, and to the whole list after a plural noun. Null (cursor unmoved) when this is no such request.
 */
export function readProvision(cursor: TokenCursor): AssistantAction[] | null {
  const start = cursor.at;
  if (!CREATE_VERBS.has(cursor.word())) return null;
  cursor.at += 1;
  const first = readNounPhrase(cursor);
  if (first === null) {
    cursor.at = start;
    return null;
  }
  const drafts = readGroup(cursor, first);
  for (;;) {
    const mark = cursor.at;
    const separators = cursor.skipMarks(',;') + cursor.skipWords(new Set(['and', 'plus', 'also']));
    const next = separators > 0 ? readNounPhrase(cursor, true) : null;
    if (next === null) {
      cursor.at = mark;
      break;
    }
    drafts.push(...readGroup(cursor, next));
  }
  const named = drafts.flatMap((draft): AssistantAction[] =>
    draft.name === undefined ? [] : [{ kind: 'provision', workspace: { ...draft, name: draft.name } }],
  );
  return named.length > 0 ? named : [{ kind: 'provision-unnamed' }];
}

interface NounPhrase {
  readonly plural: boolean;
  /** A name before the noun: "a research workspace". */
  readonly before: string | null;
}

/** "a new research workspace", or, after a first one, also "another called" and "one named". */
function readNounPhrase(cursor: TokenCursor, mayElide = false): NounPhrase | null {
  const start = cursor.at;
  const before: string[] = [];
  for (let steps = 0; steps < 8; steps += 1) {
    const token = cursor.peek();
    const word = cursor.word();
    if (NOUNS.has(word)) {
      cursor.at += 1;
      return { plural: word.endsWith('s'), before: before.length === 0 ? null : before.join(' ') };
    }
    if (mayElide && steps > 0 && before.length === 0 && NAME_INTRO.has(word)) return { plural: false, before: null };
    if (
      token === undefined ||
      token.kind === 'mark' ||
      NAME_INTRO.has(word) ||
      (NOT_A_NAME.has(word) && !DETERMINERS.has(word))
    )
      break;
    if (token.kind === 'quoted' || !DETERMINERS.has(word)) before.push(token.text);
    if (before.length > 4) break;
    cursor.at += 1;
  }
  cursor.at = start;
  return null;
}

function readGroup(cursor: TokenCursor, phrase: NounPhrase): Draft[] {
  const drafts: Draft[] = [];
  const shared: Draft = {};
  const introduced = readNameIntro(cursor);
  const name = introduced || mayBeName(cursor) ? cursor.readPhrase() : null;
  if (name !== null) drafts.push({ name });
  else if (phrase.before !== null) drafts.push({ name: phrase.before });
  for (;;) {
    const current = drafts.at(-1) ?? shared;
    const target = phrase.plural ? shared : current;
    if (readOption(cursor, target)) continue;
    if (drafts.length === 0 && readNameIntro(cursor)) {
      const late = cursor.readPhrase();
      if (late !== null) drafts.push({ name: late });
      continue;
    }
    if (drafts.length === 0 && cursor.word() === 'for') {
      cursor.at += 1;
      cursor.skipWords(ARTICLES);
      const purpose = cursor.readPhrase();
      if (purpose !== null) drafts.push({ name: purpose });
      continue;
    }
    const mark = cursor.at;
    const separators = cursor.skipMarks(',') + cursor.skipWords(new Set(['and', 'plus']));
    if (separators === 0) break;
    if (OPTION_STARTS.has(cursor.word()) && readOption(cursor, target)) continue;
    const another = drafts.length > 0 && mayBeName(cursor) && !startsNounPhrase(cursor) ? cursor.readPhrase() : null;
    if (another === null) {
      cursor.at = mark;
      break;
    }
    drafts.push({ name: another });
  }
  return drafts.length === 0 ? [shared] : drafts.map((draft) => ({ ...shared, ...draft }));
}

function startsNounPhrase(cursor: TokenCursor): boolean {
  const probe = cursor.at;
  const found = readNounPhrase(cursor, true) !== null;
  cursor.at = probe;
  return found;
}

function mayBeName(cursor: TokenCursor): boolean {
  const token = cursor.peek();
  return (
    token?.kind === 'quoted' || (token?.kind === 'word' && !NOT_A_NAME.has(token.lower) && !ARTICLES.has(token.lower))
  );
}

function readNameIntro(cursor: TokenCursor): boolean {
  const start = cursor.at;
  if (cursor.skipMarks(':,') > 0 || cursor.word() === '-') {
    if (cursor.word() === '-') cursor.at += 1;
    if (mayBeName(cursor)) return true;
    cursor.at = start;
    return false;
  }
  if (NAME_INTRO.has(cursor.word())) {
    cursor.at += 1;
    cursor.skipMarks(':');
    return true;
  }
  if (cursor.word() === 'with' || cursor.word() === 'whose') cursor.at += 1;
  cursor.skipWords(ARTICLES);
  if (cursor.word() === 'name' || cursor.word() === 'names') {
    cursor.at += 1;
    cursor.skipWords(new Set(['is', 'are']));
    cursor.skipMarks(':');
    return true;
  }
  cursor.at = start;
  return false;
}

/** One option at the cursor, written into the draft; false leaves the cursor where it was. */
function readOption(cursor: TokenCursor, draft: Draft): boolean {
  const start = cursor.at;
  const lead = cursor.word();
  if (!OPTION_STARTS.has(lead)) return false;
  if (!OPTION_KEYS.has(lead)) cursor.at += 1;
  cursor.skipWords(new Set(['on', 'runs', 'uses', 'is', 'run', 'a', 'an', 'the', 'use']));
  const key = cursor.word();
  if (OPTION_KEYS.has(key)) {
    cursor.at += 1;
    cursor.skipMarks(':');
    cursor.skipWords(new Set(['is', '=', 'called', 'named']));
    const value = cursor.readPhrase(key === 'runtime' ? 3 : 1);
    if (value !== null) return setOption(draft, key, value);
  } else {
    const value = cursor.readPhrase(3);
    if (value !== null && OPTION_KEYS.has(cursor.word())) {
      const after = cursor.word();
      cursor.at += 1;
      return setOption(draft, after, value);
    }
    if (value !== null && lead === 'under') return setOption(draft, 'parent', value);
    if (value !== null && lead === 'from') return setOption(draft, 'template', value);
    if (value !== null && ['on', 'running', 'using', 'via', 'that', 'which'].includes(lead))
      return setOption(draft, value.includes('/') ? 'model' : 'runtime', value);
  }
  cursor.at = start;
  return false;
}

function setOption(draft: Draft, key: string, value: string): true {
  if (key === 'template') draft.template = value;
  else if (key === 'runtime') draft.runtime = value;
  else if (key === 'model') draft.model = value;
  else draft.parent = value;
  return true;
}
