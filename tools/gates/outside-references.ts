import { dirname, resolve, sep } from 'node:path';
import { type Node, parseSync, Visitor } from 'oxc-parser';

/** The text of a literal that is a relative path upwards, or undefined. */
function upward(node: Node | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' && /^\.\.?\//.test(node.value)
    ? node.value
    : undefined;
}

/**
 * Places outside the repository that a source names relative to itself: `new URL('../x', import.meta.url)` and `join(import.meta.dirname, '../x')`. A check
 * that reads a file somewhere else fails every change when that file moves (B106, I9), so checks live where their files live.
 * @param files path in the repository → text
 * @returns one line for each finding
 */
export function outsideReferences(files: ReadonlyMap<string, string>, root: string): string[] {
  const findings: string[] = [];
  for (const [path, text] of files) {
    if (!/\.(ts|tsx|mjs)$/.test(path) || !text.includes('import.meta')) continue;
    const look = (relative: string | undefined): void => {
      if (relative === undefined) return;
      const target = resolve(root, dirname(path), relative);
      if (target !== resolve(root) && !target.startsWith(resolve(root) + sep))
        findings.push(`${path}: names ${relative}, which is outside the repository`);
    };
    new Visitor({
      NewExpression(each) {
        if (each.callee.type === 'Identifier' && each.callee.name === 'URL') look(upward(each.arguments[0]));
      },
      CallExpression(each) {
        if (each.callee.type !== 'Identifier' || !/^(join|resolve)$/.test(each.callee.name)) return;
        if (text.slice(each.arguments[0]?.start ?? 0, each.arguments[0]?.end ?? 0) !== 'import.meta.dirname') return;
        look(upward(each.arguments[1]));
      },
    }).visit(parseSync(path, text).program);
  }
  return findings;
}
