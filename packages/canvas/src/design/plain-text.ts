/** Terminal sequences: CSI, OSC (to its end), and single escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is looked for
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** Characters that turn the reading direction of what follows: a file name could show as another one. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g;

/** Text from agents and tools without what could move a cursor, hide or reverse something. */
export function plainText(text: string): string {
  return text.replace(TERMINAL, '').replace(CONTROLS, '').replace(DIRECTION, '');
}
