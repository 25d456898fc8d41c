export { identifyProcess, isRunning } from './process-identity.ts';
export {
  isEnded,
  type ProcessStat,
  readBootId,
  readProcessStat,
  type StartedProcess,
  stillRuns,
} from './process-stat.ts';
