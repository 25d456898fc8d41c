import type { Executor } from '@molecule/store';
import { z } from 'zod';

/** What applies in an org where a workspace has chosen nothing. */
export const OrgSettings = z.object({
  runtime: z.string(),
  /** `provider/model`; null = none was chosen. */
  model: z.string().nullable(),
  /** `direct`: the runtime's own login is used instead of the gateway. */
  modelAccess: z.enum(['gateway', 'direct']).default('gateway'),
  /** Provider that the configuration names for the default model; null = it follows from the model (B7). */
  provider: z.string().nullable().optional(),
  /** May a workspace ask for other models of its provider? Default true. */
  otherModels: z.boolean().optional(),
});
export type OrgSettings = z.infer<typeof OrgSettings>;

/** Settings of the org; undefined when `up` never made it. */
export async function readOrgSettings(db: Executor, orgId: string): Promise<OrgSettings | undefined> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', `org.${orgId}`).executeTakeFirst();
  return row === undefined ? undefined : OrgSettings.parse(row.value);
}

export async function writeOrgSettings(db: Executor, orgId: string, settings: OrgSettings, now: Date): Promise<void> {
  await db
    .insertInto('settings')
    .values({ key: `org.${orgId}`, value: JSON.stringify(settings), updated_at: now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: JSON.stringify(settings), updated_at: now }))
    .execute();
}
