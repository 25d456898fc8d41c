import { type Node, parseSync, Visitor } from 'oxc-parser';

/** One requirement of the manifest (`requirements/*.json`), in our own words. */
export interface Requirement {
  readonly id: string;
  readonly title: string;
  /** The issue it belongs to, `2` to `6`, or `later`. */
  readonly issue: number | 'later';
  /** Where it comes from, e.g. `S0` for a seed or `issue`. */
  readonly source: string;
}

/** One test that says which requirements it proves. */
export interface Citation {
  readonly file: string;
  readonly ids: readonly string[];
}

/** How much of one issue has a test. */
export interface Coverage {
  readonly issue: number | 'later';
  readonly covered: readonly string[];
  readonly open: readonly string[];
}

function stringsIn(node: Node): string[] | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return [node.value];
  if (node.type !== 'ArrayExpression') return undefined;
  const items = node.elements.map((element) => (element === null ? undefined : stringsIn(element)?.[0]));
  return items.every((item) => item !== undefined) ? items : undefined;
}

/**
 * The `verifies('B1', ...)` and `verifies(['B1', 'T4'], ...)` calls of a test file.
 * Throws when the ids are not literals: nobody could tell then what the test proves.
 */
export function citationsIn(file: string, source: string): Citation[] {
  const { program, errors } = parseSync(file, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const citations: Citation[] = [];
  new Visitor({
    CallExpression(call) {
      if (call.callee.type !== 'Identifier' || call.callee.name !== 'verifies') return;
      const [first] = call.arguments;
      const ids = first === undefined ? undefined : stringsIn(first);
      if (ids === undefined) throw new Error(`${file}: verifies() takes its ids as literals`);
      citations.push({ file, ids });
    },
  }).visit(program);
  return citations;
}

/** Ids that tests cite and the manifest lacks, and ids of the manifest that appear twice. */
export function checkCitations(manifest: readonly Requirement[], citations: readonly Citation[]): string[] {
  const known = new Set<string>();
  const doubled = manifest.filter(({ id }) => known.size === known.add(id).size);
  const unknown = citations.flatMap(({ file, ids }) =>
    ids.filter((id) => !known.has(id)).map((id) => `${file}: verifies ${id}, which requirements/ does not know`),
  );
  return [...doubled.map(({ id }) => `requirements: ${id} appears twice`), ...new Set(unknown)];
}

/** Ids of `requirements/covered.json` that no test cites any more. */
export function lostCoverage(accepted: readonly string[], citations: readonly Citation[]): string[] {
  const cited = new Set(citations.flatMap(({ ids }) => ids));
  return accepted.filter((id) => !cited.has(id)).map((id) => `${id}: was covered, now no test verifies it`);
}

/** Covered and open ids per issue, in the manifest's order. */
export function coverageByIssue(manifest: readonly Requirement[], citations: readonly Citation[]): Coverage[] {
  const cited = new Set(citations.flatMap(({ ids }) => ids));
  const issues = [...new Set(manifest.map(({ issue }) => issue))];
  return issues
    .sort((a, b) => String(a).localeCompare(String(b)))
    .map((issue) => {
      const ids = manifest.filter((requirement) => requirement.issue === issue).map(({ id }) => id);
      return { issue, covered: ids.filter((id) => cited.has(id)), open: ids.filter((id) => !cited.has(id)) };
    });
}
