/** Blocks that agent CLIs put around or beside what the user typed, as seen in their requests. */
const CONTEXT_TAGS = [
  'system-reminder',
  'system_reminder',
  'system_notification',
  'environment_context',
  'environment_details',
  'user_instructions',
  'instructions',
  'session_context',
  'available-deferred-tools',
  'available_deferred_tools',
  'permissions instructions',
  'current_datetime',
  'reminder',
  'user_info',
  'context',
  'git_status',
  'workspace_info',
  'sql_tables',
  'todo_status',
  'memory',
  'skills_instructions',
  'collaboration_mode',
  'local-command-caveat',
  'local-command-stdout',
  'command-name',
  'command-message',
  'command-args',
  'user-prompt-submit-hook',
  'turn_aborted',
] as const;

/** Wrappers whose content *is* the prompt. */
const PROMPT_TAGS = ['task', 'user_input', 'user_message', 'user_query', 'user_request', 'feedback'] as const;

/** Texts that CLIs send in the user's name to keep a turn going. */
const CONTINUATIONS =
  /^(?:please continue\.?|continue\.?|tool loaded\.?|tools? loaded:?.*|\[request interrupted by user[^\]]*\])$/i;

const contextBlocks = CONTEXT_TAGS.map(
  (tag) => new RegExp(`<${tag}(?:\\s[^>]*)?>[\\s\\S]*?(?:</${tag.split(' ')[0]}(?:\\s[^>]*)?>|$)`, 'gi'),
);
const promptWrappers = new RegExp(`</?(?:${PROMPT_TAGS.join('|')})(?:\\s[^>]*)?>`, 'gi');

/**
 * What the user typed in one text of a user message, or an empty string when the whole text was put there by the CLI
 * (reminders, environment blocks, instruction files, "Tool loaded.").
 */
export function promptTextOf(text: string): string {
  if (/^\s*# AGENTS\.md instructions\b/.test(text)) return '';
  let rest = text;
  if (rest.includes('<')) {
    for (const block of contextBlocks) rest = rest.replace(block, '');
    rest = rest.replace(promptWrappers, '');
  }
  rest = rest.trim();
  return CONTINUATIONS.test(rest) ? '' : rest;
}

/** True for the mark a CLI leaves when the user cut a turn short: text after it is a new prompt, even beside tool results. */
export function isInterruptionMark(text: string): boolean {
  return /^\s*\[request interrupted by user/i.test(text);
}
