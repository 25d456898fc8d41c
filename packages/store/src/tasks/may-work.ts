import { type RawBuilder, sql } from 'kysely';

/** Whether a row of `workspaces` (under the alias `w`) may run turns (see the function `may_work`) and has one to lease. */
export const HAS_WORK: RawBuilder<boolean> = sql<boolean>`(may_work(w) and exists (select 1 from tasks q where q.workspace_id = w.id and q.status = 'queued'))`;
