import { delimiter } from 'node:path';
import type { BoxLayout } from '@molecule/adapters';
import { type DesiredState, ENV } from '@molecule/contracts';

/** The older name of the model variable; agents and plugins still read it. */
const PLAIN_MODEL_VARIABLE = 'MODEL';

export interface BoxEnvironmentInput {
  readonly layout: BoxLayout;
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly orgId: string;
  readonly workspaceId: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly desired: Pick<DesiredState, 'model' | 'providerPin'>;
  /** Folders of the search path, first one first. */
  readonly path: readonly string[];
}

/**
 * The variables that every process of a box starts with, made from nothing: no variable of the box host gets in, and the management token
 * never. A secret of the workspace
 * that carries one of these names wins over ours (B38, B11), except where the name decides who the box is.
 */
export function boxEnvironment(input: BoxEnvironmentInput): Record<string, string> {
  const { desired, layout } = input;
  const model = desired.model.kind === 'none' ? null : desired.model.model;
  // Most runtimes hand their whole environment to every server and to the agent's own commands (B41).
  const { [ENV.orgApiKey]: _management, ...secrets } = input.secrets;
  return {
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    ...(desired.providerPin === null ? {} : { [ENV.llmProvider]: desired.providerPin }),
    ...secrets,
    // Both names always say the same: a stale one must not outrank a fresh one (B19).
    ...(model === null ? {} : { [PLAIN_MODEL_VARIABLE]: model, [ENV.model]: model }),
    HOME: layout.home,
    PATH: input.path.join(delimiter),
    TMPDIR: `${layout.home}/.tmp`,
    [ENV.apiUrl]: input.apiUrl,
    [ENV.apiKey]: input.apiKey,
    [ENV.orgId]: input.orgId,
    [ENV.workspaceId]: input.workspaceId,
  };
}
