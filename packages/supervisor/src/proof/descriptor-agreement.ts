import type { ServerDescriptor } from '@molecule/contracts';

/**
 * Whether the server that a runtime would load is the one that was declared. `${secret:NAME}` and `${NAME}` are the same reference
 * once rendered (B72); the order of variables and headers has no meaning.
 */
export function descriptorsAgree(declared: ServerDescriptor, loaded: ServerDescriptor): boolean {
  if (declared.type === 'http' || loaded.type === 'http') {
    return (
      declared.type === 'http' &&
      loaded.type === 'http' &&
      plain(declared.url) === plain(loaded.url) &&
      mapsAgree(declared.headers, loaded.headers)
    );
  }
  return (
    declared.command === loaded.command &&
    declared.args.length === loaded.args.length &&
    declared.args.every((value, index) => plain(value) === plain(loaded.args[index] ?? '')) &&
    mapsAgree(declared.env, loaded.env)
  );
}

function mapsAgree(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => plain(a[name] ?? '') === plain(b[name] ?? '\0'))
  );
}

function plain(value: string): string {
  return value.replace(/\$\{secret:/g, '${');
}
