import {
  createOnline,
  processesOf,
  startTestInstallation,
  type TestInstallation,
  until,
} from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type Visit, visit } from './browser.ts';

let house: TestInstallation;
let browser: Browser;
let seen: Visit;
let id: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  id = await createOnline(house, 'research');
  seen = await visit(browser, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

const LIMIT = { timeout: 60_000 };
const stage = () => seen.page.getByRole('main');
const screen = () => stage().locator('.xterm-rows');
const connected = () => stage().getByText('Connected', { exact: true }).waitFor(LIMIT);
const shells = () => processesOf(house.dataDir).filter(({ command }) => command.includes('terminal-host.mjs'));

async function type(line: string): Promise<void> {
  await stage().getByRole('textbox', { name: 'Terminal input' }).focus();
  await seen.page.keyboard.type(`${line}\n`);
}

/** The rows as text: lines that were broken by the width are joined. */
async function shows(text: string | RegExp): Promise<void> {
  await expect.poll(async () => (await screen().textContent()) ?? '', LIMIT).toMatch(text);
}

test(
  verifies(
    ['I6-panel-terminal', 'I6-csp'],
    'a shell on a terminal of its own, behind the walls of the agent, without its token; colours and resizing under the strict policy',
  ),
  async () => {
    await seen.page.goto(`${house.ready.url}/w/${id}/terminal`);
    await stage().getByRole('button', { name: 'Open a terminal' }).click();
    await connected();
    await type('tty; echo sum=$((6*7))');
    await shows(/\/dev\/pts\/\d/);
    await shows(/sum=42/);
    await type('echo "keys=$(env | grep -c _API_KEY)"; ls /root /home 2>&1 | head -3; cat /proc/1/comm');
    await shows(/keys=0/);
    await shows(/bwrap/);
    await type("printf '\\033[38;2;200;30;30mred\\033[0m\\n'; stty size | tr ' ' x");
    await shows(/\d+x\d+/);
    const before = /(\d+)x(\d+)/.exec((await screen().textContent()) ?? '');
    // It follows the theme of the page while it is open, also for who wants no motion.
    await seen.page.emulateMedia({ reducedMotion: 'reduce' });
    const colour = (part: string) =>
      stage()
        .locator(part)
        .evaluate((element) => getComputedStyle(element).color);
    const light = await colour('.xterm-rows');
    await seen.page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => colour('.xterm-rows'), LIMIT).not.toBe(light);
    expect(await colour('.xterm-rows')).toBe(await colour('[data-terminal]'));
    await seen.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
    await expect.poll(() => colour('.xterm-rows'), LIMIT).toBe(light);
    await type("while sleep 0.2; do clear; stty size | tr ' ' x; done");
    await seen.page.setViewportSize({ width: 1024, height: 600 });
    await expect
      .poll(async () => /(\d+)x(\d+)/.exec((await screen().textContent()) ?? '')?.[1] ?? before?.[1], LIMIT)
      .not.toBe(before?.[1]);
    await seen.page.keyboard.press('Control+c');
    expect(seen.complaints.list).toEqual([]);
  },
);

test(
  verifies(
    'I6-panel-terminal',
    'after a reload, and after the server was killed, the screen is there again and the shell has gone on',
  ),
  async () => {
    const { page, complaints } = seen;
    await type('clear; echo mark=$((1000+234)); cd /tmp; export KEPT=yes');
    await shows(/mark=1234/);
    await page.reload();
    await connected();
    await shows(/mark=1234/);
    complaints.serverAway = true;
    house.kill('control-plane');
    await stage().getByText('Connection lost, trying again').waitFor(LIMIT);
    await house.up();
    await connected();
    complaints.serverAway = false;
    await type('echo "kept=$KEPT in $PWD"');
    await shows(/kept=yes in \/tmp/);
    expect(shells().length).toBeGreaterThan(0);
  },
);

test(
  verifies('I6-panel-terminal', 'a flood neither hangs the page nor loses its end; it can be interrupted'),
  async () => {
    await type('seq 1 200000; echo finished=$((3*3))');
    await shows(/finished=9/);
    await type('yes flood');
    await shows(/flood/);
    await seen.page.keyboard.press('Control+c');
    await type('clear; echo calm=$((2*2))');
    await shows(/calm=4/);
  },
);

test(
  verifies('I6-panel-terminal', 'it takes a scope of its own and the page of this server; who opened it is on record'),
  async () => {
    const path = `/api/v1/workspaces/${id}/terminals`;
    const scopes = ['workspaces:read', 'workspaces:write', 'files:read', 'files:write', 'work:write'];
    const { body } = await house.http<{ value: string }>('POST', '/api/v1/tokens', { name: 'operator', scopes });
    for (const [method, suffix] of [
      ['GET', ''],
      ['POST', ''],
      ['POST', '/x/input'],
      ['GET', '/x/stream'],
      ['DELETE', '/x'],
    ] as const) {
      const answer = await house.http<{ code: string }>(method, path + suffix, method === 'POST' ? {} : undefined, {
        token: body.value,
      });
      expect([method, suffix, answer.status, answer.body.code]).toEqual([method, suffix, 403, 'scope_missing']);
    }
    // The cookie alone, as another site would send it, opens nothing.
    const request = seen.context.request;
    const data = { cols: 80, rows: 24 };
    expect((await (await request.post(house.ready.url + path, { data })).json()).code).toBe('csrf_failed');
    const foreign = await request.get(`${house.ready.url}${path}`, { headers: { origin: 'https://evil.example' } });
    expect((await foreign.json()).code).toBe('host_not_allowed');
    const log = await house.http<{ items: { action: string; actor: string; target: string }[] }>(
      'GET',
      '/api/v1/audit?limit=200',
    );
    const opened = log.body.items.filter(({ action }) => action === 'terminal.open');
    expect(opened).toEqual([expect.objectContaining({ target: id, actor: expect.stringMatching(/^user:/) })]);
  },
);

test(
  verifies(
    'I6-panel-terminal',
    'closed from the page, ended by its shell, or with its box: no process is left and the end is on record',
  ),
  async () => {
    await type('sleep 4242 & sleep 4243');
    await until('the jobs run', () => processesOf(house.dataDir).length > 0 && shells().length > 0);
    await stage().getByRole('button', { name: 'Close' }).click();
    await stage().getByText('No terminal is open').waitFor(LIMIT);
    await until(
      'nothing of the terminal is left',
      () => shells().length,
      (count) => count === 0,
    );

    await stage().getByRole('button', { name: 'Open a terminal' }).click();
    await connected();
    await type('exit');
    await stage().getByText('The shell has ended.').waitFor(LIMIT);
    await stage().getByRole('button', { name: 'Close' }).click();
    await stage().getByRole('button', { name: 'Open a terminal' }).click();
    await connected();
    await type('sleep 4244 &');
    await house.http('POST', `/api/v1/workspaces/${id}/pause`);
    await until(
      'the box has taken its terminal along',
      () => shells().length,
      (count) => count === 0,
    );
    await seen.page.reload();
    await stage().getByText('The box is paused').waitFor(LIMIT);
    const reasons = await until(
      'the ends are on record',
      async () =>
        (
          await house.http<{ items: { action: string; data: { reason?: string } }[] }>('GET', '/api/v1/audit?limit=200')
        ).body.items
          .filter(({ action }) => action === 'terminal.close')
          .map(({ data }) => data.reason)
          .sort(),
      (found) => found.length >= 2,
    );
    expect(reasons.slice(0, 2)).toEqual(['closed', 'exited']);
    // The paused box refuses, and the browser notes it; nothing else may be noted.
    expect(seen.complaints.take().filter((each) => !/409/.test(each))).toEqual([]);
  },
);
