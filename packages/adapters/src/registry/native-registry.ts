import type { NativeConfig } from '../native-config/native-config.ts';

/**
 * Descriptions of native files by runtime, each loaded when it is asked for: a command that renders for one runtime loads one
 * format and neither schemas nor drivers of turns. `adapter-registry.ts` stays the list of what there is; a test compares the two.
 */
const NATIVE: Readonly<Record<string, () => Promise<{ readonly native: NativeConfig }>>> = {
  'claude-code': () => import('../claude-code/native.ts'),
  codex: () => import('../codex/native.ts'),
  'gemini-cli': () => import('../gemini-cli/native.ts'),
  opencode: () => import('../opencode/native.ts'),
  'qwen-code': () => import('../qwen-code/native.ts'),
  'copilot-cli': () => import('../copilot-cli/native.ts'),
  hermes: () => import('../hermes/native.ts'),
  openclaw: () => import('../openclaw/native.ts'),
  'molecule-agent': () => import('../molecule-agent/native.ts'),
};

/** Null for a runtime that is not known here; then ask `adapterFor`, which fails loudly for one that does not exist (B67). */
export async function nativeConfigOf(runtime: string): Promise<NativeConfig | null> {
  const load = Object.hasOwn(NATIVE, runtime) ? NATIVE[runtime] : undefined;
  return load === undefined ? null : (await load()).native;
}

export function nativeRuntimes(): readonly string[] {
  return Object.keys(NATIVE);
}
