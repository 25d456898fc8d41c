import { AuditEntry, AuditVerdict, MoleculeError, PageQuery, pageOf, VerifyAudit } from '@molecule/contracts';
import { listAudit, verifyAudit } from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';

const Query = PageQuery.extend({ action: z.string().max(100).optional() });

/** `/api/v1/audit`: what was done, by whom, and the proof that nothing of it was changed. Nothing here writes. */
export function auditFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/api/v1/audit',
    config: { access: { scope: 'audit:read' } },
    schema: { querystring: Query, response: { 200: pageOf(AuditEntry) } },
    handler: async (request) => {
      const { limit, cursor, action } = request.query;
      const rows = await listAudit(services.db, {
        orgId: principalOf(request).orgId,
        limit,
        before: cursor === undefined ? null : seqOf(cursor),
        ...(action === undefined ? {} : { action }),
      });
      return {
        items: rows.map(({ seq, at, actor, action: deed, target, data, hash }) => ({
          seq,
          at: at.toISOString(),
          actor,
          action: deed,
          target,
          data,
          hash: hash.toString('hex'),
        })),
        nextCursor: rows.length === limit ? String(rows.at(-1)?.seq) : null,
      };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/audit/verify',
    config: { access: { scope: 'audit:read' } },
    schema: { body: VerifyAudit, response: { 200: AuditVerdict } },
    handler: async (request) => {
      const { witness } = request.body;
      const { entries, brokenAt, head, witnessFound } = await verifyAudit(
        services.db,
        principalOf(request).orgId,
        witness === undefined ? undefined : { seq: witness.seq, hash: Buffer.from(witness.hash, 'hex') },
      );
      return {
        whole: brokenAt === null && witnessFound !== false,
        entries,
        brokenAt,
        witnessFound,
        head: head === null ? null : { seq: head.seq, hash: head.hash.toString('hex') },
      };
    },
  });
}

function seqOf(cursor: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(cursor)) throw new MoleculeError('cursor_invalid');
  return Number(cursor);
}
