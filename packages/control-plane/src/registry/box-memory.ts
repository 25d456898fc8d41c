import { hash } from 'node:crypto';
import type { HeartbeatReply, HeartbeatRequest, SelfReport } from '@molecule/contracts';
import { type Assessment, assess, type ReadinessInput } from '@molecule/domain';
import { type BeatRow, canonicalJson } from '@molecule/store';
import type { Reassessed } from '../readiness/reassess.ts';
import { periodicProofAt } from '../readiness/repair.ts';
import { selfReportOf } from './self-report.ts';

/** What this replica knows of a box that is well, so that its next equal beat needs no database. */
export interface KnownBox {
  readonly bootId: string;
  reportHash: string;
  proofsHash: string | null;
  appliedGeneration: number;
  /** Digest by the database, to notice that another replica stored something else. */
  storedDigest: string;
  /** What the last verdict rested on, with the status it led to. */
  readonly input: ReadinessInput;
  readonly outcome: string;
  /** From this time on (ms since the epoch) the thorough way is due even if nothing changes. */
  readonly dueAt: number;
  readonly reply: { status: HeartbeatReply['status']; generation: number; work: boolean };
}

/** What a beat needs: nothing written, its report written, or a new judgement. */
export type BeatWay = 'known' | 'report' | 'thorough';

/**
 * Memory of the boxes that are well, one per replica. Everything in it is a copy of what a committed transaction stored;
 * forgetting an entry is always right and costs one transaction at the next beat. Entries go when an event touches their
 * workspace, when a written beat shows another status or generation than remembered, and when their time is due.
 */
export class BoxMemory {
  readonly #boxes = new Map<string, KnownBox>();

  get(workspaceId: string): KnownBox | undefined {
    return this.#boxes.get(workspaceId);
  }

  forget(workspaceId: string): void {
    this.#boxes.delete(workspaceId);
  }

  get size(): number {
    return this.#boxes.size;
  }

  /** Remembers what a thorough beat stored. A box whose verdict depends on time or waits for something is not remembered. */
  remember(
    beat: HeartbeatRequest,
    applied: { readonly judged: Reassessed; readonly reply: HeartbeatReply; readonly reportDigest: string },
  ): void {
    const { judged, reply } = applied;
    const calm = judged.verdict.able && judged.status === 'online';
    if (!calm || judged.row.boot_id === null) {
      this.forget(judged.row.id);
      return;
    }
    this.#boxes.set(judged.row.id, {
      bootId: judged.row.boot_id,
      reportHash: reportHash(beat),
      proofsHash: beat.proofs === undefined ? null : proofsHash(beat),
      appliedGeneration: beat.generation,
      storedDigest: applied.reportDigest,
      input: { ...judged.input, status: judged.status },
      outcome: outcomeOf(judged.verdict),
      dueAt: periodicProofAt(judged),
      reply: { status: reply.status, generation: reply.generation, work: reply.work },
    });
  }

  wayOf(known: KnownBox | undefined, beat: HeartbeatRequest, now: Date): BeatWay {
    if (known === undefined || known.bootId !== beat.bootId || now.getTime() >= known.dueAt) return 'thorough';
    if (beat.proofs !== undefined && beat.proofs.length > 0 && proofsHash(beat) !== known.proofsHash) return 'thorough';
    const sameReport = reportHash(beat) === known.reportHash;
    if (sameReport && beat.generation === known.appliedGeneration) return 'known';
    if (sameReport) return 'report';
    const report = selfReportOf(beat);
    if (canonicalJson(report.platform_mcp_diag) !== canonicalJson(known.input.report.platform_mcp_diag))
      return 'thorough';
    // The same rule over the same evidence: only if the verdict would differ is there more to write than the report.
    return outcomeOf(assess({ ...known.input, report, now })) === known.outcome ? 'report' : 'thorough';
  }

  /** Takes over what a written beat showed; forgets the box when it is not what was remembered. @returns whether the stored report differs */
  compare(workspaceId: string, bootId: string, changed: boolean, row: BeatRow | undefined): boolean {
    const known = this.#boxes.get(workspaceId);
    if (known === undefined || known.bootId !== bootId) return false;
    if (row === undefined || row.status !== known.reply.status || row.generation !== known.reply.generation) {
      this.forget(workspaceId);
      return false;
    }
    known.reply.work = row.work;
    if (changed) known.storedDigest = row.reportDigest;
    if (row.reportDigest === known.storedDigest) return false;
    this.forget(workspaceId);
    return true;
  }
}

/** What of a verdict is stored somewhere. */
function outcomeOf(verdict: Assessment): string {
  return JSON.stringify([verdict.signals, verdict.event, verdict.reason, verdict.missingSince, verdict.repairDue]);
}

export function reportHash(report: SelfReport): string {
  return hash('sha1', JSON.stringify(selfReportOf(report)), 'base64');
}

function proofsHash(beat: HeartbeatRequest): string {
  return hash('sha1', JSON.stringify(beat.proofs), 'base64');
}
