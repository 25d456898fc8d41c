import type { AuthStyle } from '@molecule/models';

/** Access to a provider that the operator's own environment gives. The key stays in this process: it is in no row, no log and no box. */
export interface Upstream {
  readonly provider: string;
  /** Address without a trailing slash; null = the provider's own. It is the operator's, so it may be an internal one. */
  readonly baseUrl: string | null;
  /** Empty for providers that want none. */
  readonly key: string;
  /** How the key is sent, where its variable says so; absent = as the provider's endpoint wants it. */
  readonly auth?: AuthStyle;
  /** Variable that the key came from, for people. */
  readonly origin: string;
}

/** By provider id. */
export type Upstreams = ReadonlyMap<string, Upstream>;
