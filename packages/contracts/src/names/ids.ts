import { z } from 'zod';

/**
 * Identifiers. Rows use UUID version 7 (time-ordered, so that indexes stay compact); the brands keep one kind of id from
 * being handed over where another is meant.
 */
const uuid = <B extends string>(_brand: B) => z.uuid().brand<B>();

export const OrgId = uuid('OrgId');
export type OrgId = z.infer<typeof OrgId>;
export const UserId = uuid('UserId');
export type UserId = z.infer<typeof UserId>;
export const WorkspaceId = uuid('WorkspaceId');
export type WorkspaceId = z.infer<typeof WorkspaceId>;
/** One start of a workspace's box. Tokens, nonces and leases are bound to it; a new boot revokes those of the old one. */
export const BootId = uuid('BootId');
export type BootId = z.infer<typeof BootId>;
/** One life of a box host process's identity on a machine (stable over its restarts). */
export const HostId = uuid('HostId');
export type HostId = z.infer<typeof HostId>;
export const ConversationId = uuid('ConversationId');
export type ConversationId = z.infer<typeof ConversationId>;
export const MessageId = uuid('MessageId');
export type MessageId = z.infer<typeof MessageId>;
export const TaskId = uuid('TaskId');
export type TaskId = z.infer<typeof TaskId>;
export const TokenId = uuid('TokenId');
export type TokenId = z.infer<typeof TokenId>;

/** Runtime ids are data, never compared with literals outside their adapter. Lower case, digits, dashes. */
export const RuntimeId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, 'a runtime id is lower case letters, digits and dashes')
  .brand<'RuntimeId'>();
export type RuntimeId = z.infer<typeof RuntimeId>;
/** Plugin install name. */
export const PluginName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'a plugin name is lower case letters, digits, dot, dash, underscore')
  .brand<'PluginName'>();
export type PluginName = z.infer<typeof PluginName>;
/** Id of one tool of one server, `mcp__<server>__<tool>` (B91): a kind of name of its own, so that no plugin's name can be taken for it (I23). */
export const ToolId = z.string().max(300).brand<'ToolId'>();
export type ToolId = z.infer<typeof ToolId>;
/** Name of an MCP server entry. */
export const ServerName = z.string().min(1).max(128).brand<'ServerName'>();
export type ServerName = z.infer<typeof ServerName>;
/** Workspace names: unique in their org, shown to people. No control characters, no leading or trailing space. */
export const WorkspaceName = z
  .string()
  .min(1, 'a workspace needs a name')
  .max(80, 'a workspace name has at most 80 characters')
  .regex(
    /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M} ._-]*[\p{L}\p{N}\p{M}])?$/u,
    'a workspace name holds letters, digits, spaces, dots, dashes and underscores, and starts and ends with a letter or digit',
  );
