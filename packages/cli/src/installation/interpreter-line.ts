/** Shorter than the limit of every kernel we run on (127 on old ones, with the two signs before it). */
const LONGEST_DIRECT = 120;

/**
 * First line or lines of a JavaScript program that this Node has to run, for a file that is executed by its name.
 *
 * The kernel splits such a line at the first blank and cuts off what is too long. A Node with such a path is started by the shell,
 * from a second line that is a string and a comment to JavaScript.
 */
export function interpreterLine(node: string): string {
  if (!/\s/.test(node) && node.length <= LONGEST_DIRECT) return `#!${node}\n`;
  return `#!/bin/sh\n':' //; exec '${node.replaceAll("'", "'\\''")}' "$0" "$@"\n`;
}
