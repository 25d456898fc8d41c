import {
  AllowlistLine,
  PluginAllowlist,
  PluginInstalled,
  PluginUninstalled,
  WorkspacePlugin,
} from '@molecule/contracts';
import { z } from 'zod';
import { defineTool } from '../registry/define-tool.ts';

const READ = { readOnlyHint: true, openWorldHint: false } as const;
const WorkspaceRef = z.string().min(1).max(200).describe('Id or name of the workspace');
const Wait = z
  .number()
  .min(0)
  .max(60)
  .default(20)
  .describe('How long to wait until the box has it and it is proved; 0 = do not wait');
const OneAllowlist = z.object({ allowlist: PluginAllowlist });

export const pluginTools = [
  defineTool({
    name: 'list_plugins',
    title: 'List the plugins of a workspace',
    description:
      'List the plugins that a workspace has: version, exact source, MCP servers, skills, and whether something is waiting or failed.',
    modes: ['management'],
    scope: 'plugins:read',
    input: z.object({ workspace: WorkspaceRef }),
    output: z.object({ items: z.array(WorkspacePlugin) }),
    annotations: READ,
    handler: async (services, call, { workspace }) => ({ items: await services.plugins.list(call, workspace) }),
  }),
  defineTool({
    name: 'install_plugin',
    title: 'Install a plugin',
    description:
      'Install a plugin on a running workspace: it is fetched once, pinned to an exact version, delivered and proved; the agent has it in its next turn and keeps its conversation. ' +
      'Sources: builtin:NAME, git+https://host/path#ref[:folder], github:owner/repo#ref, gitea://owner/repo#ref, npm:name@version. Privileged plugins are refused on ordinary workspaces.',
    modes: ['management'],
    scope: 'plugins:write',
    input: z.object({
      workspace: WorkspaceRef,
      source: z.string().min(1).max(1000).describe('Where the plugin comes from'),
      wait_seconds: Wait,
    }),
    output: PluginInstalled,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    handler: (services, call, { workspace, source, wait_seconds }) =>
      services.plugins.install(call, workspace, source, wait_seconds * 1000),
  }),
  defineTool({
    name: 'uninstall_plugin',
    title: 'Uninstall a plugin',
    description:
      'Take a plugin away from a workspace. Its servers and skills are gone from the next turn on; what the person configured stays as it was.',
    modes: ['management'],
    scope: 'plugins:write',
    input: z.object({
      workspace: WorkspaceRef,
      plugin: z.string().min(1).max(200).describe('Name as list_plugins shows it'),
      wait_seconds: Wait,
    }),
    output: PluginUninstalled,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    handler: (services, call, { workspace, plugin, wait_seconds }) =>
      services.plugins.uninstall(call, workspace, plugin, wait_seconds * 1000),
  }),
  defineTool({
    name: 'get_org_plugin_allowlist',
    title: 'Get the plugin allowlist',
    description:
      'Show which publishers, sources and digests the org permits for plugins, and what is installed against it. No list = everything is permitted.',
    modes: ['management'],
    scope: 'plugins:read',
    input: z.object({}),
    output: OneAllowlist,
    annotations: READ,
    handler: async (services, call) => ({ allowlist: await services.plugins.getAllowlist(call) }),
  }),
  defineTool({
    name: 'set_org_plugin_allowlist',
    title: 'Set the plugin allowlist',
    description:
      'Replace the plugin allowlist of the org, or of one workspace and all below it. Null takes the list away; an empty list permits nothing. Ask the person first.',
    modes: ['management'],
    scope: 'org:write',
    input: z.object({
      entries: z
        .array(AllowlistLine)
        .max(1000)
        .nullable()
        .describe('Each entry names a publisher (github:owner, npm:@scope, builtin), a source, or a digest'),
      workspace: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Id or name of a workspace whose subtree the list binds; default: the whole org'),
    }),
    output: OneAllowlist,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    handler: async (services, call, { entries, workspace }) => ({
      allowlist: await services.plugins.setAllowlist(call, {
        entries,
        ...(workspace === undefined ? {} : { workspace }),
      }),
    }),
  }),
] as const;
