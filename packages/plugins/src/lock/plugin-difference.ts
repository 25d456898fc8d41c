import type { PluginDifference, PluginManifest, ServerDescriptor } from '@molecule/contracts';
import { type TreeFile, treeDigest } from '../artifact/tree-digest.ts';

export interface ComparedPlugin {
  readonly manifest: PluginManifest;
  readonly files: readonly TreeFile[];
}

const MOST_FILES = 100;

/** What changes from one version of a plugin to another, for people to read before it is applied. Pure. */
export function pluginDifference(from: ComparedPlugin, to: ComparedPlugin): PluginDifference {
  const servers = byName(from.manifest);
  const nextServers = byName(to.manifest);
  const before = new Map(from.files.map((file) => [file.path, treeDigest([{ ...file, path: '' }])]));
  const after = new Map(to.files.map((file) => [file.path, treeDigest([{ ...file, path: '' }])]));
  const files = {
    ...named([...before.keys()], [...after.keys()]),
    changed: [...after]
      .filter(([path, digest]) => before.has(path) && before.get(path) !== digest)
      .map(([path]) => path)
      .sort(),
  };
  const listed = {
    added: files.added.slice(0, MOST_FILES),
    removed: files.removed.slice(0, MOST_FILES),
    changed: files.changed.slice(0, MOST_FILES),
  };
  const more =
    files.added.length +
    files.removed.length +
    files.changed.length -
    listed.added.length -
    listed.removed.length -
    listed.changed.length;
  return {
    version: { from: from.manifest.version, to: to.manifest.version },
    servers: {
      ...named([...servers.keys()], [...nextServers.keys()]),
      changed: [...nextServers].flatMap(([name, server]) => {
        const old = servers.get(name);
        const what = old === undefined ? [] : serverDifference(old, server);
        return what.length === 0 ? [] : [{ name, what }];
      }),
    },
    permissions: named(permissionsOf(from.manifest), permissionsOf(to.manifest)),
    skills: named(
      from.manifest.skills.map(({ name }) => name),
      to.manifest.skills.map(({ name }) => name),
    ),
    files: { ...listed, more },
    instructionsChanged: JSON.stringify(from.manifest.instructions) !== JSON.stringify(to.manifest.instructions),
  };
}

type Server = PluginManifest['servers'][number];

function byName(manifest: PluginManifest): ReadonlyMap<string, Server> {
  return new Map(manifest.servers.map((server) => [server.name, server]));
}

function named(from: readonly string[], to: readonly string[]): { added: string[]; removed: string[] } {
  return {
    added: [...new Set(to.filter((each) => !from.includes(each)))].sort(),
    removed: [...new Set(from.filter((each) => !to.includes(each)))].sort(),
  };
}

function serverDifference(from: Server, to: Server): string[] {
  const what: string[] = [];
  if (from.required !== to.required) what.push(to.required ? 'becomes required' : 'is no longer required');
  const tools = named(from.requiredTools, to.requiredTools);
  for (const tool of tools.added) what.push(`needs the tool ${tool}`);
  for (const tool of tools.removed) what.push(`no longer needs the tool ${tool}`);
  const [a, b] = [parts(from.descriptor), parts(to.descriptor)];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
    if (a[key] !== b[key]) what.push(`${key}: ${a[key] ?? 'none'} → ${b[key] ?? 'none'}`);
  return what;
}

function parts(descriptor: ServerDescriptor): Readonly<Record<string, string>> {
  const map = (label: string, values: Readonly<Record<string, string>>): [string, string][] =>
    Object.entries(values).map(([key, value]) => [`${label} ${key}`, value]);
  if (descriptor.type === 'http')
    return Object.fromEntries([['address', descriptor.url], ...map('header', descriptor.headers)]);
  return Object.fromEntries([
    ['command', [descriptor.command, ...descriptor.args].join(' ')],
    ...map('variable', descriptor.env),
  ]);
}

const SECRET = /\$\{secret:([A-Za-z_][A-Za-z0-9_]*)\}/g;
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}/g;

/** What a package asks for: programs it starts, addresses it reaches, secrets and variables it is given, setup, instructions. */
export function permissionsOf(manifest: PluginManifest): string[] {
  const asked = new Set<string>();
  for (const { descriptor } of manifest.servers) {
    if (descriptor.type === 'http')
      asked.add(`reaches ${URL.canParse(descriptor.url) ? new URL(descriptor.url).host : descriptor.url}`);
    else asked.add(`starts ${descriptor.command}`);
    const values =
      descriptor.type === 'http'
        ? [descriptor.url, ...Object.values(descriptor.headers)]
        : [descriptor.command, ...descriptor.args, ...Object.values(descriptor.env)];
    for (const value of values) {
      for (const [, name] of value.matchAll(SECRET)) asked.add(`is given the secret ${name}`);
      for (const [, name] of value.matchAll(VARIABLE))
        if (!/^(?:CLAUDE_)?PLUGIN_(?:ROOT|DATA)$/.test(name ?? '')) asked.add(`is given the variable ${name}`);
    }
  }
  if (manifest.setup !== null) {
    asked.add(`runs a setup: ${[manifest.setup.command, ...manifest.setup.args].join(' ')}`);
    for (const name of manifest.setup.secrets) asked.add(`is given the secret ${name}`);
  }
  if (manifest.instructions.length > 0) asked.add("adds to the agent's instructions");
  if (manifest.entitlement === 'privileged') asked.add('manages the org');
  return [...asked].sort();
}
