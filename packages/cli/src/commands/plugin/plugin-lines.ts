import type { CataloguePlugin, PluginProof, WorkspacePlugin } from '@molecule/contracts';
import { inert, table } from '../../output/table.ts';

export function pluginTable(plugins: readonly WorkspacePlugin[]): string {
  const rows = plugins.map((plugin) => [
    plugin.name,
    plugin.version ?? '-',
    plugin.origin,
    plugin.state,
    plugin.servers.map(serverWord).join(', ') || '-',
    plugin.skills.length === 0 ? '-' : String(plugin.skills.length),
    plugin.resolved ?? plugin.source,
  ]);
  const failures = plugins.flatMap(({ name, failure }) =>
    failure === null ? [] : [`${inert(name)}: ${inert(failure.message)} ${inert(failure.hint)}`],
  );
  return [table(['NAME', 'VERSION', 'ORIGIN', 'STATE', 'SERVERS', 'SKILLS', 'SOURCE'], rows), ...failures].join('\n');
}

function serverWord(server: WorkspacePlugin['servers'][number]): string {
  if (server.shadowedBy !== null) return `${server.name} (left out: ${server.shadowedBy} has it)`;
  return server.tools === 'held' || server.tools === 'flagged'
    ? `${server.name} (tools changed, ${server.tools})`
    : server.name;
}

export function catalogueTable(plugins: readonly CataloguePlugin[]): string {
  return table(
    ['SOURCE', 'VERSION', 'PRIVILEGED', 'DESCRIPTION'],
    plugins.map((plugin) => [
      plugin.source,
      plugin.version ?? '-',
      plugin.privileged ? 'yes' : 'no',
      plugin.description,
    ]),
  );
}

/** Where a change stands in the box, in one sentence. */
export function proofLine(proof: PluginProof): string {
  switch (proof.state) {
    case 'proved':
      return 'It is in the box and proved; the agent has it in its next turn.';
    case 'failed':
      return `It is in the box, but not all of it works: ${inert(proof.problems.join('; '))}`;
    case 'pending':
      return 'It is recorded; the box is still taking it over.';
    case 'no_box':
      return 'It is recorded; the workspace gets it when its box starts.';
  }
}
