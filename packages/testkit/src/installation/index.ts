export { type CliOptions, type CliResult, runCli, startCli } from './cli-process.ts';
export { createOnline } from './create-online.ts';
export { type FoundProcess, killHard, processesOf } from './processes-of.ts';
export type { ReadyLine } from './ready-line.ts';
export { type Role, rolePids } from './role-pids.ts';
export { type SeenEvent, streamEvents } from './stream-events.ts';
export {
  INSTALLATION_ROOT,
  type InstallationOptions,
  startTestInstallation,
  type TestInstallation,
} from './test-installation.ts';
export { until } from './until.ts';
