import type { EnvironmentInput } from '../contract/index.ts';
import { inheritingChild } from '../native-config/inheriting-child.ts';
import { hermesHome } from './native.ts';
import { ADDRESS_VARIABLE, KEY_VARIABLE, MODEL_VARIABLE } from './variables.ts';

/** What the runtime passes on by itself, with everything whose name begins with XDG_; nothing else but what the entry names. */
const BASELINE = new Set(['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TERM', 'SHELL', 'TMPDIR']);

export const childEnvironment = inheritingChild((name) => BASELINE.has(name) || name.startsWith('XDG_'));

export function environment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  // The box is the wall: nobody is there to approve a command.
  const env = { HERMES_YOLO_MODE: '1', ...input.base, HOME: layout.home, HERMES_HOME: hermesHome(layout) };
  const path = model.kind === 'gateway' ? model.paths.openaiChat : undefined;
  if (path === undefined || model.kind !== 'gateway') return env;
  return {
    ...env,
    [ADDRESS_VARIABLE]: input.apiUrl + path,
    [MODEL_VARIABLE]: model.model,
    [KEY_VARIABLE]: input.apiKey,
  };
}
