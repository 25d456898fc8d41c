import {
  estimateRequestTokens,
  findModelIn,
  findPlatformModel,
  type ModelEntry,
  type ModelRoute,
  PLATFORM_PROVIDER_ID,
  type ProtocolCodec,
  withStreamUsage,
} from '@molecule/models';
import type { CallPlan } from '../models/call-plan.ts';

/** A box's request, read and aimed at the provider. */
export interface ModelCall {
  readonly route: ModelRoute;
  readonly codec: ProtocolCodec;
  /** The id that the provider knows. */
  readonly modelId: string;
  readonly entry: ModelEntry | null;
  readonly stream: boolean;
  /** Sent to the provider as it stands. */
  readonly body: Buffer;
  /** Tokens of the prompt by our own count; counted when asked, because it costs time. */
  readonly countInput: () => number;
  readonly maxOutputTokens: number | null;
}

export type ReadCall =
  | { readonly ok: true; readonly call: ModelCall }
  | { readonly ok: false; readonly kind: 'bad_request' | 'unknown_model'; readonly message: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a request: which model is meant, whether it may be, and what has to change in it for the provider. The body is passed on byte for byte unless the model's
 * name differs there, or a stream would not tell its usage.
 */
export function readCall(plan: CallPlan, route: ModelRoute, codec: ProtocolCodec, path: string, raw: Buffer): ReadCall {
  const parsed = parse(raw);
  if (parsed === null) return { ok: false, kind: 'bad_request', message: 'The request body is not a JSON object.' };
  const inPath = route.protocol === 'google' ? /\/models\/([^/:]+):/.exec(path)?.[1] : undefined;
  const named = inPath === undefined ? parsed['model'] : decodeURIComponent(inPath);
  const wanted = typeof named === 'string' && named !== '' ? named : plan.modelId;
  const target = targetOf(plan, wanted);
  if (target === null) {
    return {
      ok: false,
      kind: 'unknown_model',
      message: `The model ${wanted.slice(0, 200)} cannot be used here: this workspace runs on ${plan.provider}/${plan.modelId}. Choose another with \`molecule model set\`.`,
    };
  }
  const stream = route.protocol === 'google' ? /:streamGenerateContent/.test(path) : parsed['stream'] === true;
  let body: Fields =
    route.protocol === 'openai-chat' && route.operation === 'generate' ? withStreamUsage(parsed) : parsed;
  if (route.protocol !== 'google' && named !== target.modelId) body = { ...body, model: target.modelId };
  return {
    ok: true,
    call: {
      route,
      codec,
      modelId: target.modelId,
      entry: target.entry,
      stream,
      body: body === parsed ? raw : Buffer.from(JSON.stringify(body)),
      countInput: () => estimateRequestTokens(codec.readRequest(parse(raw) ?? {}, path)),
      maxOutputTokens: maxOutputOf(parsed),
    },
  };
}

/** The vendor's id of a model that a request names: the workspace's own, or another of the same provider where the org allows it. */
export function targetOf(
  plan: CallPlan,
  wanted: string,
): { readonly modelId: string; readonly entry: ModelEntry | null } | null {
  const own = { modelId: plan.modelId, entry: plan.entry };
  const names = [plan.modelId, `${plan.vendor.id}/${plan.modelId}`, `${plan.provider}/${plan.modelId}`];
  if (plan.isDemo || names.includes(wanted) || names.includes(wanted.replace(/\[[^\]]+\]$/, ''))) return own;
  const id = wanted.startsWith(`${plan.vendor.id}/`) ? wanted.slice(plan.vendor.id.length + 1) : wanted;
  const hit = findModelIn(plan.vendor, id);
  if (hit === null) return null;
  if (hit.modelId === plan.modelId) return own;
  if (!plan.allowsOtherModels) return null;
  if (
    plan.provider === PLATFORM_PROVIDER_ID &&
    findPlatformModel(plan.registry, `${plan.vendor.id}/${hit.modelId}`) === null
  )
    return null;
  return hit;
}

function maxOutputOf(body: Fields): number | null {
  const config = body['generationConfig'];
  const inner =
    typeof config === 'object' && config !== null && 'maxOutputTokens' in config ? config.maxOutputTokens : undefined;
  for (const value of [body['max_tokens'], body['max_completion_tokens'], body['max_output_tokens'], inner]) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  }
  return null;
}

function parse(raw: Buffer): Fields | null {
  try {
    const value: unknown = JSON.parse(raw.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null; // a non-null, non-array object is what the type says
  } catch {
    return null;
  }
}
