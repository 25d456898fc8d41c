import { PluginManifest } from '@molecule/contracts';
import { sourceIdentity } from '@molecule/domain';
import type { TreeFile } from '../artifact/tree-digest.ts';
import { agentPlugin } from './agent-plugin.ts';
import { claudePlugin } from './claude-plugin.ts';
import { manifestInvalid, schemaInvalid } from './manifest-invalid.ts';
import type { ManifestShape } from './manifest-shape.ts';
import { serverList, settingsFragment } from './server-list.ts';

const MOST_SKILLS = 300;
const LARGEST_INSTRUCTION_BYTES = 64 * 1024;
const SKILL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * The manifest of a package in our normal form, from the first of the files that it has: `plugin.json`, `.claude-plugin/plugin.json`, `mcp-servers.json`,
 * `settings-fragment.json` (B64).
 * @param label source or name, for messages and for the name of a package that does not say its own
 * @throws MoleculeError `plugin_manifest_invalid`, naming the file and the place
 */
export function parseManifest(files: readonly TreeFile[], label: string): PluginManifest {
  const shape =
    agentPlugin(files, label) ??
    claudePlugin(files, label) ??
    serverList(files, label) ??
    settingsFragment(files, label);
  if (shape === undefined)
    throw manifestInvalid(
      label,
      'it has none of plugin.json, .claude-plugin/plugin.json, mcp-servers.json and settings-fragment.json',
    );
  const unknown = Object.keys(shape.serverSettings).find((name) => !Object.hasOwn(shape.servers, name));
  if (unknown !== undefined)
    throw manifestInvalid(label, `plugin.json has settings for the server "${unknown}", which mcp.json does not have`);
  const manifest = {
    name: shape.name ?? sourceIdentity(label).lastName,
    version: shape.version,
    title: shape.title ?? shape.name ?? sourceIdentity(label).lastName,
    description: shape.description,
    entitlement: shape.entitlement,
    required: shape.required,
    servers: Object.entries(shape.servers)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, descriptor]) => {
        const settings = Object.hasOwn(shape.serverSettings, name) ? shape.serverSettings[name] : undefined;
        return {
          name,
          descriptor,
          required: settings?.required ?? false,
          requiredTools: [...(settings?.requiredTools ?? [])],
        };
      }),
    skills: skillsOf(files, shape, label),
    instructions: shape.instructions.map((path) => instruction(files, path, label)),
    setup: shape.setup,
    runtimes: [...shape.runtimes],
    dropped: [...shape.dropped],
  };
  const checked = PluginManifest.safeParse(manifest);
  if (!checked.success) throw schemaInvalid(label, 'the manifest', checked.error);
  return checked.data;
}

function skillsOf(
  files: readonly TreeFile[],
  { skillFolders }: ManifestShape,
  label: string,
): PluginManifest['skills'] {
  const found = new Map<string, string>();
  for (const { path } of files) {
    const [folder, name] = [path.split('/').slice(0, -2).join('/'), path.split('/').at(-2) ?? ''];
    if (!path.endsWith('/SKILL.md') || !skillFolders.includes(folder)) continue;
    if (!SKILL_NAME.test(name))
      throw manifestInvalid(label, `${path}: the name of the skill is not letters, digits, dots and dashes`);
    found.set(name, `${folder}/${name}`);
  }
  if (found.size > MOST_SKILLS) throw manifestInvalid(label, `it has more than ${MOST_SKILLS} skills`);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, path]) => ({ name, path }));
}

function instruction(files: readonly TreeFile[], path: string, label: string): PluginManifest['instructions'][number] {
  const file = files.find((each) => each.path === path.replace(/^\.\//, ''));
  if (file === undefined) throw manifestInvalid(label, `${path} is listed as an instruction but missing`);
  if (file.content.length > LARGEST_INSTRUCTION_BYTES)
    throw manifestInvalid(label, `${path} is larger than ${LARGEST_INSTRUCTION_BYTES} bytes`);
  return { path, text: file.content.toString('utf8') };
}
