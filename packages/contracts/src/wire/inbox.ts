import { z } from 'zod';
import { WorkspaceId } from '../names/ids.ts';

/**
 * What waits for a person. `tools_held`: a server offers other tools than were accepted, and is kept from the agent; `tools_flagged`: the same
 * where little rests on it; `update_planned`: a plan for a plugin was made and not applied; `drift_contested`: somebody keeps changing an
 * entry of ours; `budget_exhausted`: a hard limit refuses work now; `allowlist_violation`: an installed plugin is no longer permitted.
 */
export const InboxKind = z
  .enum(['tools_held', 'tools_flagged', 'update_planned', 'drift_contested', 'budget_exhausted', 'allowlist_violation'])
  .meta({ id: 'InboxKind' });
export type InboxKind = z.infer<typeof InboxKind>;

export const InboxItem = z
  .object({
    /** Stable while the matter is open. */
    id: z.string(),
    kind: InboxKind,
    /** Work is held up until somebody decides. */
    blocks: z.boolean(),
    /** Null = a matter of the org. */
    workspaceId: WorkspaceId.nullable(),
    /** What it is about: a server, a plugin, a budget. */
    subject: z.string(),
    message: z.string(),
    nextStep: z.string(),
    /** Since when; null where nobody noted it. */
    since: z.iso.datetime().nullable(),
  })
  .meta({ id: 'InboxItem' });
export type InboxItem = z.infer<typeof InboxItem>;
