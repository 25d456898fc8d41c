import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, signInLink, visit } from './browser.ts';

let house: TestInstallation;
let browser: Browser;
let id: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  id = (await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name: 'research' })).body.id;
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

test(verifies('I6-org', 'a secret goes in, is granted and replaced, and its value never comes out'), async () => {
  const { page, complaints } = await visit(browser, house);
  const value = 'a value that nobody may see';
  await page.goto(`${house.ready.url}/settings/secrets`);
  await page.getByText('No secrets of the org').waitFor();
  await page.getByRole('button', { name: 'New secret' }).click();
  const dialog = page.getByRole('dialog', { name: 'New secret' });
  await dialog.getByLabel('Name').fill('SEARCH_API_KEY');
  await dialog.getByLabel('Value').fill(value);
  await dialog.getByLabel('research').check();
  await dialog.getByRole('button', { name: 'Store' }).click();
  await page.getByText('SEARCH_API_KEY').waitFor();
  await page.getByText(/version 1, .* for research/).waitFor();
  await page.getByRole('button', { name: 'Replace SEARCH_API_KEY' }).click();
  expect(await page.getByLabel('Value').inputValue()).toBe('');
  await page.getByLabel('Value').fill(`${value}, another`);
  await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click();
  await page.getByText(/version 2, .* for research/).waitFor();
  expect(await page.content()).not.toContain(value);
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(value);
  await page.getByRole('button', { name: 'Remove SEARCH_API_KEY' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('No secrets of the org').waitFor();
  expect(complaints.list).toEqual([]);
});

test(
  verifies(
    ['I6-org', 'I6-bad-conflict'],
    'the allowlist is set entry by entry; of two who change it at once the second one is told',
  ),
  async () => {
    const [one, two] = [await visit(browser, house), await visit(browser, house)];
    for (const { page } of [one, two]) await page.goto(`${house.ready.url}/settings/plugins`);
    await two.page.getByText('Nothing is restricted.').waitFor();
    await one.page.getByRole('button', { name: 'Restrict' }).click();
    const permitted = one.page.getByRole('list', { name: 'Permitted' });
    await permitted.getByText('builtin', { exact: true }).waitFor();
    await one.page.getByLabel('Permit', { exact: true }).fill('npm:@acme');
    await one.page.getByRole('button', { name: 'Permit' }).click();
    await permitted.getByText('npm:@acme').waitFor();

    two.complaints.serverAway = true;
    await two.page.getByRole('button', { name: 'Restrict' }).click();
    await two.page
      .getByRole('alert')
      .getByText(/The list was changed meanwhile/)
      .waitFor();
    two.complaints.serverAway = false;
    // It is shown as it is now, and nothing of the first one's work is lost.
    await two.page.getByRole('list', { name: 'Permitted' }).getByText('npm:@acme').waitFor();
    await two.page.getByRole('button', { name: 'Remove npm:@acme' }).click();
    await expect.poll(() => two.page.getByText('npm:@acme').count()).toBe(0);
    const { body } = await house.http<{ entries: string[] }>('GET', '/api/v1/plugins/allowlist');
    expect(body.entries).toEqual(['publisher=builtin']);
    await two.page.getByRole('button', { name: 'Lift the restriction' }).click();
    await two.page.getByText('Nothing is restricted.').waitFor();
    expect([...one.complaints.list, ...two.complaints.list]).toEqual([]);
  },
);

test(
  verifies(
    ['I6-org', 'I6-sign-in'],
    'members show where they are signed in; a session is ended from another one, and all at once',
  ),
  async () => {
    const [mine, lost] = [await visit(browser, house), await visit(browser, house)];
    await mine.page.goto(`${house.ready.url}/settings/members`);
    await mine.page.getByText('This browser').waitFor();
    const before = await mine.page.getByRole('button', { name: 'End', exact: true }).count();
    lost.complaints.serverAway = true;
    await mine.page.getByRole('button', { name: 'End', exact: true }).first().click();
    await expect.poll(() => mine.page.getByRole('button', { name: 'End', exact: true }).count()).toBeLessThan(before);
    mine.complaints.serverAway = true;
    await mine.page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await mine.page.getByRole('heading', { name: 'Sign in to Molecule' }).waitFor();
    await lost.page.reload();
    await lost.page.getByRole('heading', { name: 'Sign in to Molecule' }).waitFor();
    await mine.page.goto(await signInLink(house));
    await mine.page.getByRole('complementary', { name: 'Concierge' }).waitFor();
  },
);

test(
  verifies(
    ['I6-org', 'B31'],
    'the audit log shows deeds by name, verifies, and says where it was changed; the CLI says the same',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house);
    await page.goto(`${house.ready.url}/settings/audit`);
    const row = page.getByRole('button', { name: /workspace\.create\s*research/ });
    await row.click();
    await page.getByText(/^seal [0-9a-f]{64}$/).waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/^Whole: \d+ entries/).waitFor();
    const verdict = await house.cli('--json', 'audit', 'verify');
    expect([verdict.code, JSON.parse(verdict.stdout)]).toMatchObject([0, { whole: true }]);

    const database = house.openDatabase();
    try {
      await sql`alter table audit disable trigger audit_append_only`.execute(database.kysely);
      await database.kysely.updateTable('audit').set({ actor: 'nobody' }).where('seq', '=', 2).execute();
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.getByText('Entry 2 does not follow from the one before it; 1 before it are whole.').waitFor();
      expect((await house.cli('audit', 'verify')).code).toBe(1);
    } finally {
      await database.close();
    }
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies('I6-org', 'a limit of the org is set beside its usage plot; the matrix shows what was found and tested'),
  async () => {
    const { page, complaints } = await visit(browser, house);
    await page.goto(`${house.ready.url}/settings/budgets`);
    await page.getByText('Nothing is limited.').waitFor();
    await page.getByRole('heading', { name: 'Usage' }).waitFor();
    await page.getByRole('button', { name: 'Limit the org' }).click();
    await page.getByLabel('At most').fill('0');
    await page.getByRole('form', { name: 'Set a limit' }).getByRole('combobox').first().selectOption('turns');
    await page.getByRole('button', { name: 'Set limit' }).click();
    await page.getByText('Nothing left').waitFor();
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Runtimes' }).click();
    await page
      .getByRole('row', { name: /molecule-agent/ })
      .getByText('yes')
      .first()
      .waitFor();
    await page.getByRole('row', { name: /hermes.* not found/i }).waitFor();
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies(
    'I6-inbox',
    'what waits is in the inbox with a number at its link; accepting changed tools settles it, without a reload',
  ),
  async () => {
    const database = house.openDatabase();
    try {
      await database.kysely
        .insertInto('plugin_tool_pins')
        .values({
          workspace_id: id,
          server: 'files',
          plugin: 'file-tools',
          digest: 'sha256:0',
          tools: JSON.stringify({ read: 'a' }),
          seen: JSON.stringify({ read: 'a', erase: 'b' }),
          state: 'held',
        })
        .execute();
    } finally {
      await database.close();
    }
    const { page, complaints } = await visit(browser, house);
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /Inbox/ });
    await expect.poll(() => link.textContent()).toContain('wait for you: 2');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    const matter = page.getByRole('listitem').filter({ hasText: 'Tools changed, held back' });
    await matter.getByText('erase added').waitFor();
    await matter.getByRole('button', { name: 'Accept the tools' }).click();
    await expect.poll(() => matter.count()).toBe(0);
    // The limit of the org, lifted elsewhere, goes by itself.
    const { body } = await house.http<{ items: { id: string }[] }>('GET', '/api/v1/budgets');
    for (const budget of body.items) await house.http('DELETE', `/api/v1/budgets/${budget.id}`);
    await page.getByText('Nothing waits for you').waitFor();
    expect(complaints.list).toEqual([]);
  },
);
