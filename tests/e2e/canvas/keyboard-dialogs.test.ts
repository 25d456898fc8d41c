import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathWithRuntimes } from '../runtimes-path.ts';
import { openBrowser, visit } from './browser.ts';

/** More presses than any screen has stops. */
const MOST_STOPS = 120;
const PATIENCE = { timeout: 60_000 };

let house: TestInstallation;
let browser: Browser;
let id: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation({ env: { PATH: pathWithRuntimes() } }), openBrowser()]);
  id = (await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name: 'research' })).body.id;
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

const online = () =>
  expect
    .poll(async () => (await house.http<{ status: string }>('GET', `/api/v1/workspaces/${id}`)).body.status, PATIENCE)
    .toBe('online');

/** Name of what has the focus, and whether it is inside a dialog. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
    const name =
      element === document.body ? 'nothing' : (element?.getAttribute('aria-label') ?? label ?? element?.textContent);
    return `${element?.closest('[role=dialog]') == null ? '' : 'dialog: '}${name}`;
  });

/** Goes from stop to stop until one of that name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    seen.push(await focused(page));
    if (name.test(seen.at(-1) ?? '')) return;
  }
  throw new Error(`no stop is called ${name}: ${seen.join(' | ')}`);
}

test(
  verifies(
    ['I6-proof-keyboard', 'I6-create'],
    'by keyboard: a workspace is created from a template, the focus goes into the dialog, stays there, and comes back',
  ),
  async () => {
    const { page } = await visit(browser, house);
    await page.goto(`${house.ready.url}/org?view=list`);
    await page.getByRole('link', { name: 'research' }).waitFor();
    await tabTo(page, /^New workspace$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New workspace' });
    await dialog.getByRole('radio').first().waitFor();
    await expect.poll(() => focused(page), PATIENCE).toMatch(/^dialog: Name/);
    for (let stop = 0; stop < 20; stop += 1) {
      await page.keyboard.press('Tab');
      // At the edges a guard has it for a moment.
      await expect.poll(() => focused(page)).toMatch(/^dialog: /);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => focused(page)).toBe('New workspace');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page), PATIENCE).toMatch(/^dialog: Name/);
    await page.keyboard.type('by hand');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, /^dialog: Create$/);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await expect
      .poll(async () => (await house.http<{ name: string }>('GET', '/api/v1/workspaces/by%20hand')).body.name, PATIENCE)
      .toBe('by hand');
  },
);

test(
  verifies(
    ['I6-proof-keyboard', 'I6-panel-plugins'],
    'by keyboard: a plugin is chosen, its plan read, installed; the focus never leaves the dialog before it is done',
  ),
  async () => {
    await online();
    const { page } = await visit(browser, house);
    await page.goto(`${house.ready.url}/w/${id}/plugins`);
    await page.getByLabel('Tools of a2a').waitFor();
    await tabTo(page, /^Install$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio').first().waitFor();
    await expect
      .poll(() =>
        dialog
          .getByRole('radio')
          .first()
          .evaluate((radio) => radio === document.activeElement),
      )
      .toBe(true);
    await page.keyboard.press('Space');
    await expect.poll(() => dialog.getByRole('radio').first().isChecked()).toBe(true);
    await tabTo(page, /^dialog: Continue$/);
    await page.keyboard.press('Enter');
    await dialog.getByText('It would bring this to research:').waitFor(PATIENCE);
    await expect.poll(() => focused(page)).toBe('dialog: Install');
    // Back and on again: the focus stays inside.
    await tabTo(page, /^dialog: Back$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toMatch(/^dialog: /);
    await tabTo(page, /^dialog: Continue$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page), PATIENCE).toBe('dialog: Install');
    await page.keyboard.press('Enter');
    await dialog.getByText(/^Installed\./).waitFor(PATIENCE);
    await expect.poll(() => focused(page)).toBe('dialog: Done');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => focused(page)).toBe('Install');
  },
);

test(
  verifies(
    ['I6-proof-keyboard', 'I6-panel-settings'],
    'by keyboard: the runtime is switched after its preview was read, and the focus comes back',
  ),
  async () => {
    await online();
    const { page } = await visit(browser, house);
    await page.goto(`${house.ready.url}/w/${id}/settings`);
    await page.getByRole('main').getByRole('button', { name: 'Switch' }).waitFor();
    await tabTo(page, /^Switch$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Runtime of research' });
    const choice = dialog.getByLabel('New runtime');
    await choice.waitFor(PATIENCE);
    await expect.poll(() => choice.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type('codex');
    await dialog.getByRole('region', { name: 'What changes' }).getByText('A new box with a new token').waitFor();
    await tabTo(page, /^dialog: Switch$/);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden', ...PATIENCE });
    await expect.poll(() => focused(page)).toBe('Switch');
    await expect
      .poll(async () => (await house.http<{ runtime: string }>('GET', `/api/v1/workspaces/${id}`)).body.runtime)
      .toBe('codex');
  },
);
