import { z } from 'zod';
import { TokenId, WorkspaceId } from '../names/ids.ts';

/** Scopes: resource × verb. Default deny: a route names the one scope it needs, a token lists the ones it has. */
export const SCOPES = [
  'workspaces:read',
  'workspaces:write',
  'workspaces:delete',
  'work:read',
  'work:write',
  'events:read',
  'tokens:read',
  'tokens:write',
  'plugins:read',
  'plugins:write',
  'secrets:read',
  'secrets:write',
  'models:read',
  'models:write',
  'budgets:read',
  'budgets:write',
  'files:read',
  'files:write',
  'terminal:use',
  'audit:read',
  'org:read',
  'org:write',
  'mcp:management',
  'mcp:self',
  'llm:use',
  'box:enrol',
  'box:run',
  'host:connect',
  'metrics:read',
] as const;
export const Scope = z.enum(SCOPES).meta({ id: 'Scope' });
export type Scope = z.infer<typeof Scope>;

export const TokenKind = z
  .enum(['owner', 'person', 'box', 'management', 'host', 'enrolment', 'session', 'sign_in'])
  .meta({ id: 'TokenKind' });
export type TokenKind = z.infer<typeof TokenKind>;

export const Token = z
  .object({
    id: TokenId,
    name: z.string(),
    kind: TokenKind,
    scopes: z.array(Scope),
    workspaceId: WorkspaceId.nullable(),
    /** First characters, enough to recognise it. */
    preview: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const CreateToken = z
  .object({
    name: z.string().min(1).max(100),
    scopes: z.array(Scope).min(1),
    expiresInSeconds: z
      .int()
      .positive()
      .max(31_536_000 * 5)
      .optional(),
  })
  .strict()
  .meta({ id: 'CreateToken' });
/** The value is shown this one time. */
export const CreatedToken = Token.extend({ value: z.string() }).meta({ id: 'CreatedToken' });
