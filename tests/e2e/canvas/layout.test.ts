import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, visit } from './browser.ts';

/*
 * What a person sees of the main screens, as boxes: where each heading, landmark, control and link lies, how it is called, its colours and the size of its type.
 * Boxes are the same on every machine with the same browser and fonts, pixels are not. `MOLECULE_LAYOUT=accept npx vitest run …` keeps what is there now.
 */

const KEPT = fileURLToPath(new URL('./layout/', import.meta.url));
/** Rounding and the hinting of fonts. */
const TOLERANCE_PX = 6;

let house: TestInstallation;
let browser: Browser;
let id: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  id = (await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name: 'research' })).body.id;
  await house.http('POST', '/api/v1/workspaces', { name: 'papers', parentId: id });
  await house.http('POST', '/api/v1/workspaces/papers/pause');
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

interface Box {
  readonly what: string;
  readonly at: readonly [x: number, y: number, width: number, height: number];
  readonly look: string;
}

async function boxes(page: Page): Promise<readonly Box[]> {
  return page.evaluate(() => {
    const wanted =
      'h1, h2, h3, main, nav, aside, header, form, table, [role=dialog], [role=region], a[href], button, input, select, textarea';
    return [...document.querySelectorAll<HTMLElement>(wanted)].flatMap((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const visible = width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true });
      // The map is laid out by a rule with tests of its own; the tabs of a workspace are a list that grows.
      const apart = '.react-flow__viewport, nav[aria-label="Views of this workspace"] a';
      if (!visible || element.closest(apart) !== null || y > innerHeight) return [];
      const name = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().split('\n')[0] ?? '';
      const style = getComputedStyle(element);
      return [
        {
          what: `${element.tagName.toLowerCase()} ${/^(MAIN|NAV|ASIDE|HEADER|FORM|TABLE)$/.test(element.tagName) ? '' : name}`.trim(),
          at: [x, y, width, height].map(Math.round) as [number, number, number, number],
          look: `${style.fontSize} ${style.fontWeight} ${style.color} on ${style.backgroundColor}`,
        },
      ];
    });
  });
}

const SCREENS = [
  { name: 'home', path: '/' },
  { name: 'org-list', path: '/org?view=list' },
  { name: 'workspace-settings', path: '/w/ID/settings' },
  { name: 'plugins', path: '/w/ID/plugins' },
  { name: 'inbox', path: '/inbox' },
  { name: 'secrets', path: '/settings/secrets' },
  { name: 'create', path: '/org', key: 'c' },
] as const;
const SIZES = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
] as const;

function different(kept: readonly Box[], seen: readonly Box[]): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < Math.max(kept.length, seen.length); index += 1) {
    const [before, now] = [kept[index], seen[index]];
    if (before === undefined || now === undefined || before.what !== now.what) {
      found.push(`${before?.what ?? 'nothing'} became ${now?.what ?? 'nothing'}`);
      break;
    }
    if (before.look !== now.look) found.push(`${now.what} looks ${now.look}, was ${before.look}`);
    if (before.at.some((value, side) => Math.abs(value - (now.at[side] ?? 0)) > TOLERANCE_PX))
      found.push(`${now.what} lies at ${now.at.join(' ')}, was ${before.at.join(' ')}`);
  }
  return found;
}

/** What is there when two looks in a row see the same. */
async function settled(page: Page): Promise<readonly Box[]> {
  let seen: readonly Box[] = [];
  await expect
    .poll(
      async () => {
        const before = JSON.stringify(seen);
        seen = await boxes(page);
        return seen.length > 3 && JSON.stringify(seen) === before;
      },
      { interval: 150, timeout: 15_000 },
    )
    .toBe(true);
  return seen;
}

test.for(SIZES)(
  verifies('I6-proof-layout', 'the main screens look as they did: %o'),
  { timeout: 120_000 },
  async ({ width, height, colorScheme }) => {
    const { page } = await visit(browser, house, { viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
    await expect
      .poll(async () => (await house.http<{ status: string }>('GET', '/api/v1/workspaces/research')).body.status, {
        timeout: 30_000,
      })
      .toBe('online');
    // Colours of the dark theme come from one table: two screens show them all.
    for (const screen of colorScheme === 'dark' ? SCREENS.slice(0, 2) : SCREENS) {
      await page.goto(house.ready.url + screen.path.replace('ID', id));
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      await expect.poll(() => page.locator('.animate-turn').count(), { timeout: 15_000 }).toBe(0);
      if ('key' in screen) {
        await page.locator('body').press(screen.key);
        await page.getByRole('dialog').waitFor();
      }
      await page.evaluate(() => document.fonts.ready);
      const file = `${KEPT}${screen.name}-${width}-${colorScheme}.json`;
      if (process.env['MOLECULE_LAYOUT'] === 'accept') {
        mkdirSync(KEPT, { recursive: true });
        const lines = (await settled(page)).map((box) => `  ${JSON.stringify(box)}`);
        writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
        continue;
      }
      expect(existsSync(file), `there is nothing kept for ${screen.name}`).toBe(true);
      const kept = JSON.parse(readFileSync(file, 'utf8')) as readonly Box[]; // written above
      // A screen is built in steps, and a busy machine takes its time over them.
      await expect
        .poll(async () => different(kept, await boxes(page)), {
          message: `${screen.name}; MOLECULE_LAYOUT=accept keeps the new look`,
          interval: 150,
          timeout: 20_000,
        })
        .toEqual([]);
    }
  },
);
