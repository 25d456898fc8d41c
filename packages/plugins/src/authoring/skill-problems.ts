import type { TreeFile } from '../artifact/tree-digest.ts';
import type { PluginProblem } from './validate-plugin.ts';

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LONGEST_NAME = 64;
const LONGEST_DESCRIPTION = 1024;

/** Checks the head of a SKILL.md: runtimes choose a skill by its name and description alone. */
export function skillProblems(
  skill: { readonly name: string; readonly path: string },
  files: readonly TreeFile[],
): PluginProblem[] {
  const file = `${skill.path}/SKILL.md`;
  const text = files.find((each) => each.path === file)?.content.toString('utf8') ?? '';
  const head = /^\ufeff?---\r?\n(.*?)\r?\n---(?:\r?\n|$)/s.exec(text)?.[1];
  const problem = (message: string, severity: PluginProblem['severity'] = 'error'): PluginProblem => ({
    severity,
    file,
    message,
  });
  if (head === undefined) return [problem('does not begin with a head between two lines of three dashes')];
  const name = field(head, 'name');
  const description = field(head, 'description');
  const problems: PluginProblem[] = [];
  if (name === null) problems.push(problem('its head has no name'));
  else if (name !== skill.name) problems.push(problem(`its name is "${name}" but its folder is "${skill.name}"`));
  else if (!NAME.test(name) || name.length > LONGEST_NAME)
    problems.push(problem('its name is not lower case letters, digits and single dashes', 'warning'));
  if (description === null || description === '')
    problems.push(problem('its head has no description, so no agent would choose it'));
  else if (description.length > LONGEST_DESCRIPTION)
    problems.push(problem(`its description is longer than ${LONGEST_DESCRIPTION} characters`, 'warning'));
  return problems;
}

/** A top-level field of the head, with folded lines joined. */
function field(head: string, name: string): string | null {
  const lines = head.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith(`${name}:`));
  if (at < 0) return null;
  const first = (lines[at] ?? '').slice(name.length + 1).trim();
  const more: string[] = [];
  for (let next = at + 1; /^\s+\S/.test(lines[next] ?? ''); next += 1) more.push((lines[next] ?? '').trim());
  return [/^[>|][+-]?$/.test(first) ? '' : first.replace(/^(["'])(.*)\1$/, '$2'), ...more]
    .filter((part) => part !== '')
    .join(' ');
}
