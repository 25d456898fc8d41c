// `node tools/screenshots.mjs [OUTPUT FOLDER]`: without a folder it renews those of the documentation, with one it takes all. Starts Molecule in a throwaway directory, lets a small org come into being through the
// concierge and the API, and takes pictures of the canvas. Everything on them is real. Needs a build and Chromium (CHROMIUM_PATH, default /usr/bin/chromium).

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Pictures that the documentation shows. */
const DOCUMENTED = new Set([
  'home',
  'org-dark',
  'readiness',
  'model',
  'terminal-dark',
  'plugin-plan',
  'phone-home',
  'phone-readiness',
]);
const all = process.argv[2] !== undefined;
const output = resolve(process.argv[2] ?? join(ROOT, 'docs', 'images'));
const dataDir = mkdtempSync(join(tmpdir(), 'molecule-pictures-'));
chmodSync(dataDir, 0o711);
mkdirSync(output, { recursive: true });

const up = spawn(
  process.execPath,
  [join(ROOT, 'packages/cli/dist/main.js'), '--json', '--data-dir', dataDir, 'up', '--port', '0'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = new Promise((done) => up.once('exit', done));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const ready = await readyLine(up.stdout);
  await takeAll(ready);
} finally {
  await browser.close();
  up.kill('SIGTERM');
  await ended;
  rmSync(dataDir, { recursive: true, force: true });
}

async function readyLine(stream) {
  for await (const line of createInterface({ input: stream })) {
    const value = JSON.parse(line);
    if (value.type === 'ready') return value;
  }
  throw new Error('up ended before it was ready');
}

async function takeAll({ url, token, signInUrl }) {
  const api = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };
  const create = (name, parentId, template) =>
    api('POST', '/api/v1/workspaces', { name, ...(parentId && { parentId }), ...(template && { template }) });

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(signInUrl);
  await shoot(page, 'first-minute');
  const field = page.getByRole('textbox', { name: 'Message to Concierge' });
  for (const [text, answer] of [
    ['Create a workspace called research', 'research'],
    ['Create a workspace called product', 'product'],
    ['Which workspaces are there?', ''],
  ]) {
    await field.fill(text);
    await page.keyboard.press('Enter');
    await page.locator('[aria-busy=true]').waitFor();
    await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
    if (answer !== '')
      await page
        .getByRole('application')
        .getByRole('button', { name: new RegExp(`^${answer}`) })
        .waitFor();
  }
  const product = await api('GET', '/api/v1/workspaces/product');
  const research = await api('GET', '/api/v1/workspaces/research');
  const website = await create('website', product.id, 'coding-agent');
  for (const name of ['billing service', 'search index']) await create(name, product.id, 'coding-agent');
  for (const name of ['release notes', 'browser tests']) await create(name, website.id);
  for (const name of ['interviews', 'market watch', 'papers']) await create(name, research.id);
  const desk = await create('support desk');
  await settled(api);
  await api('POST', `/api/v1/workspaces/${desk.id}/pause`);
  await api('POST', `/api/v1/workspaces/${website.id}/messages`, { text: 'Say hello to your peers.' });

  await shoot(page, 'home');
  for (const [name, path] of [
    ['org', '/org'],
    ['list', '/org?view=list'],
    ['chat', `/w/${website.id}/chat`],
    ['readiness', `/w/${website.id}/readiness`],
    ['timeline', `/w/${website.id}/timeline`],
    ['plugins', `/w/${website.id}/plugins`],
    ['tasks', `/w/${website.id}/tasks`],
    ['model', `/w/${website.id}/model`],
    ['files', `/w/${website.id}/files`],
    ['workspace-settings', `/w/${desk.id}/settings`],
    ['activity', '/activity'],
    ['inbox', '/inbox'],
    ['settings', '/settings/members'],
    ['runtimes', '/settings/runtimes'],
    ['audit', '/settings/audit'],
  ]) {
    await page.goto(url + path);
    await shoot(page, name);
  }
  await page.goto(`${url}/w/${website.id}/plugins`);
  await page.getByRole('main').getByRole('button', { name: 'Install' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio').first().check();
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByText('It would bring this to').waitFor();
  await shoot(page, 'plugin-plan');
  await page.goto(`${url}/w/${website.id}/terminal`);
  await page.getByRole('button', { name: 'Open a terminal' }).click();
  await page.getByText('Connected', { exact: true }).waitFor();
  for (const line of ["PS1='website $ '; clear", 'node --version', 'whoami; ls -a', 'env | grep -c _API_KEY']) {
    await page.locator('.xterm').click();
    await page.keyboard.type(`${line}\n`);
    // A shell that answers at its own pace.
    await page.waitForTimeout(600);
  }
  await shoot(page, 'terminal');
  await page.goto(url);
  await page.getByRole('complementary', { name: 'Concierge' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('web');
  await shoot(page, 'palette', ['light']);

  for (const [size, width, height] of [
    ['tablet', 1024, 768],
    ['phone', 390, 844],
  ]) {
    await page.setViewportSize({ width, height });
    for (const [name, path] of [
      ['home', '/'],
      ['org', '/org'],
      ['readiness', `/w/${website.id}/readiness`],
      ['chat', `/w/${website.id}/chat`],
      ['model', `/w/${website.id}/model`],
      ['plugins', `/w/${website.id}/plugins`],
      ['inbox', '/inbox'],
      ['settings', '/settings/members'],
      ['runtimes', '/settings/runtimes'],
      ['audit', '/settings/audit'],
    ]) {
      await page.goto(url + path);
      await shoot(page, `${size}-${name}`, ['light']);
    }
  }
}

/** Until nobody is on the way any more. */
async function settled(api) {
  for (let tries = 0; tries < 300; tries += 1) {
    const { items } = await api('GET', '/api/v1/workspaces');
    if (items.every((each) => each.status === 'online')) return;
    await new Promise((next) => setTimeout(next, 200));
  }
  throw new Error('the workspaces did not come online');
}

async function shoot(page, name, themes = ['light', 'dark']) {
  for (const colorScheme of themes) {
    const file = `${name}${colorScheme === 'dark' ? '-dark' : ''}`;
    if (!all && !DOCUMENTED.has(file)) continue;
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page
      .locator('.animate-turn')
      .first()
      .waitFor({ state: 'detached', timeout: 15_000 })
      .catch(() => {});
    await page.evaluate(() => document.fonts.ready);
    // What is drawn by an animation frame after the last answer.
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(output, `canvas-${file}.png`) });
  }
}
