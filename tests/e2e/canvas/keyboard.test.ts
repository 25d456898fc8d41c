import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, visit } from './browser.ts';

let house: TestInstallation;
let browser: Browser;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

test(
  verifies(
    ['I6-proof-keyboard', 'I6-create', 'I6-map-graph'],
    'create, find on the map, open, fold and delete, without a mouse',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house);
    const press = (...keys: readonly string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );

    // Three interactions: open, name, create.
    await page.locator('body').press('c');
    await page.getByRole('dialog', { name: 'New workspace' }).waitFor();
    await page.keyboard.type('alpha');
    await press('Enter');
    await page.getByText('alpha is online').waitFor();
    const parent = (await house.http<{ id: string }>('GET', '/api/v1/workspaces/alpha')).body.id;
    for (const name of ['beta', 'gamma']) await house.http('POST', '/api/v1/workspaces', { name, parentId: parent });

    await press('g', 'o');
    const map = page.getByRole('application', { name: /Org map/ });
    await map.getByRole('button', { name: /^gamma .*Online/ }).waitFor();
    await map.getByRole('button', { name: /^alpha/ }).focus();
    await press('ArrowDown');
    await expect.poll(focused).toMatch(/^beta/);
    await press('ArrowRight');
    await expect.poll(focused).toMatch(/^gamma/);
    await press('ArrowUp');
    await expect.poll(focused).toMatch(/^alpha.*2 below$/);
    await press('Space');
    await expect.poll(focused).toMatch(/folded/);
    expect(await map.getByRole('button', { name: /^beta/ }).count()).toBe(0);
    await press('Space');
    await map.getByRole('button', { name: /^beta/ }).waitFor();
    await press('Enter');
    await page.getByRole('heading', { name: 'alpha', level: 1 }).waitFor();

    await page
      .getByRole('navigation', { name: 'Views of this workspace' })
      .getByRole('link', { name: 'Settings' })
      .focus();
    await press('Enter');
    await page.getByLabel('Type alpha to confirm').focus();
    await page.keyboard.type('alpha');
    await press('Enter');
    await page.getByText('2 workspaces').waitFor();

    await press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(complaints.list).toEqual([]);
  },
);
