import { MoleculeError } from '@molecule/contracts';
import { claudeCode } from '../claude-code/adapter.ts';
import { codex } from '../codex/adapter.ts';
import type { RuntimeAdapter } from '../contract/index.ts';
import { copilotCli } from '../copilot-cli/adapter.ts';
import { geminiCli } from '../gemini-cli/adapter.ts';
import { hermes } from '../hermes/adapter.ts';
import { moleculeAgent } from '../molecule-agent/adapter.ts';
import { openClaw } from '../openclaw/adapter.ts';
import { openCode } from '../opencode/adapter.ts';
import { qwenCode } from '../qwen-code/adapter.ts';

/** Every runtime that a workspace can have, in the order in which they are shown. */
const ADAPTERS: readonly RuntimeAdapter[] = [
  claudeCode,
  codex,
  geminiCli,
  openCode,
  qwenCode,
  copilotCli,
  hermes,
  openClaw,
  moleculeAgent,
];

const BY_ID: ReadonlyMap<string, RuntimeAdapter> = new Map(ADAPTERS.map((adapter) => [adapter.id, adapter]));

/** Ids of all runtimes. */
export function knownRuntimes(): readonly string[] {
  return [...BY_ID.keys()];
}

/**
 * The adapter of a runtime.
 * @throws MoleculeError `runtime_unknown`: there is no fallback to another runtime, ever (B66, B67, T36).
 */
export function adapterFor(runtime: string): RuntimeAdapter {
  const adapter = BY_ID.get(runtime);
  if (adapter === undefined)
    throw new MoleculeError('runtime_unknown', { params: { runtime, known: knownRuntimes().join(', ') } });
  return adapter;
}
