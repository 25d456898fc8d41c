import { z } from 'zod';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** One deed. Entries are only ever added, and each hash covers the one before it (B31). */
export const AuditEntry = z
  .object({
    seq: z.int().positive(),
    at: z.iso.datetime(),
    /** Who did it: `user:…`, `token:…`, `box:…`, `system`. */
    actor: z.string(),
    /** What was done, e.g. `workspace.create`. */
    action: z.string(),
    target: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
    hash: Hash,
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** An entry that was seen once, to be found again: the end of a log that was cut off can be told by nothing else. */
const AuditWitness = z.object({ seq: z.int().positive(), hash: Hash }).strict();

export const VerifyAudit = z.object({ witness: AuditWitness.optional() }).strict().meta({ id: 'VerifyAudit' });
export type VerifyAudit = z.infer<typeof VerifyAudit>;

export const AuditVerdict = z
  .object({
    /** True when every hash follows from the entry before it and the witness, if there was one, is among them. */
    whole: z.boolean(),
    /** Entries that were found whole, from the first. */
    entries: z.int().nonnegative(),
    /** First entry that does not follow from the one before it. */
    brokenAt: z.int().nullable(),
    /** Null = no witness was given. */
    witnessFound: z.boolean().nullable(),
    /** The newest whole entry; keep it as a witness for later. Null for an empty log. */
    head: AuditWitness.nullable(),
  })
  .meta({ id: 'AuditVerdict' });
export type AuditVerdict = z.infer<typeof AuditVerdict>;
