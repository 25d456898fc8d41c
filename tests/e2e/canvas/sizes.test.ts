import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, visit } from './browser.ts';

const HISTORY = 100_000;
const HUGE = 10 * 2 ** 20;
/** More than a page of messages with all that stands around it needs. */
const MOST_ELEMENTS = 6_000;
/** Pages of messages that are held at once. */
const MOST_HELD = 8 * 50;
const PATIENCE = { timeout: 30_000 };
/** The text itself is held twice at most: as it came and as it is shown. */
const MOST_HEAP_MIB = 160;

let house: TestInstallation;
let browser: Browser;
let id: string;
let chronicle: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  id = (await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name: 'archive' })).body.id;
  chronicle = (await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name: 'chronicle' })).body.id;
  const database = house.openDatabase();
  try {
    const db = database.kysely;
    const { rows } = await sql<{ id: string }>`
      insert into conversations (id, org_id, workspace_id, title)
      select gen_random_uuid(), org_id, id, 'a long one' from workspaces where id = ${id} returning id`.execute(db);
    const conversation = rows[0]?.id;
    // Ids in the order of time, as the server gives them out.
    await sql`
      insert into messages (id, org_id, workspace_id, conversation_id, role, status, text, created_by, created_at)
      select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, w.org_id, w.id, ${conversation}::uuid,
        case n % 2 when 0 then 'agent' else 'user' end, 'complete', 'entry ' || n, 'system', now() - (${HISTORY} - n) * interval '1 second'
      from workspaces w, generate_series(1, ${HISTORY}) n where w.id = ${id}`.execute(db);
    for (const [at, role] of [
      [HISTORY + 1, 'user'],
      [HISTORY + 2, 'agent'],
    ] as const)
      await sql`
        insert into messages (id, org_id, workspace_id, conversation_id, role, status, text, created_by)
        select ('00000000-0000-7000-8000-' || lpad(to_hex(${at}::int), 12, '0'))::uuid, org_id, id, ${conversation}::uuid, ${role}, 'complete',
          repeat('# <b>0123456789</b> _x_ ' || chr(10), ${Math.ceil(HUGE / 24)}), 'system' from workspaces where id = ${id}`.execute(
        db,
      );
    const { rows: told } = await sql<{ id: string }>`
      insert into conversations (id, org_id, workspace_id, title)
      select gen_random_uuid(), org_id, id, 'a told one' from workspaces where id = ${chronicle} returning id`.execute(
      db,
    );
    await sql`
      insert into messages (id, org_id, workspace_id, conversation_id, role, status, text, created_by, created_at)
      select ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, w.org_id, w.id, ${told[0]?.id}::uuid,
        case n % 2 when 0 then 'agent' else 'user' end, 'complete', 'entry ' || n || repeat(' and more', 1 + n % 40), 'system', now() - (${HISTORY} - n) * interval '1 second'
      from workspaces w, generate_series(1, ${HISTORY}) n where w.id = ${chronicle}`.execute(db);
    await sql`
      insert into events (org_id, workspace_id, type, actor, data)
      select w.org_id, w.id, 'drift.repaired', 'system', jsonb_build_object('message', 'repair ' || n)
      from workspaces w, generate_series(1, ${HISTORY}) n where w.id = ${id}`.execute(db);
  } finally {
    await database.close();
  }
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

async function burden(page: Page): Promise<{ readonly elements: number; readonly heapMib: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return { elements: await page.evaluate(() => document.querySelectorAll('*').length), heapMib: usedSize / 2 ** 20 };
}

test(
  verifies(
    'I6-bad-size',
    'messages of 10 MB and a conversation of 100,000: the newest are shown at once, a piece at a time, earlier ones on demand, and one can go on writing',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house);
    await page.goto(`${house.ready.url}/w/${id}/chat`);
    const log = page.getByRole('log', { name: 'Conversation with archive' });
    await log
      .getByText(/of 10,\d{3},\d{3} characters, shown as plain text/)
      .nth(1)
      .waitFor({ timeout: 60_000 });
    // Nothing of it became markup.
    expect(await log.locator('h1, b').count()).toBe(0);
    const field = page.getByRole('main').getByRole('textbox', { name: 'Message to archive' });
    await field.pressSequentially('still alive');
    expect(await field.inputValue()).toBe('still alive');
    await log.getByRole('button', { name: 'Show more' }).first().click();
    for (let pages = 0; pages < 5; pages += 1) {
      const before = await log.getByRole('article').count();
      await log.getByRole('button', { name: 'Earlier messages' }).click();
      await expect.poll(() => log.getByRole('article').count(), { timeout: 30_000 }).toBeGreaterThan(before);
    }
    const { elements, heapMib } = await burden(page);
    expect(elements).toBeLessThan(MOST_ELEMENTS);
    expect(heapMib).toBeLessThan(MOST_HEAP_MIB);
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies(
    'I6-bad-size',
    'whatever is scrolled through of 100,000 messages, a few hundred are held; what is read stays where it is, and scrolling back loads again, nothing missed or doubled',
  ),
  async () => {
    const { page, complaints } = await visit(browser, house);
    await page.goto(`${house.ready.url}/w/${chronicle}/chat`);
    const log = page.getByRole('log', { name: 'Conversation with chronicle' });
    await log.getByText(`entry ${HISTORY}`).waitFor();
    const numbers = () =>
      log
        .getByRole('article')
        .evaluateAll((articles) => articles.map((each) => Number(/entry (\d+)/.exec(each.textContent)?.[1])));
    const first = async () => (await numbers())[0] ?? 0;
    const expectWhole = async () => {
      const shown = await numbers();
      expect(shown).toEqual(shown.map((_, index) => (shown[0] ?? 0) + index));
      expect(shown.length).toBeLessThanOrEqual(MOST_HELD);
      return shown;
    };
    const topOf = (number: number) =>
      log
        .getByText(new RegExp(`^entry ${number}( and more)+$`))
        .evaluate((element) => element.getBoundingClientRect().top);

    for (let pages = 0; pages < 12; pages += 1) {
      const before = await first();
      await log.evaluate((element) => element.scrollTo({ top: 0 }));
      const top = await topOf(before);
      await log.getByRole('button', { name: 'Earlier messages' }).press('Enter');
      await expect.poll(first, PATIENCE).toBe(before - 50);
      // Except for what a line of the page above it needs when it is measured for the first time.
      await expect.poll(async () => Math.abs((await topOf(before)) - top), PATIENCE).toBeLessThan(4);
    }
    const far = await expectWhole();
    expect(far.at(-1)).toBeLessThan(HISTORY - 100);
    await log.getByRole('button', { name: 'Earlier messages' }).waitFor();

    // Down again to the end, by scrolling.
    let last = far.at(-1) ?? 0;
    while (last < HISTORY) {
      const before = last;
      const top = await log.evaluate((element) => {
        element.scrollTo({ top: element.scrollHeight });
        return element.scrollTop;
      });
      expect(top).toBeGreaterThan(0);
      await expect
        .poll(async () => {
          last = (await numbers()).at(-1) ?? 0;
          return last;
        }, PATIENCE)
        .toBeGreaterThan(before);
      await expectWhole();
    }
    expect(last).toBe(HISTORY);

    // And back to the newest in one step.
    for (let pages = 0; pages < 9; pages += 1) {
      const before = await first();
      await log.evaluate((element) => element.scrollTo({ top: 0 }));
      await log.getByRole('button', { name: 'Earlier messages' }).press('Enter');
      await expect.poll(first, PATIENCE).toBeLessThan(before);
    }
    await page.getByRole('main').getByRole('button', { name: 'Newest' }).click();
    await expect.poll(async () => (await numbers()).at(-1), PATIENCE).toBe(HISTORY);
    await expect
      .poll(
        () => log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight),
        PATIENCE,
      )
      .toBeLessThan(80);
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies('I6-bad-size', 'a text of 10 MB that is pasted is refused with its size, and what was typed stays'),
  async () => {
    const { page, complaints } = await visit(browser, house);
    const field = page.getByRole('textbox', { name: 'Message to Concierge' });
    await field.fill('half a thought');
    await field.evaluate((element, size) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'x'.repeat(size));
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, HUGE);
    await page
      .getByRole('alert')
      .getByText('Not pasted: 10,485,774 characters, at most 1,000,000 can be sent')
      .waitFor();
    expect(await field.inputValue()).toBe('half a thought');
    expect(complaints.list).toEqual([]);
  },
);

test(
  verifies('I6-bad-size', 'a history of 100,000 events is shown page by page and stays so while new ones come'),
  async () => {
    const { page, complaints } = await visit(browser, house);
    await page.goto(`${house.ready.url}/w/${id}/timeline`);
    await page.getByText(`repair ${HISTORY}`).waitFor();
    await page.goto(`${house.ready.url}/activity`);
    await page.getByText(`repair ${HISTORY}`).first().waitFor();
    const database = house.openDatabase();
    try {
      // More than the page keeps of a history that grows by itself.
      for (let batch = 0; batch < 10; batch += 1)
        await sql`
        insert into events (org_id, workspace_id, type, actor, data)
        select org_id, id, 'drift.repaired', 'system', jsonb_build_object('message', 'late ' || ${batch}::int || ' ' || n)
        from workspaces, generate_series(1, 200) n where id = ${id}`.execute(database.kysely);
    } finally {
      await database.close();
    }
    await page.getByText('late 9 200').first().waitFor({ timeout: 60_000 });
    const { elements, heapMib } = await burden(page);
    expect(elements).toBeLessThan(MOST_ELEMENTS);
    expect(heapMib).toBeLessThan(MOST_HEAP_MIB);
    expect(complaints.list).toEqual([]);
  },
);

test.for([-1, 1])(
  verifies('I6-bad-clock', 'a clock that is a day off changes no time on the page: %i'),
  async (days) => {
    const { page, complaints } = await visit(browser, house);
    await page.clock.install({ time: Date.now() + days * 86_400_000 });
    await page.goto(`${house.ready.url}/w/${id}/timeline`);
    await page.getByRole('button', { name: /Newest boot/ }).waitFor();
    expect(await page.getByRole('button', { name: /Newest boot/ }).textContent()).toMatch(/just now|min ago/);
    await page.goto(`${house.ready.url}/settings/tokens`);
    await page
      .getByText(/^Session$/)
      .first()
      .waitFor();
    expect(complaints.list).toEqual([]);
  },
);
