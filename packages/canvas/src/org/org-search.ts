/** What the org view shows, kept in its address so that a link shows the same. */
export interface OrgSearch {
  readonly q?: string;
  readonly state?: OrgState;
  readonly runtime?: string;
  readonly view?: 'map' | 'list';
  /** A one-time link that was used before brings people here with `used`. */
  readonly link?: string;
}

export const ORG_STATES = ['attention', 'online', 'starting', 'resting'] as const;
export type OrgState = (typeof ORG_STATES)[number];

export function parseOrgSearch(search: Readonly<Record<string, unknown>>): OrgSearch {
  const { q, state, runtime, view, link } = search;
  const known = ORG_STATES.find((each) => each === state);
  return {
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(known === undefined ? {} : { state: known }),
    ...(typeof runtime === 'string' && runtime !== '' ? { runtime } : {}),
    ...(view === 'map' || view === 'list' ? { view } : {}),
    ...(typeof link === 'string' ? { link } : {}),
  };
}
