import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, visit } from './browser.ts';

const CARDS = 1000;
const TEAMS = 40;
/** A thousand cards on a busy machine. */
const PATIENCE = { timeout: 60_000, interval: 200 };

let house: TestInstallation;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  const database = house.openDatabase();
  try {
    // At rest and without boxes: what is tried is the map.
    for (const [from, to] of [
      [0, TEAMS - 1],
      [TEAMS, CARDS - 1],
    ] as const)
      await sql`
        insert into workspaces (id, org_id, name, parent_id, status, runtime, created_by)
        select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, org_id, 'member ' || n,
          case when n < ${TEAMS} then id else ('00000000-0000-7000-8000-' || lpad(to_hex(n % ${TEAMS}), 12, '0'))::uuid end, 'paused', runtime, 'system'
        from workspaces, generate_series(${from}::int, ${to}::int) n where kind = 'platform'`.execute(database.kysely);
  } finally {
    await database.close();
  }
  ({ page } = await visit(browser, house, { reducedMotion: 'reduce' }));
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

/** The map with everybody on it, at rest. */
async function openMap(): Promise<void> {
  await page.goto(`${house.ready.url}/org`);
  await expect.poll(() => page.locator('[data-workspace]').count(), PATIENCE).toBe(CARDS);
  await page.getByRole('button', { name: 'Show all' }).click();
  await atRest();
}

const placeOf = (): Promise<string> =>
  page.evaluate(() => document.querySelector<HTMLElement>('.react-flow__viewport')?.style.transform ?? '');

async function atRest(): Promise<void> {
  let before = '';
  await expect
    .poll(async () => {
      const [last, now] = [before, await placeOf()];
      before = now;
      return now === last && (await page.locator('.org-map[data-moving]').count()) === 0;
    }, PATIENCE)
    .toBe(true);
}

/** Notes every change of the map's elements while something is done, as `kind class`. */
async function changes(act: () => Promise<void>): Promise<readonly string[]> {
  await page.evaluate(() => {
    const seen: string[] = [];
    const observer = new MutationObserver((list) => {
      for (const { type, attributeName, target } of list)
        seen.push(`${type} ${attributeName ?? ''} of ${(target as Element).classList[0] ?? ''}`);
    });
    observer.observe(document.querySelector('.org-map') as Element, {
      subtree: true,
      attributes: true,
      childList: true,
      characterData: true,
    });
    Object.assign(globalThis, { seen, observer });
  });
  await act();
  return page.evaluate(() => {
    const { seen, observer } = globalThis as unknown as { seen: string[]; observer: MutationObserver };
    observer.disconnect();
    return seen;
  });
}

test(
  verifies(
    ['I6-map-thousand', 'I6-bench-graph'],
    'panning and zooming a map of a thousand moves one element and changes no card until it rests',
  ),
  async () => {
    await openMap();
    const from = await placeOf();
    const seen = await changes(async () => {
      await page.mouse.move(700, 870);
      await page.mouse.down();
      await page.mouse.move(900, 780, { steps: 20 });
      await page.mouse.move(500, 600, { steps: 20 });
      await expect.poll(() => placeOf(), PATIENCE).not.toBe(from);
    });
    expect(seen.filter((each) => each === 'attributes style of react-flow__viewport').length).toBeGreaterThan(5);
    expect([...new Set(seen)].toSorted()).toEqual([
      'attributes class of react-flow__pane',
      'attributes data-moving of org-map',
      'attributes style of react-flow__viewport',
    ]);
    await page.mouse.up();
    await atRest();
  },
);

test(
  verifies('I6-map-thousand', 'a far card is one element that no layer is made for, and has the name of the workspace'),
  async () => {
    await openMap();
    const card = page.locator('.react-flow__node').first();
    // Each of these would be put into layers by itself, a thousand times in each frame: 70 ms of every frame were spent on it.
    expect(
      await card.evaluate((node) =>
        [node, ...node.querySelectorAll('*')].flatMap((element) => {
          const { transform, opacity, overflow, contain, filter, maskImage, willChange } = getComputedStyle(element);
          const found = [transform, opacity, overflow, contain, filter, maskImage, willChange].join(' ');
          return element instanceof SVGElement || found !== 'none 1 visible none none none auto' ? [found] : [];
        }),
      ),
    ).toEqual([]);
    expect(await page.getByRole('application').locator('svg').count()).toBeLessThan(10);
    await page
      .getByRole('application')
      .getByRole('button', { name: /^member 999 Paused$/ })
      .waitFor();
  },
);

test(
  verifies(
    ['I6-map-thousand', 'I6-map-graph'],
    'zooming in draws the cards in view in full when it rests, the wheel pans above cards, and a click still opens one',
  ),
  async () => {
    await openMap();
    const full = page.locator('[data-workspace]', { hasText: 'Paused' });
    expect(await full.count()).toBe(0);
    await page.mouse.move(720, 450);
    await page.keyboard.down('Control');
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -60);
        return full.count();
      }, PATIENCE)
      .toBeGreaterThan(20);
    await page.keyboard.up('Control');
    await atRest();
    // Those in view and a little beyond, not all.
    expect(await full.count()).toBeLessThan(CARDS / 2);
    const inView = await full.evaluateAll((cards) =>
      cards.flatMap((card) => {
        const { left, top, right, bottom } = card.getBoundingClientRect();
        const inside = left > 500 && top > 200 && right < 1400 && bottom < 800;
        return inside ? [{ id: card.dataset['workspace'] ?? '', x: (left + right) / 2, y: (top + bottom) / 2 }] : [];
      }),
    );
    const [card] = inView;
    if (card === undefined) throw new Error('no full card is in view');
    await page.mouse.move(card.x, card.y);
    const before = await placeOf();
    await page.mouse.wheel(0, 40);
    await expect.poll(() => placeOf(), PATIENCE).not.toBe(before);
    await page.mouse.wheel(0, -40);
    await expect.poll(() => placeOf(), PATIENCE).toBe(before);
    await atRest();
    await page.mouse.click(card.x, card.y);
    await page.waitForURL(`**/w/${card.id}/chat`);
  },
);
