import type { BoxLayout } from '@molecule/adapters';
import { type DesiredState, ENV } from '@molecule/contracts';
import { registryCalls } from '../client/registry-calls.ts';
import { openManagementSocket } from '../management/management-socket.ts';
import { BootJournal } from './boot-journal.ts';
import type { BoxContext } from './box-context.ts';
import type { BoxOrder, BoxServices } from './box-services.ts';
import { Redaction } from './redaction.ts';
import type { SharedWalls } from './shared-walls.ts';

interface Enrolment {
  readonly context: BoxContext;
  readonly redaction: Redaction;
  readonly desired: DesiredState;
  readonly proofNonce: string | null;
}

export interface EnrolmentWish {
  readonly services: BoxServices;
  readonly order: BoxOrder;
  readonly layout: BoxLayout;
  readonly walls: SharedWalls;
  /** Strikes secrets out of what the journal sends, as they are known at that moment. */
  readonly redact: <T>(value: T) => T;
  readonly signal: AbortSignal;
}

/** Trades the one-time token for the box's own, and opens the journal of the boot. @throws MoleculeError when the token is refused */
export async function enrolBox(wish: EnrolmentWish): Promise<Enrolment> {
  const { services, order, layout, walls } = wish;
  const startedAt = performance.now();
  const { workspaceId, bootId, enrolmentToken } = order;
  const { desired, proofNonce, ...credentials } = await registryCalls.enrol(
    services.client,
    enrolmentToken,
    { workspaceId, bootId } as Parameters<typeof registryCalls.enrol>[2],
    wish.signal,
  );
  const redaction = new Redaction([
    credentials.apiKey,
    credentials.orgApiKey,
    proofNonce,
    ...Object.values(credentials.secrets),
  ]);
  const journal = new BootJournal(services.wheel, async (events) => {
    const batch = wish.redact({ bootId: desired.bootId, events: [...events] });
    await registryCalls.bootEvents(services.client, credentials.apiKey, batch);
  });
  journal.add({
    step: 'enrol',
    ok: true,
    durationMs: Math.round(performance.now() - startedAt),
    code: null,
    message: '',
    nextStep: null,
    detail: { generation: desired.generation },
  });
  const { orgApiKey } = credentials;
  const management =
    orgApiKey === null
      ? null
      : await openManagementSocket({
          dataFolder: services.dataFolder,
          boxRoot: layout.root,
          address: () => services.client.address.current(),
          // A secret of the workspace by this name wins, as with every variable of ours (B38).
          token: () => credentials.secrets[ENV.orgApiKey] ?? orgApiKey,
        });
  const context = { services, order, layout, credentials, journal, walls, management };
  return { context, redaction, desired, proofNonce };
}
