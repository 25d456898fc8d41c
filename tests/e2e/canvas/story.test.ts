import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, signInLink, type Visit, visit } from './browser.ts';

let house: TestInstallation;
let browser: Browser;
let seen: Visit;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  seen = await visit(browser, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

const map = () => seen.page.getByRole('application', { name: /Org map/ });
const tab = (name: string) =>
  seen.page.getByRole('navigation', { name: 'Views of this workspace' }).getByRole('link', { name });

test(
  verifies(
    ['I6-sign-in', 'I6-csp'],
    'the one-time link signs in once; a used one shows what to do; the page may load nothing foreign',
  ),
  async () => {
    const other = await browser.newPage();
    const link = await signInLink(house);
    const first = await other.goto(link);
    expect(first?.status()).toBe(200);
    expect(first?.headers()['content-security-policy']).toContain("script-src 'self'");
    expect(first?.headers()['content-security-policy']).not.toContain('unsafe');
    await other.context().clearCookies();
    await other.goto(link);
    await other.getByRole('heading', { name: 'Sign in to Molecule' }).waitFor();
    await other.getByText('That link was used before').waitFor();
    const asset = await other.locator('script[type=module]').getAttribute('src');
    const script = await fetch(house.ready.url + asset);
    expect(script.headers.get('cache-control')).toContain('immutable');
    await other.close();
  },
);

test(
  verifies(
    ['I6-home-chat', 'I6-proof-story', 'I6-map-live'],
    'the concierge creates a workspace from one sentence, with a readable tool call, and it appears on the map',
  ),
  async () => {
    const { page } = seen;
    await page.getByText('No workspaces yet').waitFor();
    await page.getByRole('textbox', { name: 'Message to Concierge' }).fill('Create a workspace called research');
    await page.keyboard.press('Enter');
    const card = page.getByRole('button', { name: /provision_workspace/ });
    await card.filter({ hasText: 'succeeded' }).waitFor();
    await card.click();
    expect(await page.getByLabel('Arguments', { exact: true }).textContent()).toContain('"research"');
    expect(await page.getByLabel('Result', { exact: true }).textContent()).toContain('online');
    const node = map().getByRole('button', { name: /^research .*Online/ });
    await node.waitFor();
    await node.getByRole('img', { name: 'Responsiveness ok, Capability ok, Identity ok' }).waitFor();
  },
);

test(
  verifies(
    ['B6', 'T47', 'I6-home-shell'],
    'the concierge is the shell: on no map, in no count, in no list, and not deletable',
  ),
  async () => {
    const { page } = seen;
    await page.getByText('1 workspace', { exact: true }).waitFor();
    expect(
      await map()
        .getByRole('button', { name: /^Concierge/ })
        .count(),
    ).toBe(0);
    await page.goto(`${house.ready.url}/org?view=list`);
    await page.getByRole('link', { name: 'research' }).waitFor();
    expect(await page.getByRole('table').getByText('Concierge').count()).toBe(0);
    const id = house.ready.concierge?.id ?? '';
    await page.goto(`${house.ready.url}/w/${id}/settings`);
    await page.getByText('It can be restarted, but not paused or deleted.').waitFor();
    expect(await page.getByRole('button', { name: /Delete|Pause/ }).count()).toBe(0);
    expect((await house.http('DELETE', `/api/v1/workspaces/${id}`, { confirmName: 'Concierge' })).status).toBe(409);
  },
);

test(
  verifies(
    ['I6-panel-readiness', 'I6-palette'],
    'a deep link shows the ladder, rung by rung; the palette finds the workspace',
  ),
  async () => {
    const { page } = seen;
    await page.goto(house.ready.url);
    // A key that is pressed before the page listens is lost, as it is for a person.
    await page.getByRole('textbox', { name: 'Message to Concierge' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search workspaces and commands').fill('resea');
    await page.getByRole('option', { name: /research/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'research', level: 1 }).waitFor();
    await tab('Readiness').click();
    await page.getByText('research is online: everything it needs was proved.').waitFor();
    for (const rung of ['declared', 'delivered', 'rendered', 'live']) {
      await page.getByRole('listitem').filter({ hasText: rung }).filter({ hasText: 'passed' }).first().waitFor();
    }
    await page.reload();
    await page.getByText('research is online: everything it needs was proved.').waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/w\/[0-9a-f-]{36}\/readiness$/);
  },
);

test(verifies('I6-panel-timeline', 'the timeline shows the steps of the boot and who did what'), async () => {
  const { page } = seen;
  await tab('Timeline').click();
  await page.getByRole('button', { name: /Newest boot/ }).waitFor();
  await page.getByText('register', { exact: true }).first().waitFor();
  await page.getByText(/Was created with molecule-agent/).waitFor();
});

test(verifies('I6-panel-plugins', 'a plugin of the catalogue is installed and removed from the panel'), async () => {
  const { page } = seen;
  await tab('Plugins').click();
  await page.getByLabel('Tools of a2a').getByText('list_peers').waitFor();
  await page.getByRole('button', { name: 'Install' }).click();
  await page.getByRole('dialog').getByRole('radio').first().check();
  await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click();
  // The plan, before anything is installed.
  await page.getByRole('dialog').getByText('It would bring this to research:').waitFor();
  const id = new URL(page.url()).pathname.split('/')[2];
  const present = await house.http<{ items: unknown[] }>('GET', `/api/v1/workspaces/${id}/plugins`);
  expect(present.body.items.length).toBe(1);
  await page.getByRole('dialog').getByRole('button', { name: 'Install' }).click();
  await page
    .getByRole('dialog')
    .getByText(/^Installed\./)
    .waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: /^Remove / }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect.poll(() => page.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
});

test(verifies('I6-panel-tasks', 'a message to the workspace is a task with its result'), async () => {
  const { page } = seen;
  await tab('Chat').click();
  const chat = page.getByRole('main');
  await chat.getByRole('textbox', { name: 'Message to research' }).fill('Hello there');
  await page.keyboard.press('Enter');
  await chat.getByRole('article', { name: 'research' }).and(page.locator('[aria-busy=false]')).waitFor();
  await tab('Tasks').click();
  await page.getByRole('button', { name: 'Done task: Hello there' }).click();
  await page.getByText('Result', { exact: true }).waitFor();
});

test(verifies('I6-panel-settings', 'pause, resume and delete by typing the name'), async () => {
  const { page } = seen;
  await tab('Settings').click();
  const stage = page.getByRole('main');
  await stage.getByRole('button', { name: 'Pause' }).last().click();
  await stage.getByText('Paused', { exact: true }).first().waitFor();
  await stage.getByRole('button', { name: 'Resume' }).last().click();
  await stage.getByText('Online', { exact: true }).first().waitFor();
  const remove = stage.getByRole('button', { name: 'Delete workspace' });
  expect(await remove.isDisabled()).toBe(true);
  await stage.getByLabel('Type research to confirm').fill('resear');
  expect(await remove.isDisabled()).toBe(true);
  await stage.getByLabel('Type research to confirm').fill('research');
  await remove.click();
  await page.getByText('No workspaces yet').waitFor();
  await page.getByText('0 workspaces').waitFor();
});

test(verifies('I6-org', 'a token is made with chosen rights, shown once, and revoked'), async () => {
  const { page } = seen;
  await page.goto(`${house.ready.url}/settings`);
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('for the report');
  await page.getByRole('button', { name: 'Make token' }).click();
  const value =
    (await page
      .getByRole('dialog')
      .getByRole('code')
      .or(page.locator('dialog code, [role=dialog] code'))
      .first()
      .textContent()) ?? '';
  expect(value).toMatch(/^mol_/);
  expect((await house.http('GET', '/api/v1/workspaces', undefined, { token: value })).status).toBe(200);
  expect((await house.http('POST', '/api/v1/workspaces', { name: 'no' }, { token: value })).status).toBe(403);
  await page.getByRole('button', { name: 'Done' }).click();
  expect(await page.content()).not.toContain(value);
  await page.getByRole('button', { name: 'Revoke for the report' }).click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect.poll(() => page.getByText('for the report').count()).toBe(0);
  expect((await house.http('GET', '/api/v1/workspaces', undefined, { token: value })).status).toBe(401);
});
