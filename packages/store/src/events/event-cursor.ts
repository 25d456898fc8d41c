import { MoleculeError } from '@molecule/contracts';

/** Place in the outbox: transaction id, then row id. Written `xid-id`; both are decimal. */
export interface EventCursor {
  readonly xid: string;
  readonly id: number;
}

export const START_CURSOR: EventCursor = { xid: '0', id: 0 };

export function formatCursor(cursor: EventCursor): string {
  return `${cursor.xid}-${cursor.id}`;
}

/** @throws MoleculeError `cursor_invalid` for text that is no cursor. */
export function parseCursor(text: string): EventCursor {
  const match = /^(\d{1,20})-(\d{1,15})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw new MoleculeError('cursor_invalid');
  return { xid: match[1], id: Number(match[2]) };
}
