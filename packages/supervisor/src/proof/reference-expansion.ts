/** A reference that a runtime would have to fill in: `${NAME}`, `${NAME:-default}`, `${secret:NAME}`. */
const REFERENCE = /\$\{(?:secret:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Fills references from an environment; one without a value and without a default stays as it is. */
export function expandReferences(value: string, env: Readonly<Record<string, string>>): string {
  return value.replace(
    REFERENCE,
    (whole, name: string, fallback: string | undefined) => env[name] ?? fallback ?? whole,
  );
}

/** Names of the entries whose value still holds a reference, with it; a server that starts with one does not work, and says so late. */
export function unexpandedReferences(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const found = /\$\{[^}]*\}/.exec(value);
    return found === null ? [] : [`${name}=${found[0]}`];
  });
}
