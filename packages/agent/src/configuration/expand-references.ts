/** The text with every `${VAR}` replaced, or the names that are not set. */
export type Expansion =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly missing: readonly string[] };

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * Replaces `${VAR}` by the variable's value. An unset variable is a failure and never the literal text: a server that receives
 * `${TOKEN}` as its token fails later, and elsewhere. An empty value counts as set.
 */
export function expandReferences(text: string, env: Readonly<Record<string, string | undefined>>): Expansion {
  const missing: string[] = [];
  const value = text.replace(REFERENCE, (whole, name: string) => {
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found === undefined) missing.push(name);
    return found ?? whole;
  });
  return missing.length === 0 ? { ok: true, value } : { ok: false, missing: [...new Set(missing)] };
}
