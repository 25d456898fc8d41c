import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, visit } from './browser.ts';

const AXE = readFileSync(
  createRequire(new URL('../../../packages/canvas/package.json', import.meta.url)).resolve('axe-core/axe.min.js'),
  'utf8',
);

let house: TestInstallation;
let browser: Browser;
let id: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  id = (await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name: 'research' })).body.id;
  await house.http('POST', '/api/v1/workspaces', { name: 'paused one' });
  await house.http('POST', '/api/v1/workspaces/paused%20one/pause');
  await house.http('POST', `/api/v1/workspaces/${house.ready.concierge?.id}/messages`, {
    text: 'Which workspaces are there?',
  });
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds serious or worse. The script is put in by the debugger, because the page's own policy allows no foreign script. */
async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<readonly Finding[]>(
    'axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) => violations)',
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id: rule, nodes }) =>
      nodes.map((node) => `${rule}: ${node.html.slice(0, 160)} | ${node.failureSummary.slice(0, 220)}`),
    );
}

const VIEWS = [
  '/',
  '/org',
  '/org?view=list',
  '/activity',
  '/inbox',
  ...['members', 'tokens', 'secrets', 'plugins', 'budgets', 'runtimes', 'audit'].map(
    (section) => `/settings/${section}`,
  ),
  ...['chat', 'readiness', 'timeline', 'plugins', 'model', 'tasks', 'files', 'terminal', 'settings'].map(
    (tab) => `/w/ID/${tab}`,
  ),
];

test.for([
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 390 },
] as const)(
  verifies(['I6-access', 'I6-small'], 'axe finds nothing serious in any view: %o'),
  { timeout: 240_000 },
  async ({ colorScheme, width }) => {
    const { page, complaints } = await visit(browser, house, {
      colorScheme,
      viewport: { width, height: 860 },
      reducedMotion: 'reduce',
    });
    for (const view of VIEWS) {
      await page.goto(house.ready.url + view.replace('ID', id));
      const place = page.getByRole(view === '/' ? 'complementary' : 'main');
      await place.getByRole('heading').or(place.getByRole('textbox')).first().waitFor();
      await expect
        .poll(() => page.locator('.animate-turn').count(), { message: `${view} goes on loading`, timeout: 15_000 })
        .toBe(0);
      expect.soft(await findings(page), `${view} ${colorScheme} ${width}`).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect.soft(overflow, `${view} is wider than ${width} px`).toBe(0);
    }
    expect(complaints.list).toEqual([]);
  },
);

test('the check itself would find something', async () => {
  const { page } = await visit(browser, house);
  await page.evaluate(
    'document.getElementById("stage").append(Object.assign(document.createElement("img"), { src: "/icon.svg" }))',
  );
  expect((await findings(page)).join()).toMatch(/^image-alt: <img src="\/icon.svg">/);
});

test(verifies('I6-access', 'axe finds nothing serious in dialogs, and they are named'), async () => {
  const { page, complaints } = await visit(browser, house, { reducedMotion: 'reduce' });
  for (const [key, name] of [
    ['c', 'New workspace'],
    ['?', 'Keyboard'],
    ['Control+k', 'Search and commands'],
  ] as const) {
    await page.keyboard.press(key);
    await page.getByRole('dialog', { name }).waitFor();
    expect.soft(await findings(page), name).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
  expect(complaints.list).toEqual([]);
});

test(
  verifies(
    'I6-proof-console',
    'the guard of every run notices a console error, a page error, a refused, a failed and a foreign request',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house);
    await page.evaluate(async () => {
      console.error('said on purpose');
      setTimeout(() => {
        throw new Error('thrown on purpose');
      });
      await fetch('/api/v1/nothing');
      await fetch('https://elsewhere.invalid/').catch(() => {});
    });
    await page.route('**/api/v1/runtimes', (route) => route.abort('failed'));
    await page.evaluate(() => fetch('/api/v1/runtimes').catch(() => {}));
    await expect.poll(() => complaints.list.join('\n')).toMatch(/thrown on purpose/);
    const noticed = complaints.take().join('\n');
    for (const each of [
      'console error: said on purpose',
      'page error: thrown on purpose',
      '404: GET',
      'failed: GET',
      'elsewhere.invalid',
    ])
      expect(noticed).toContain(each);
  },
);
