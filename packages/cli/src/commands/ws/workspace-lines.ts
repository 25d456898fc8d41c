import { type Isolation, type Readiness, WALLS, type Workspace } from '@molecule/contracts';
import { inert, table } from '../../output/table.ts';

export function workspaceTable(workspaces: readonly Workspace[]): string {
  return table(
    ['NAME', 'STATUS', 'RUNTIME', 'MODEL', 'WHY', 'ID'],
    workspaces.map((each) => [
      each.kind === 'platform' ? `${each.name} (concierge)` : each.name,
      each.status,
      each.runtime,
      each.model ?? '-',
      each.statusReason ?? '',
      each.id,
    ]),
  );
}

export function workspaceLines(workspace: Workspace): string {
  const signals = Object.entries(workspace.signals).map(
    ([name, signal]) =>
      `  ${name.padEnd(15)} ${signal.status.padEnd(8)} ${inert(signal.message)}${signal.nextStep === null ? '' : ` Next: ${inert(signal.nextStep)}`}`,
  );
  return [
    `${inert(workspace.name)} is ${workspace.status}${workspace.statusReason === null ? '' : ` (${workspace.statusReason})`}`,
    `  id ${workspace.id}, runtime ${workspace.runtime}, model ${workspace.model ?? 'none'}, template ${workspace.template ?? 'none'}`,
    ...signals,
  ].join('\n');
}

/** What a change would do to a workspace; `after` is as the control plane would leave it. */
export function changeLines(before: Workspace, after: Workspace): string {
  const fields = (['name', 'parentId', 'runtime', 'status'] as const).filter((field) => before[field] !== after[field]);
  if (fields.length === 0) return 'Nothing would change.';
  const lines = fields.map(
    (field) => `  ${field}: ${inert(before[field] ?? 'none')} -> ${inert(after[field] ?? 'none')}`,
  );
  if (before.runtime !== after.runtime) {
    lines.push(
      '  It gets a new box and is proved anew. Its plugins, skills and identity are rendered for the new runtime.',
      '  Its files and conversations stay; each conversation goes on in a new session that is told what was said.',
      '  What the old runtime keeps in its own files stays where it is, and is not read any more.',
    );
  }
  return ['Would change:', ...lines].join('\n');
}

/** The readiness of a workspace, rung by rung. */
export function readinessLines(readiness: Readiness): string {
  const lines = [inert(readiness.summary.headline)];
  if (readiness.summary.nextStep !== null) lines.push(`Next: ${inert(readiness.summary.nextStep)}`);
  for (const server of readiness.servers) {
    lines.push(
      '',
      `${inert(server.server)}${server.required ? ' (required)' : ''}${server.tools === null ? '' : `: ${server.tools.length} tools`}`,
    );
    for (const rung of server.rungs) {
      const mark = rung.state === 'passed' ? 'ok' : rung.state === 'failed' ? 'NO' : '..';
      const took = rung.durationMs === null ? '' : ` ${Math.round(rung.durationMs)} ms`;
      lines.push(
        `  ${mark} ${rung.rung.padEnd(10)}${rung.witnessed ? ' witnessed by the control plane' : ''}${took}${rung.reason === null ? '' : ` ${rung.reason}`}`,
      );
    }
  }
  if (readiness.isolation !== null) lines.push('', ...isolationLines(readiness.isolation));
  return lines.join('\n');
}

/** What keeps the box apart from its machine. */
function isolationLines(isolation: Isolation): string[] {
  const by = isolation.mechanism === 'none' ? 'nothing keeps this box apart' : `by ${inert(isolation.mechanism)}`;
  if (!isolation.measured) {
    const short = isolation.shortfall === null ? '' : `; ${inert(isolation.shortfall)}`;
    return [`Isolation: ${by}, not measured yet${short}`];
  }
  const walls = WALLS.map((wall) => `  ${isolation[wall] === 'enforced' ? 'ok' : 'NO'} ${wall}`);
  return [
    `Isolation (measured by trying to break out): ${by}`,
    ...walls,
    ...(isolation.reason === undefined ? [] : [`  ${inert(isolation.reason)}`]),
    ...(isolation.hint === undefined ? [] : [`  Next: ${inert(isolation.hint)}`]),
  ];
}
