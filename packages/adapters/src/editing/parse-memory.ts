/** One edit parses the same text several times over (before, to verify, to plan the undo); so few texts are enough. */
const KEPT_TEXTS = 4;
/** Longer texts are not kept, so that a huge file does not stay in memory. */
const MAX_KEPT_CHARS = 512 * 1024;

/** The same function, remembering its last results. For pure functions with results nobody changes. */
export function remembering<T>(parse: (text: string) => T): (text: string) => T {
  let kept: readonly { readonly text: string; readonly result: T }[] = [];
  return (text) => {
    const known = kept.find((entry) => entry.text === text);
    if (known) return known.result;
    const result = parse(text);
    if (text.length <= MAX_KEPT_CHARS) kept = [{ text, result }, ...kept.slice(0, KEPT_TEXTS - 1)];
    return result;
  };
}
