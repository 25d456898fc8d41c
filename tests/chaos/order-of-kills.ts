import type { Role } from '@molecule/testkit/installation';
import { shuffled } from './random.ts';

export interface Kill {
  readonly role: Role;
  /** Milliseconds after the request was sent. */
  readonly afterMs: number;
}

const ROLES: readonly Role[] = ['control-plane', 'box-host', 'postgres', 'agent'];
/** The story of a round takes 0.5 to 1.2 s on two cores: moments from before the lease to after the answer. */
const LATEST_MS = 1_200;

/** Kills at random moments; each role comes equally often. */
export function orderOfKills(count: number, random: () => number): Kill[] {
  const roles: Role[] = [];
  while (roles.length < count) roles.push(...shuffled(ROLES, random));
  return roles.slice(0, count).map((role) => ({ role, afterMs: Math.round(random() * LATEST_MS) }));
}
