import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathWithRuntimes } from '../runtimes-path.ts';
import { openBrowser, visit } from './browser.ts';

let house: TestInstallation;
let browser: Browser;
const ids: Record<string, string> = {};
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation({ env: { PATH: pathWithRuntimes() } }), openBrowser()]);
  for (const [name, parent] of [
    ['research', null],
    ['papers', 'research'],
    ['product', null],
  ] as const) {
    const made = await house.http<{ id: string }>('POST', '/api/v1/workspaces', {
      name,
      ...(parent === null ? {} : { parentId: ids[parent] }),
    });
    ids[name] = made.body.id;
  }
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

const parentOf = async (name: string) =>
  (await house.http<{ parentId: string | null }>('GET', `/api/v1/workspaces/${ids[name]}`)).body.parentId;

/** Drags a card of the map onto another, or onto the place of the root. */
async function drag(page: Page, name: string, onto: string): Promise<void> {
  const card = page.locator(`[data-workspace="${ids[name]}"]`);
  // The map shows all of the org and settles when somebody comes online.
  let from = await card.boundingBox();
  await expect
    .poll(
      async () => {
        const before = from;
        from = await card.boundingBox();
        const moving = await page.locator('.org-map[data-moving]').count();
        return moving === 0 && from !== null && before !== null && from.x === before.x && from.y === before.y;
      },
      { interval: 300, timeout: 30_000 },
    )
    .toBe(true);
  if (from === null) throw new Error(`${name} is not on the map`);
  await page.mouse.move(from.x + 60, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(from.x + 80, from.y + 40, { steps: 4 });
  const place =
    onto === ''
      ? page.getByText('Drop here to hang it directly below')
      : page.locator(`[data-workspace="${ids[onto]}"]`);
  const to = await place.boundingBox();
  if (to === null) throw new Error(`there is no place ${onto}`);
  await page.mouse.move(to.x + 60, to.y + 20, { steps: 6 });
  await page.mouse.up();
}

test(
  verifies(
    'I6-map-graph',
    'a card that is dropped on another is moved there after a confirmation, and to the root; dropped on nothing it goes back',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house, { reducedMotion: 'reduce' });
    await page.goto(`${house.ready.url}/org`);
    const map = page.getByRole('application', { name: /Org map/ });
    await map.getByRole('button', { name: /^papers .*Online/ }).waitFor();
    await map.getByRole('button', { name: /^product .*Online/ }).waitFor();

    await drag(page, 'papers', 'product');
    const dialog = page.getByRole('dialog', { name: 'Move papers' });
    await dialog.getByText('It moves from research to product.').waitFor();
    // Nothing has happened before the confirmation.
    expect(await parentOf('papers')).toBe(ids['research']);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await parentOf('papers')).toBe(ids['research']);

    await drag(page, 'papers', 'product');
    await dialog.getByRole('button', { name: 'Move' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await map.getByRole('button', { name: /^product.*1 below/ }).waitFor();
    expect(await parentOf('papers')).toBe(ids['product']);

    // Onto what hangs below it, it cannot go.
    await drag(page, 'product', 'papers');
    await drag(page, 'papers', '');
    await dialog.getByText('It moves from product to the concierge.').waitFor();
    await dialog.getByRole('button', { name: 'Move' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await parentOf('papers')).toBe(house.ready.concierge?.id);
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies(
    ['I6-map-list', 'I6-small', 'I6-map-graph'],
    'at 390 px the org is a list: fold, search, filter by state and runtime, move, and nothing is wider than the screen',
  ),
  async () => {
    await house.http('PATCH', `/api/v1/workspaces/${ids['papers']}`, { parentId: ids['research'] });
    await house.http('POST', `/api/v1/workspaces/${ids['product']}/pause`);
    const { page, complaints } = await visit(browser, house, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.goto(`${house.ready.url}/org`);
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });
    await row('papers').waitFor();
    expect(await page.getByRole('application').count()).toBe(0);
    await page.getByRole('button', { name: 'Fold research' }).click();
    await expect.poll(() => row('papers').count()).toBe(0);
    await page.getByLabel('Search workspaces').fill('pap');
    // What is found is shown wherever it hangs, folded or not.
    await row('papers').waitFor();
    expect(await row('product').count()).toBe(0);
    await page.getByLabel('Search workspaces').fill('');
    await page.getByLabel('State').selectOption({ label: 'Paused or asleep' });
    await row('product').waitFor();
    expect(await row('research').count()).toBe(0);
    expect(page.url()).toContain('state=resting');
    await page.getByLabel('State').selectOption({ label: 'Any state' });
    await page.getByRole('button', { name: 'Move product' }).click();
    await page.getByRole('dialog', { name: 'Move product' }).getByLabel('Below').selectOption({ label: 'research' });
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await parentOf('product')).toBe(ids['research']);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    );
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies('I6-map-graph', 'by keyboard: M opens the move of the card, typing chooses the place, Enter moves it'),
  async () => {
    await house.http('PATCH', `/api/v1/workspaces/${ids['product']}`, { parentId: null });
    const { page, complaints } = await visit(browser, house, { reducedMotion: 'reduce' });
    await page.goto(`${house.ready.url}/org`);
    const card = page.getByRole('application').getByRole('button', { name: /^product/ });
    await card.waitFor();
    await card.focus();
    await page.keyboard.press('m');
    const below = page.getByRole('dialog', { name: 'Move product' }).getByLabel('Below');
    await expect.poll(() => below.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type('research');
    await page.getByText(/^It moves from the concierge to research/).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => parentOf('product')).toBe(ids['research']);
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies(
    'I6-bad-conflict',
    'two people rename and move the same workspace: the second one is told, and nothing is overwritten',
  ),
  async () => {
    const one = await visit(browser, house);
    const two = await visit(browser, house);
    for (const { page } of [one, two]) {
      await page.goto(`${house.ready.url}/w/${ids['papers']}/settings`);
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByLabel('New name').waitFor();
    }
    await one.page.getByLabel('New name').fill('articles');
    await one.page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await one.page.getByRole('heading', { name: 'articles', level: 1 }).waitFor();
    // The second one is told while the dialog is open, and once more by the server.
    await two.page.getByText('Somebody has named it articles meanwhile.').waitFor();
    await two.page.getByLabel('New name').fill('documents');
    two.complaints.serverAway = true;
    await two.page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await two.page.getByRole('alert').getByText('The name was changed meanwhile: it is articles now.').waitFor();
    two.complaints.serverAway = false;
    expect((await house.http<{ name: string }>('GET', `/api/v1/workspaces/${ids['papers']}`)).body.name).toBe(
      'articles',
    );
    // What was typed is still there.
    expect(await two.page.getByLabel('New name').inputValue()).toBe('documents');
    expect([...one.complaints.list, ...two.complaints.list]).toEqual([]);
  },
);

test(
  verifies(
    ['I6-panel-settings', 'I6-proof-story', 'B70'],
    'the runtime is switched after a preview of what stays and what changes, and the workspace is proved again with the new one',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house);
    await page.goto(`${house.ready.url}/w/${ids['research']}/settings`);
    await page.getByRole('button', { name: 'Switch' }).click();
    const dialog = page.getByRole('dialog', { name: 'Runtime of research' });
    expect(await dialog.getByRole('button', { name: 'Switch' }).isDisabled()).toBe(true);
    await dialog.getByLabel('New runtime').selectOption('codex');
    const preview = dialog.getByRole('region', { name: 'What changes' });
    await preview.getByText('1 plugin with 1 server').waitFor();
    await preview.getByText('A new box with a new token').waitFor();
    await dialog.getByRole('button', { name: 'Switch' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const stage = page.getByRole('main');
    await stage.getByText('codex', { exact: true }).first().waitFor();
    await stage.getByText('Online', { exact: true }).first().waitFor({ timeout: 60_000 });
    await page.goto(`${house.ready.url}/w/${ids['research']}/timeline`);
    await page
      .getByText(/runtime changes to codex/)
      .first()
      .waitFor();
    expect(complaints.list).toEqual([]);
  },
);
