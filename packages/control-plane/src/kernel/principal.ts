import type { Scope, TokenKind } from '@molecule/contracts';

/** Who makes a request, as the server knows it from the token; nothing in it is claimed by the caller. */
export interface Principal {
  readonly tokenId: string;
  readonly orgId: string;
  readonly kind: TokenKind;
  readonly scopes: ReadonlySet<Scope>;
  readonly userId: string | null;
  /** Set for tokens bound to a box. */
  readonly workspaceId: string | null;
  readonly workspaceKind: 'workspace' | 'platform' | null;
  readonly bootId: string | null;
  /** For events and audit: `user:<id>`, `token:<id>`, `box:<workspace id>`, `host:<token id>`. */
  readonly actor: string;
}
