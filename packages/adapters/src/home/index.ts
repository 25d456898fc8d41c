export { readConfigFile } from '../editing/file/config-file.ts';
export { localizeServer } from '../native-config/server-localization.ts';
export { nativeConfigOf, nativeRuntimes } from '../registry/native-registry.ts';
export { homeLayout } from './home-layout.ts';
export { type HomeLedger, homeLedgerPath, type RenderedSource, readHomeLedger } from './home-ledger.ts';
export { type HomeRuntime, homeRuntime } from './home-runtime.ts';
export { type FileChange, type HomeOutcome, type HomeWish, renderHome } from './render-home.ts';
