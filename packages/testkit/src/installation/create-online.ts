import type { TestInstallation } from './test-installation.ts';
import { until } from './until.ts';

/** Creates a workspace and waits until it is online. @returns its id */
export async function createOnline(house: TestInstallation, name: string): Promise<string> {
  const made = await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name });
  if (made.status !== 201) throw new Error(`${name} was not made: ${JSON.stringify(made.body)}`);
  const { id } = made.body;
  await until(
    `${name} is online`,
    async () => (await house.http<{ status: string }>('GET', `/api/v1/workspaces/${id}`)).body.status,
    (status) => status === 'online',
  );
  return id;
}
