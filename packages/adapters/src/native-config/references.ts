const SECRET = /\$\{secret:([A-Za-z_][A-Za-z0-9_]*)\}/g;
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * A descriptor's value with `${secret:NAME}` written as `${NAME}`: a secret of the workspace reaches the box as a variable of
 * that name, so both are references and no value is ever written (B37, B72).
 */
export function plainReferences(text: string): string {
  return text.replace(SECRET, '${$1}');
}

/** Expands `${VAR}` and `${VAR:-default}`; what is not set and has no default stays as it is, literally. */
export function expandedOrLiteral(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return text.replace(REFERENCE, (whole, name: string, fallback: string | undefined) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    return value ?? fallback ?? whole;
  });
}

export function mapValues(
  map: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
