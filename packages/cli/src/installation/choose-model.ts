import { DEMO_MODEL, defaultModelOf, type OrgSettings, type Upstreams } from '@molecule/control-plane';

export interface Choice extends OrgSettings {
  /** What `up` tells the person about it. */
  readonly sentence: string;
}

export interface ChoiceInput {
  readonly flags: { readonly runtime?: string | undefined; readonly model?: string | undefined };
  /** What the org had before; undefined on the first start. */
  readonly before: OrgSettings | undefined;
  readonly runtimes: readonly { readonly runtime: string; readonly available: boolean; readonly hasLogin: boolean }[];
  readonly builtInRuntime: string;
  readonly upstreams: Upstreams;
}

/**
 * Runtime and model of the org: what was asked for, else what it had, else a key in the environment, else a CLI with its own login, else the
 * demo model, which is named as such.
 */
export function chooseModel(input: ChoiceInput): Choice {
  const { flags, before, upstreams } = input;
  const withLogin = input.runtimes.find((each) => each.available && each.hasLogin);
  const keyed = [...upstreams.values()]
    .map((upstream) => ({ upstream, model: defaultModelOf(upstream.provider) }))
    .find((each) => each.model !== null);
  const runtime =
    flags.runtime ?? before?.runtime ?? (keyed === undefined ? withLogin?.runtime : undefined) ?? input.builtInRuntime;
  if (flags.model !== undefined)
    return { runtime, model: flags.model, modelAccess: 'gateway', sentence: `${flags.model}, as asked` };
  const keptDemo = before?.model === DEMO_MODEL;
  if (before !== undefined && before.model !== null && !keptDemo && before.modelAccess === 'gateway') {
    return { runtime, model: before.model, modelAccess: 'gateway', sentence: `${before.model}, as before` };
  }
  if (keyed !== undefined && keyed.model !== null) {
    return {
      runtime,
      model: keyed.model,
      modelAccess: 'gateway',
      sentence: `${keyed.model}, with the key in ${keyed.upstream.origin}`,
    };
  }
  if (input.runtimes.some((each) => each.runtime === runtime && each.available && each.hasLogin)) {
    return {
      runtime,
      model: null,
      modelAccess: 'direct',
      sentence: `the model of ${runtime}'s own login, used directly`,
    };
  }
  return {
    runtime,
    model: DEMO_MODEL,
    modelAccess: 'gateway',
    sentence: `${DEMO_MODEL}: a scripted DEMO model, no AI. Set a provider's key, such as ANTHROPIC_API_KEY, for a real one`,
  };
}
