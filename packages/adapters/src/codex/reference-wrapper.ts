import type { StdioDescriptor } from '@molecule/contracts';

/*
 * The runtime expands nothing in its configuration; it can only pass variables on under their own name. Where a descriptor
 * refers to a variable in any other way, a shell puts the value in its place when the server starts:
 *
 *   /bin/sh -c 'RENAMED="${SECRET?}" exec "server" "--url=${URL?}"'
 *
 * `?` makes an unset variable an error instead of an empty text. The script is written by one function and read by the other.
 */

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\??\}/g;

/** Names of all variables that the descriptor refers to, each once. */
export function referencedNames(descriptor: StdioDescriptor): readonly string[] {
  const texts = [descriptor.command, ...descriptor.args, ...Object.values(descriptor.env)];
  return [...new Set(texts.flatMap((text) => [...text.matchAll(REFERENCE)].map((match) => match[1] ?? '')))];
}

/** True when every reference is `NAME: "${NAME}"` in the environment, so that passing the variable on is enough. */
export function isPassThrough(descriptor: StdioDescriptor): boolean {
  const plain = (text: string) => !text.includes('${');
  const { command, args, env } = descriptor;
  return (
    plain(command) &&
    args.every(plain) &&
    Object.entries(env).every(([name, value]) => plain(value) || value === `\${${name}}`)
  );
}

export function wrapperScript(descriptor: StdioDescriptor): string {
  const assignments = Object.entries(descriptor.env).map(([name, value]) => `${name}=${quoted(value)}`);
  return [...assignments, 'exec', quoted(descriptor.command), ...descriptor.args.map(quoted)].join(' ');
}

/** The descriptor behind a script of ours; null for any other script. */
export function readWrapperScript(script: string): StdioDescriptor | null {
  const words: readonly string[] = script.match(/(?:[A-Za-z_][A-Za-z0-9_]*=)?"(?:[^"\\]|\\[\s\S])*"|exec/g) ?? [];
  const at = words.indexOf('exec');
  const command = at < 0 ? undefined : words[at + 1];
  if (command === undefined || words.join(' ') !== script) return null;
  const env = words.slice(0, at).map((word) => {
    const equals = word.indexOf('=');
    return [word.slice(0, equals), unquoted(word.slice(equals + 1))] as const;
  });
  return {
    type: 'stdio',
    command: unquoted(command),
    args: words.slice(at + 2).map(unquoted),
    env: Object.fromEntries(env),
  };
}

/** In double quotes the shell treats four characters specially; only our references keep their dollar sign. */
function quoted(text: string): string {
  let out = '';
  let done = 0;
  for (const match of text.matchAll(REFERENCE)) {
    out += `${escaped(text.slice(done, match.index))}\${${match[1]}?}`;
    done = match.index + match[0].length;
  }
  return `"${out}${escaped(text.slice(done))}"`;
}

function escaped(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&');
}

function unquoted(word: string): string {
  return word
    .slice(1, -1)
    .replace(
      /\\([\s\S])|\$\{(\w+)\?\}/g,
      (_, character: string | undefined, name: string | undefined) => character ?? `\${${name}}`,
    );
}
