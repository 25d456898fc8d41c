import { parseSync } from 'oxc-parser';

/** One import or re-export of a module. */
export interface ModuleImport {
  readonly specifier: string;
  /** Erased by the compiler, so it cannot take part in a cycle at run time. */
  readonly typeOnly: boolean;
}

/**
 * What a TypeScript or JavaScript source imports: static imports, re-exports and `import('literal')`.
 * Throws with the parser's message when the source is not valid.
 */
export function importsOf(path: string, source: string): ModuleImport[] {
  const { module, errors } = parseSync(path, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const imports = module.staticImports.map((statement) => ({
    specifier: statement.moduleRequest.value,
    typeOnly: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
  }));
  const reexports = module.staticExports.flatMap((statement) =>
    statement.entries.flatMap((entry) =>
      entry.moduleRequest ? [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType }] : [],
    ),
  );
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest }) => {
    const text = source.slice(moduleRequest.start, moduleRequest.end);
    return /^(['"]).*\1$/.test(text) ? [{ specifier: text.slice(1, -1), typeOnly: false }] : [];
  });
  return [...imports, ...reexports, ...dynamic];
}
