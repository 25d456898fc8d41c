import type { WorkspacePlugin } from '@molecule/contracts';
import { surfaceChange } from '@molecule/domain';
import type { WantedPlugin } from '@molecule/store';
import type { WorkspacePlugins } from './plugin-sets.ts';

/** The plugins of a workspace as the outside sees them: those of the desired set, and those that wait to be fetched. */
export function pluginViews({ set, wanted, pins }: WorkspacePlugins): WorkspacePlugin[] {
  const rows = [...wanted.installed, ...wanted.declared];
  const ready = set.plugins.map(({ name, source, origin, artifact }): WorkspacePlugin => {
    const { manifest, digest } = artifact;
    const row = rows.find((each) => each.artifact?.digest === digest);
    return {
      name,
      title: manifest.title,
      description: manifest.description,
      version: manifest.version,
      source,
      resolved: row?.resolved ?? source,
      digest,
      origin,
      privileged: artifact.privileged,
      required: manifest.required,
      skills: manifest.skills.map((skill) => skill.name),
      dropped: manifest.dropped ?? [],
      state: 'ready',
      failure: null,
      servers: manifest.servers.map((server) => {
        const pin = pins.get(server.name);
        return {
          name: server.name,
          required: server.required,
          tools: pin?.state ?? null,
          change: pin === undefined || pin.seen === null ? null : copyOf(surfaceChange(pin.tools, pin.seen)),
          shadowedBy: set.shadowed.find((each) => each.plugin === name && each.server === server.name)?.by ?? null,
        };
      }),
    };
  });
  const waiting = wanted.declared
    .filter((row) => row.artifact === null && !ready.some(({ name }) => name === row.name))
    .map(waitingView);
  return [...ready, ...waiting].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function copyOf(change: ReturnType<typeof surfaceChange>): WorkspacePlugin['servers'][number]['change'] {
  return change === null
    ? null
    : { added: [...change.added], removed: [...change.removed], changed: [...change.changed] };
}

function waitingView(row: WantedPlugin): WorkspacePlugin {
  return {
    name: row.name,
    title: row.name,
    description: '',
    version: null,
    source: row.source,
    resolved: null,
    digest: null,
    origin: 'declared',
    privileged: false,
    required: false,
    servers: [],
    skills: [],
    dropped: [],
    state: row.failure === null ? 'waiting' : 'failed',
    failure: row.failure as WorkspacePlugin['failure'], // written by the fetch pass from a MoleculeError
  };
}
