import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from './browser.ts';

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
  verifies('I6-bench-paint', 'something is shown, in the right colours, before any script of the app has run'),
  async () => {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      colorScheme: 'dark',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(house.ready.url);
    await page.getByRole('main').getByText('Loading').waitFor();
    const mark = await page.getByRole('main').locator('svg').boundingBox();
    // In the middle of the page: the styles are there.
    expect(mark).toMatchObject({ width: 18, height: 18 });
    expect(mark?.y).toBeGreaterThan(200);
    expect(await page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor)).toBe(
      'rgb(13, 16, 17)',
    );
    await context.close();
  },
);

test.for(['br', 'gzip'])(
  verifies('I6-bench-paint', 'every script and style of the page lies ready compressed: %s'),
  async (encoding) => {
    const page = await (await fetch(house.ready.url, { headers: { accept: 'text/html' } })).text();
    const assets = [...page.matchAll(/(?:src|href)="(\/assets\/index-[\w-]+\.(?:js|css))"/g)].map(([, path]) => path);
    expect(assets.length).toBe(2);
    for (const path of assets) {
      const ask = (accepted: string) => fetch(house.ready.url + path, { headers: { 'accept-encoding': accepted } });
      const plain = await ask('identity');
      const packed = await ask(encoding);
      expect(packed.headers.get('content-encoding')).toBe(encoding);
      expect(packed.headers.get('content-type')).toBe(plain.headers.get('content-type'));
      expect(packed.headers.get('vary')).toContain('accept-encoding');
      expect(Number(packed.headers.get('content-length'))).toBeLessThan(
        Number(plain.headers.get('content-length')) / 2,
      );
      expect(await packed.text()).toBe(await plain.text());
    }
  },
);
