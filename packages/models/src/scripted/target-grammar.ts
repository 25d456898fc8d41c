import type { AssistantAction } from './assistant-action.ts';
import type { TokenCursor } from './token-cursor.ts';

type TargetKind = Extract<AssistantAction, { name: string }>['kind'];

const VERBS: Readonly<Record<string, Exclude<TargetKind, 'send'>>> = {
  restart: 'restart',
  reboot: 'restart',
  pause: 'pause',
  suspend: 'pause',
  stop: 'pause',
  resume: 'resume',
  unpause: 'resume',
  wake: 'resume',
  delete: 'remove',
  remove: 'remove',
  deprovision: 'remove',
  destroy: 'remove',
  retire: 'remove',
  tear: 'remove',
  diagnose: 'why',
  inspect: 'status',
};
const LEADING = new Set([
  'the',
  'my',
  'our',
  'workspace',
  'workspaces',
  'agent',
  'agents',
  'called',
  'named',
  'up',
  'down',
  'both',
]);
const TRAILING = new Set(['workspace', 'workspaces', 'agent', 'agents', 'up', 'down']);
const PRONOUNS = new Set(['it', 'them', 'they', 'that', 'this']);
const PEOPLE = new Set(['me', 'us', 'you', 'yourself', 'user', 'everyone']);
const STATES = new Set([
  'offline',
  'online',
  'not',
  'failing',
  'failed',
  'stuck',
  'degraded',
  'down',
  'broken',
  'paused',
  'hibernated',
  'provisioning',
  'booting',
  'still',
  'so',
  'slow',
  'unable',
  'red',
  'doing',
  'ok',
  'okay',
  'going',
  'up',
]);
const ASK_STOPS = new Set([
  'a',
  'an',
  'the',
  'about',
  'what',
  'how',
  'why',
  'whether',
  'saying',
  'this',
  'hello',
  'hi',
  'message',
  'task',
]);

/** Reads what concerns existing workspaces at the cursor. `before` gives "it" its meaning. Null leaves the cursor unmoved. */
export function readTargetAction(
  cursor: TokenCursor,
  prompt: string,
  before: readonly AssistantAction[],
): AssistantAction[] | null {
  const start = cursor.at;
  const found =
    readList(cursor) ?? readWhy(cursor, before) ?? readVerb(cursor, before) ?? readSend(cursor, prompt, before);
  if (found === null) cursor.at = start;
  return found;
}

function readList(cursor: TokenCursor): AssistantAction[] | null {
  if (
    !['list', 'show', 'which', 'what', 'count'].includes(cursor.word()) &&
    !(cursor.word() === 'how' && cursor.word(1) === 'many')
  )
    return null;
  for (let offset = 1; offset <= 6; offset += 1) {
    const word = cursor.word(offset);
    if (word === '') return null;
    if (word === 'workspaces' || word === 'agents' || word === 'templates') {
      cursor.at += offset + 1;
      return [{ kind: word === 'templates' ? 'templates' : 'list' }];
    }
  }
  return null;
}

function readWhy(cursor: TokenCursor, before: readonly AssistantAction[]): AssistantAction[] | null {
  const word = cursor.word();
  const start = cursor.at;
  let kind: 'why' | 'status' = 'why';
  if (word === 'why' && /^(?:is|isn't|isn’t|are|was|did|does|has|can't|won't)$/.test(cursor.word(1))) cursor.at += 2;
  else if (/^(?:what's|what’s)$/.test(word) && cursor.word(1) === 'wrong' && cursor.word(2) === 'with') cursor.at += 3;
  else if (word === 'what' && cursor.word(1) === 'is' && cursor.word(2) === 'wrong' && cursor.word(3) === 'with')
    cursor.at += 4;
  else if (word === 'status' && cursor.word(1) === 'of') {
    kind = 'status';
    cursor.at += 2;
  } else if (word === 'how' && /^(?:is|are)$/.test(cursor.word(1))) {
    kind = 'status';
    cursor.at += 2;
  } else return null;
  const names = readTargets(cursor, before, STATES);
  if (names.length === 0 || names.some((name) => PEOPLE.has(name.toLowerCase()))) {
    cursor.at = start;
    return null;
  }
  return names.map((name) => ({ kind, name }));
}

function readVerb(cursor: TokenCursor, before: readonly AssistantAction[]): AssistantAction[] | null {
  const word = cursor.word();
  const phrase = word === 'get' && cursor.word(1) === 'rid' && cursor.word(2) === 'of';
  const kind = phrase ? 'remove' : Object.hasOwn(VERBS, word) ? VERBS[word] : undefined;
  if (kind === undefined) return null;
  const start = cursor.at;
  cursor.at += phrase ? 3 : 1;
  const names = readTargets(cursor, before, new Set());
  if (names.length === 0) {
    cursor.at = start;
    return null;
  }
  return names.map((name) => ({ kind, name }));
}

function readTargets(cursor: TokenCursor, before: readonly AssistantAction[], stops: ReadonlySet<string>): string[] {
  const names: string[] = [];
  for (;;) {
    cursor.skipWords(LEADING);
    if (PRONOUNS.has(cursor.word())) {
      cursor.at += 1;
      names.push(...lastNames(before));
    } else {
      const name = trimName(cursor.readPhrase(5, stops));
      if (name === null) break;
      names.push(name);
    }
    const mark = cursor.at;
    const separators = cursor.skipMarks(',') + cursor.skipWords(new Set(['and']));
    if (separators === 0) break;
    if (Object.hasOwn(VERBS, cursor.word()) || startsOther(cursor)) {
      cursor.at = mark;
      break;
    }
  }
  return names;
}

function startsOther(cursor: TokenCursor): boolean {
  return /^(?:tell|ask|send|create|make|list|show|why|what|how|provision|message|delegate|then|please|set|report|say|let|give|do|check|explain)$/.test(
    cursor.word(),
  );
}

function trimName(phrase: string | null): string | null {
  if (phrase === null) return null;
  const words = phrase.split(' ');
  while (words.length > 1 && TRAILING.has((words.at(-1) ?? '').toLowerCase())) words.pop();
  return words.join(' ');
}

/** The names of the last thing asked about: all of them when several were asked for in a row. */
function lastNames(before: readonly AssistantAction[]): string[] {
  const names: string[] = [];
  for (const action of before.toReversed()) {
    if (action.kind === 'provision') names.unshift(action.workspace.name);
    else if ('name' in action && names.length === 0) return [action.name];
    else break;
  }
  return names;
}

function readSend(cursor: TokenCursor, prompt: string, before: readonly AssistantAction[]): AssistantAction[] | null {
  const verb = cursor.word();
  if (!['tell', 'ask', 'instruct', 'send', 'message', 'delegate', 'forward'].includes(verb)) return null;
  cursor.at += 1;
  const textFirst = readTextFirst(cursor, before);
  if (textFirst !== null) return textFirst;
  if (verb === 'send' || verb === 'forward') {
    cursor.skipWords(new Set(['a', 'the', 'this', 'message', 'task', 'note', 'word']));
    if (cursor.word() === 'to') cursor.at += 1;
  }
  if (PEOPLE.has(cursor.word())) return null;
  cursor.skipWords(LEADING);
  const names = PRONOUNS.has(cursor.word()) ? lastNames(before) : [];
  if (names.length > 0) cursor.at += 1;
  else {
    const name = trimName(cursor.readPhrase(4, ASK_STOPS));
    if (name === null) return null;
    names.push(name);
  }
  cursor.skipWords(TRAILING);
  cursor.skipWords(new Set(['a', 'the', 'this', 'message', 'task', 'note']));
  cursor.skipMarks(':,');
  cursor.skipWords(new Set(['to', 'that', 'saying', 'says']));
  cursor.skipMarks(':');
  const first = cursor.peek();
  if (first === undefined) return null;
  const isWholeQuote = first.kind === 'quoted' && (cursor.peek(1) === undefined || cursor.isMark('.!?', 1));
  const text = isWholeQuote ? first.text : prompt.slice(first.start).trim();
  cursor.at = cursor.tokens.length;
  return names.map((name) => ({ kind: 'send', name, text }));
}

/** `send "hello" to research`, `delegate "write the report" to research`. */
function readTextFirst(cursor: TokenCursor, before: readonly AssistantAction[]): AssistantAction[] | null {
  const start = cursor.at;
  cursor.skipWords(new Set(['a', 'the', 'this', 'message', 'task', 'note', 'saying']));
  cursor.skipMarks(':');
  const quoted = cursor.peek();
  if (quoted?.kind === 'quoted' && cursor.word(1) === 'to') {
    cursor.at += 2;
    const names = readTargets(cursor, before, new Set());
    if (names.length > 0) return names.map((name) => ({ kind: 'send', name, text: quoted.text }));
  }
  cursor.at = start;
  return null;
}
