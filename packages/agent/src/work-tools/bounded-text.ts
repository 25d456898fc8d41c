/** What one tool result may hold; more would fill the model's context without being read. */
export const TOOL_OUTPUT_LIMIT_CHARS = 48_000;

/** The text, or its beginning and end with a note of how much is missing between them. */
export function boundedText(text: string, limit: number = TOOL_OUTPUT_LIMIT_CHARS): string {
  if (text.length <= limit) return text;
  const head = Math.floor(limit * 0.7);
  const tail = limit - head;
  return `${text.slice(0, head)}\n[… ${text.length - limit} characters left out …]\n${text.slice(-tail)}`;
}
