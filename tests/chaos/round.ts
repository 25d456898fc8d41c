import { type TestInstallation, until } from '@molecule/testkit/installation';
import { expect } from 'vitest';
import type { Kill } from './order-of-kills.ts';

interface Posted {
  readonly taskId: string;
  readonly conversationId: string;
}

/** A lost box is noticed, booted and proved anew, and the task's lease may have to run out first (30 s). */
const SETTLED_LIMIT_MS = 180_000;
const AGENT_APPEARS_MS = 2_000;

/** One request, one kill in the middle of it, and what a person would do then: start Molecule again if it has gone. Resolves when all is quiet again. */
export async function chaosRound(house: TestInstallation, name: string, kill: Kill): Promise<void> {
  const killing = killSoon(house, kill);
  const posted = await post(house, name);
  await killing;
  await until('the control plane answers', () => answers(house), Boolean, 60_000);
  const task = await until(
    `the task of ${name} has ended`,
    () => taskOf(house, posted.taskId),
    ({ status }) => ['completed', 'failed', 'cancelled'].includes(status),
    SETTLED_LIMIT_MS,
  );
  expect(task, `the task of ${name}`).toMatchObject({ status: 'completed' });
  await until(
    `concierge and ${name} are online`,
    () => statuses(house, name),
    (found) => found.concierge === 'online' && found.made === 'online',
    SETTLED_LIMIT_MS,
  );
}

async function killSoon(house: TestInstallation, { role, afterMs }: Kill): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  if (role === 'agent')
    await until(
      'an agent runs',
      () => house.pids('agent').length,
      (count) => count > 0,
      AGENT_APPEARS_MS,
    ).catch(() => undefined);
  house.kill(role);
  if (role !== 'control-plane') return;
  await until(
    'the control plane has gone',
    () => house.isUp(),
    (up) => !up,
  );
  await house.up();
}

/** Sends the request until it is taken in; the key makes the repeats harmless. */
async function post(house: TestInstallation, name: string): Promise<Posted> {
  const send = async (): Promise<Posted | null> => {
    try {
      const path = `/api/v1/workspaces/${house.ready.concierge?.id}/messages`;
      const reply = await house.http<Posted>(
        'POST',
        path,
        { text: `create a workspace called ${name}` },
        { headers: { 'idempotency-key': name } },
      );
      return reply.status < 300 ? reply.body : null;
    } catch {
      return null;
    }
  };
  // `until` gives it only when it is there.
  return (await until(`the request for ${name} is taken in`, send, Boolean, 60_000)) as Posted;
}

const answers = (house: TestInstallation): Promise<boolean> =>
  house.http('GET', '/readyz', undefined, { token: null }).then(
    ({ status }) => status === 200,
    () => false,
  );

/** All of it, so that a failure shows why. */
async function taskOf(house: TestInstallation, id: string): Promise<{ status: string }> {
  return house.http<{ status: string }>('GET', `/api/v1/tasks/${id}`).then(
    ({ body }) => body,
    () => ({ status: 'unreachable' }),
  );
}

async function statuses(house: TestInstallation, name: string): Promise<{ concierge: string; made: string }> {
  const of = (ref: string): Promise<string> =>
    house.http<{ status: string }>('GET', `/api/v1/workspaces/${ref}`).then(
      ({ body }) => body.status,
      () => 'unreachable',
    );
  const [concierge, made] = await Promise.all([of(house.ready.concierge?.id ?? ''), of(name)]);
  return { concierge, made };
}
