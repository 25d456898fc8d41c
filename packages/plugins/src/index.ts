export { type ArtifactStore, artifactStore } from './artifact/artifact-store.ts';
export { readTree } from './artifact/read-tree.ts';
export { type TreeFile, treeDigest } from './artifact/tree-digest.ts';
export { DEFAULT_LIMITS, type TreeLimits } from './artifact/tree-limits.ts';
export { newPlugin } from './authoring/new-plugin.ts';
export { type PluginProblem, type PluginValidation, validatePlugin } from './authoring/validate-plugin.ts';
export { type BuiltinPlugin, readBuiltinPlugins } from './builtin/builtin-plugins.ts';
export { type ComparedPlugin, permissionsOf, pluginDifference } from './lock/plugin-difference.ts';
export { AgentPluginFile } from './manifest/agent-plugin.ts';
export { needsFiles } from './manifest/needs-files.ts';
export { parseManifest } from './manifest/parse-manifest.ts';
export {
  AddressRefused,
  isInternalAddress,
  publicAddresses,
  type ResolvedAddress,
  type ResolveName,
} from './source/address-guard.ts';
export type { FetchReason } from './source/fetch-failure.ts';
export { type PluginResolver, pluginResolver, type ResolvedPlugin } from './source/resolver.ts';
export { readSourceSettings, type SourceSettings, sourceHosts } from './source/source-settings.ts';
