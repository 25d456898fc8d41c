// Names that say "I did not decide what this is".
const FORBIDDEN = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'manager', 'managers']);

const CHECKED = /^(?:packages|tools|tests|bench|plugins)\//;
const CODE = /\.(?:ts|tsx|mts|mjs|css|sql|sh)$/;
const KEBAB_CASE = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
// Numbered and append-only: `0001_house.sql`.
const MIGRATION = /^\d{4}_[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;

/**
 * Files and folders of ours whose name is forbidden as a whole, and code files not in kebab-case.
 * A forbidden word inside a longer name is fine where it is part of the subject (`common-name.ts`).
 */
export function checkFileNames(paths: readonly string[]): string[] {
  return paths
    .filter((path) => CHECKED.test(path))
    .flatMap((path) => {
      const segments = path.split('/');
      const bad = segments.find((segment) => FORBIDDEN.has(segment.split('.')[0] ?? ''));
      if (bad !== undefined) return [`${path}: "${bad}" says nothing; name the idea the file holds`];
      const file = segments.at(-1) ?? '';
      return CODE.test(file) && !KEBAB_CASE.test(file) && !MIGRATION.test(file)
        ? [`${path}: file names are kebab-case`]
        : [];
    });
}
