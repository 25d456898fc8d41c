/** How one workspace of a wave stands. `no_box`: it cannot prove anything now, and cannot be harmed either. */
export type RolloutMember = 'proved' | 'failed' | 'pending' | 'no_box';

export interface WaveFacts {
  readonly members: readonly RolloutMember[];
  /** When the wave went out, and since when it has been well without a break; null = not yet. */
  readonly waveAt: Date;
  readonly wellSince: Date | null;
  readonly soakMs: number;
  readonly now: Date;
}

export type WaveVerdict =
  | { readonly verdict: 'wait'; readonly wellSince: Date | null }
  | { readonly verdict: 'proceed'; readonly wellSince: Date }
  | { readonly verdict: 'roll_back'; readonly reason: string };

/** A workspace that has not been proved after this long counts as failed. */
export const WAVE_LIMIT_MS = 10 * 60_000;

/**
 * Which workspaces get a change first: the given share, at least one, chosen by their ids alone, so that the plan that was read is the plan that is carried out.
 * @param salt another rollout makes another choice, so that it is not always the same ones
 */
export function chooseCanary(
  ids: readonly string[],
  sharePercent: number,
  salt: string,
): { readonly canary: readonly string[]; readonly rest: readonly string[] } {
  const size = ids.length === 0 ? 0 : Math.min(ids.length, Math.max(1, Math.round((ids.length * sharePercent) / 100)));
  const ranked = [...ids].sort((a, b) => scatter(salt + a) - scatter(salt + b) || (a < b ? -1 : 1));
  return { canary: ranked.slice(0, size).sort(), rest: ranked.slice(size).sort() };
}

/**
 * What follows from the proofs of a wave (B100): one failure takes the change back everywhere; all well for the soak time lets it go on. A wave of which nobody can
 * prove anything waits, for a change that nobody has seen work must not go on.
 */
export function judgeWave({ members, waveAt, wellSince, soakMs, now }: WaveFacts): WaveVerdict {
  const failed = members.filter((member) => member === 'failed').length;
  if (failed > 0)
    return { verdict: 'roll_back', reason: `${failed} of ${members.length} workspaces failed their proof` };
  const pending = members.filter((member) => member === 'pending').length;
  if (pending > 0 && now.getTime() - waveAt.getTime() >= WAVE_LIMIT_MS)
    return { verdict: 'roll_back', reason: `${pending} of ${members.length} workspaces were not proved in time` };
  if (pending > 0 || !members.includes('proved')) return { verdict: 'wait', wellSince: null };
  const since = wellSince ?? now;
  return now.getTime() - since.getTime() >= soakMs
    ? { verdict: 'proceed', wellSince: since }
    : { verdict: 'wait', wellSince: since };
}

/** FNV-1a: spreads ids evenly; nobody gains by steering it. */
function scatter(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
