import { startTestInstallation, type TestInstallation, until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, signInLink, visit } from './browser.ts';

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
    ['I6-proof-reconnect', 'I6-live-cursor', 'I6-live-states'],
    'the server is killed in the middle of an answer: the page says so, keeps what is typed, sends what was held once, and shows all that happened meanwhile',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house);
    const field = page.getByRole('textbox', { name: 'Message to Concierge' });
    await field.fill('Create a workspace called atlas');
    await page.keyboard.press('Enter');
    // The server has taken it in: an answer is on its way.
    await page.locator('[aria-busy=true]').waitFor();

    complaints.serverAway = true;
    house.kill('control-plane');
    await page.getByText('Molecule does not answer; trying again.').waitFor();
    await field.fill('Create a workspace called boreas');
    await page.keyboard.press('Enter');
    await page.getByText('Not sent', { exact: true }).waitFor();
    await field.fill('half a thought');

    await house.up();
    await page.getByText('Molecule does not answer; trying again.').waitFor({ state: 'hidden', timeout: 30_000 });
    complaints.serverAway = false;
    const map = page.getByRole('application', { name: /Org map/ });
    await map.getByRole('button', { name: /^atlas .*Online/ }).waitFor({ timeout: 30_000 });
    await map.getByRole('button', { name: /^boreas .*Online/ }).waitFor({ timeout: 30_000 });
    expect(await field.inputValue()).toBe('half a thought');
    await expect.poll(() => page.locator('[aria-busy=true]').count(), { timeout: 15_000 }).toBe(0);

    const said = async () =>
      page
        .getByRole('log')
        .first()
        .getByRole('article')
        .evaluateAll((list) =>
          list.map((each) =>
            `${each.getAttribute('aria-label')}: ${each.textContent}`.replace(/\d+ min ago|just now/g, ''),
          ),
        );
    const live = await said();
    expect(live.filter((text) => text.includes('called boreas'))).toHaveLength(1);
    await page.reload();
    await page.getByRole('article').first().waitFor();
    await expect.poll(said).toEqual(live);
    expect(await field.inputValue()).toBe('half a thought');
    expect(complaints.list).toEqual([]);
  },
);

test(verifies('I6-live-two', 'two people see the same without a reload'), async () => {
  const [one, two] = [await visit(browser, house), await visit(browser, house)];
  await one.page.getByRole('button', { name: 'New workspace' }).click();
  await one.page.getByRole('textbox', { name: 'Name' }).fill('shared');
  await one.page.keyboard.press('Enter');
  const map = two.page.getByRole('application', { name: /Org map/ });
  await map.getByRole('button', { name: /^shared .*Online/ }).waitFor();
  await one.page.getByText('shared is online').waitFor();
  expect([...one.complaints.list, ...two.complaints.list]).toEqual([]);
});

test(
  verifies('I6-bad-session', 'a session that ends while somebody types loses no text, and goes on after a new sign-in'),
  async () => {
    const { page, context, complaints } = await visit(browser, house);
    const field = page.getByRole('textbox', { name: 'Message to Concierge' });
    await field.fill('Which workspaces are there?');
    complaints.serverAway = true;
    await context.clearCookies({ name: 'molecule_session' });
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    const again = await context.newPage();
    await again.goto(await signInLink(house));
    await again.getByRole('complementary', { name: 'Concierge' }).waitFor();
    await page.bringToFront();
    await page.getByRole('button', { name: 'I have signed in' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    complaints.serverAway = false;
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('article', { name: 'You' }).filter({ hasText: 'Which workspaces are there?' }).waitFor();
    await expect.poll(() => page.getByText('Not sent', { exact: true }).count()).toBe(0);
    expect(complaints.list).toEqual([]);
  },
);

test(verifies(
  'I6-panel-readiness',
  'the box host is killed: the page shows why nothing can run, and the recovery, by itself',
), async () => {
  const { page, complaints } = await visit(browser, house);
  await page.goto(`${house.ready.url}/activity`);
  await page.getByRole('heading', { name: 'Activity' }).waitFor();
  const before = await page.getByText(/The box host was lost/).count();
  expect(house.kill('box-host')).toBeGreaterThan(0);
  await expect.poll(() => page.getByText(/The box host was lost/).count(), { timeout: 60_000 }).toBeGreaterThan(before);
  await expect
    .poll(async () => (await house.http<{ status: string }>('GET', '/api/v1/workspaces/shared')).body.status, {
      timeout: 120_000,
    })
    .toBe('online');
  await page.goto(`${house.ready.url}/org?view=list`);
  await page.getByRole('row', { name: /shared Online/ }).waitFor();
  expect(complaints.list).toEqual([]);
}, 120_000);

test(verifies('I6-live-idle', 'a page that is only looked at asks for nothing'), async () => {
  // The test before killed the box host: a box that is still coming back is news.
  await until(
    'all boxes are well',
    async () => (await house.http<{ items: { status: string }[] }>('GET', '/api/v1/workspaces')).body.items,
    (items) => items.every(({ status }) => status === 'online'),
    120_000,
  );
  const { page, complaints } = await visit(browser, house);
  await page.getByRole('application', { name: /Org map/ }).waitFor();
  await page.waitForLoadState('domcontentloaded');
  const asked: string[] = [];
  await expect.poll(() => page.evaluate(() => performance.getEntriesByType('resource').length > 3)).toBe(true);
  // What belongs to the opening has settled when nothing new was asked for three seconds.
  let last = -1;
  await expect
    .poll(
      async () => {
        const now = await page.evaluate(() => performance.getEntriesByType('resource').length);
        const same = now === last;
        last = now;
        return same;
      },
      { interval: 3000, timeout: 120_000 },
    )
    .toBe(true);
  page.on('request', (request) => asked.push(request.url()));
  const end = Date.now() + 20_000;
  await expect.poll(() => Date.now() > end, { interval: 1000, timeout: 60_000 }).toBe(true);
  expect(asked).toEqual([]);
  expect(complaints.list).toEqual([]);
});
