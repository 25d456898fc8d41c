/** A place in a document, from the root, one key per step. Every string is an ordinary key, `__proto__` too. */
export type Path = readonly string[];

export function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && startsWith(a, b);
}

/** Whether `path` is `prefix` or lies below it. */
export function startsWith(path: readonly (string | number)[], prefix: readonly (string | number)[]): boolean {
  return prefix.every((key, index) => path[index] === key);
}

/** What a configuration file can hold; big integers and dates occur in TOML only. */
export type ConfigValue = null | boolean | number | bigint | string | Date | readonly ConfigValue[] | ConfigMap;

export interface ConfigMap {
  readonly [key: string]: ConfigValue;
}

export function isMap(value: ConfigValue | undefined): value is ConfigMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The own value of a key; inherited names such as `constructor` are absent. */
export function ownValue(map: ConfigMap, key: string): ConfigValue | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A copy with one key set. `__proto__` becomes an own key, which plain assignment would not do. */
export function withKey(map: ConfigMap, key: string, value: ConfigValue): ConfigMap {
  const next = { ...map };
  Object.defineProperty(next, key, { value, enumerable: true, writable: true, configurable: true });
  return next;
}

export function withoutKey(map: ConfigMap, key: string): ConfigMap {
  const next: Record<string, ConfigValue> = { ...map };
  delete next[key];
  return next;
}

/** The value at a path, or undefined where nothing is there. */
export function valueAt(root: ConfigValue | undefined, path: Path): ConfigValue | undefined {
  let at = root;
  for (const key of path) {
    if (!isMap(at)) return undefined;
    at = ownValue(at, key);
  }
  return at;
}

/** The root with `value` at `path`. Anything on the way that is not a map is replaced by one: check before. */
export function withValueAt(root: ConfigValue | undefined, path: Path, value: ConfigValue): ConfigValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const map = isMap(root) ? root : {};
  return withKey(map, key, withValueAt(ownValue(map, key), rest, value));
}

/** The root without the key at the end of `path`; the containers on the way stay, empty or not. */
export function withoutValueAt(root: ConfigValue, path: Path): ConfigValue {
  const [key, ...rest] = path;
  if (key === undefined || !isMap(root) || !Object.hasOwn(root, key)) return root;
  if (rest.length === 0) return withoutKey(root, key);
  const child = ownValue(root, key);
  return child === undefined ? root : withKey(root, key, withoutValueAt(child, rest));
}

/** Equal in meaning: key order does not count, number kinds and dates do. */
export function sameValue(a: ConfigValue | undefined, b: ConfigValue | undefined): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.toISOString() === b.toISOString();
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameValue(item, b[index]));
  }
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}
