import { existsSync } from 'node:fs';
import type { TestInstallation } from '@molecule/testkit/installation';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest';

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const watched: Complaints[] = [];
let inTest = false;
beforeEach(() => {
  inTest = true;
});
// Whoever imports this file has the guard: no test of it passes with a console error, a failed request, a refusal or a foreign request on any of its pages.
afterEach(() => {
  inTest = false;
  expect(
    watched.flatMap((each) => each.take()),
    'what pages complained of',
  ).toEqual([]);
});

/** What a page said and asked for that it should not have. */
export interface Complaints {
  readonly list: readonly string[];
  /** Gives what was noted so far and forgets it: for a test that causes it on purpose. */
  take(): string[];
  /** While it is set, losing the server is expected: what follows from that is no complaint. */
  serverAway: boolean;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: Complaints;
}

/** Debian's Chromium, or the one that CHROMIUM_PATH names. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined)
    throw new Error('no Chromium was found: install Debian\'s package "chromium", or set CHROMIUM_PATH');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A browser of its own, signed in by a fresh one-time link. Every console error, failed request, refusal and foreign request is noted. */
export async function visit(
  browser: Browser,
  house: TestInstallation,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = watch(page, house.ready.url);
  // What a page does after its test is nobody's complaint. One that a whole file shares stays.
  if (inTest) onTestFinished(() => context.close());
  await page.goto(await signInLink(house));
  await page.getByRole('complementary', { name: 'Concierge' }).waitFor();
  return { page, context, complaints };
}

/** A new one-time link. */
export async function signInLink(house: TestInstallation): Promise<string> {
  const { stdout, stderr, code } = await house.cli('--json', 'token', 'sign-in');
  const url = /"(?:url|signInUrl)":\s*"([^"]+)"/.exec(stdout)?.[1];
  if (url === undefined) throw new Error(`no sign-in link (exit ${code}): ${stdout}${stderr}`);
  return url;
}

export function watch(page: Page, url: string): Complaints {
  const list: string[] = [];
  const complaints = { list, serverAway: false, take: () => list.splice(0) };
  watched.push(complaints);
  const note = (text: string): void => void (complaints.serverAway || list.push(text));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      note(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => list.push(`page error: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A page that is left ends its own requests.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED')
      note(`failed: ${request.method()} ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) note(`${response.status()}: ${response.request().method()} ${response.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:') && !request.url().startsWith('blob:'))
      list.push(`foreign request: ${request.url()}`);
  });
  return complaints;
}
