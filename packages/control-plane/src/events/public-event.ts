import type { MoleculeEvent } from '@molecule/contracts';
import type { StoredEvent } from '@molecule/store';

/** An event as the outside sees it. */
export function publicEvent(event: StoredEvent): MoleculeEvent {
  const { position: _position, orgId: _orgId, ...visible } = event;
  return visible as MoleculeEvent; // ids come from uuid columns; parsing each of thousands of events again would only cost
}
