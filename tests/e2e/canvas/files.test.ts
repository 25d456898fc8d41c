import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnline, startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type Visit, visit } from './browser.ts';

let house: TestInstallation;
let browser: Browser;
let seen: Visit;
let id: string;
let work: string;
beforeAll(async () => {
  [house, browser] = await Promise.all([startTestInstallation(), openBrowser()]);
  id = await createOnline(house, 'research');
  work = join(house.dataDir, 'boxes', id, 'work');
  seen = await visit(browser, house);
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

/** A refusal that a test provokes is a failed request to the browser; nothing else may be one. */
const refusalsAside = () => expect(seen.complaints.take().filter((each) => !/409/.test(each))).toEqual([]);
const stage = () => seen.page.getByRole('main');
const listed = () => stage().getByRole('list', { name: 'Files' });
const editor = () => stage().getByRole('textbox', { name: /^Text of/ });
const open = (search = '') => seen.page.goto(`${house.ready.url}/w/${id}/files${search}`);

test(
  verifies(['I6-panel-files', 'I6-bad-content'], 'the folder is browsed; hostile names, links and bytes stay inert'),
  async () => {
    await open();
    await stage().getByText('Nothing here yet').waitFor();
    mkdirSync(join(work, 'reports'));
    writeFileSync(join(work, 'reports', 'may.md'), '# May\n');
    writeFileSync(join(work, '<img src=x onerror=alert(1)>.txt'), 'inert');
    writeFileSync(join(work, 'evil\u202Egnp.exe'), 'turned');
    writeFileSync(join(work, '\u001b[2Jescape'), 'escape');
    writeFileSync(join(work, 'bytes.bin'), Buffer.from([0, 255, 1, 254]));
    symlinkSync('/etc/passwd', join(work, 'passwd'));
    await stage().getByRole('button', { name: 'Look again' }).click();
    await listed().getByRole('button', { name: '<img src=x onerror=alert(1)>.txt', exact: true }).waitFor();
    await listed().getByRole('button', { name: 'evilgnp.exe', exact: true }).waitFor();
    await listed().getByRole('button', { name: 'escape', exact: true }).waitFor();
    await listed().getByText('/etc/passwd').waitFor();
    expect(await listed().getByRole('img', { name: 'x' }).count()).toBe(0);
    expect(await listed().getByRole('button', { name: 'passwd', exact: true }).count()).toBe(0);
    await listed().getByRole('button', { name: 'bytes.bin', exact: true }).click();
    await stage().getByText('This is no text').waitFor();
    const waiting = seen.page.waitForEvent('download');
    await stage().getByRole('link', { name: 'Download' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('bytes.bin');
    expect([...readFileSync(await download.path())]).toEqual([0, 255, 1, 254]);
    await seen.page.goBack();
    await listed().getByRole('button', { name: 'reports', exact: true }).click();
    await listed().getByRole('button', { name: 'may.md', exact: true }).click();
    expect(await editor().inputValue()).toBe('# May\n');
    // A view has an address of its own.
    expect(new URL(seen.page.url()).search).toBe('?path=reports&file=may.md');
    expect(seen.complaints.list).toEqual([]);
  },
);

test(
  verifies(['I6-panel-files', 'I6-bad-conflict'], 'of two who edit one file the second is told and loses nothing'),
  async () => {
    const first = await visit(browser, house);
    await first.page.goto(`${house.ready.url}/w/${id}/files?path=reports&file=may.md`);
    const theirs = first.page.getByRole('main').getByRole('textbox', { name: /^Text of/ });
    await theirs.waitFor();
    await open('?path=reports&file=may.md');
    await editor().fill('# May, mine\n');
    await theirs.fill('# May, theirs\n');
    await first.page.keyboard.press('Control+s');
    await first.page.getByRole('main').getByText('Saved', { exact: true }).waitFor();
    // Told as soon as the other one has saved, before anything is sent.
    await stage().getByText('Somebody else changed this file while you were editing.').waitFor();
    expect(await editor().inputValue()).toBe('# May, mine\n');
    expect(await stage().getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    // The page reads the file once more when it hears of its own save; from then on it hears of nothing.
    const readAgain = seen.page.waitForResponse(
      (response) => response.request().method() === 'GET' && response.url().includes('/files/content?'),
    );
    await stage().getByRole('button', { name: 'Keep mine' }).click();
    await stage().getByText('Saved', { exact: true }).waitFor();
    expect(readFileSync(join(work, 'reports', 'may.md'), 'utf8')).toBe('# May, mine\n');
    // Who did not type just sees what is there now.
    await expect.poll(() => theirs.inputValue()).toBe('# May, mine\n');
    await readAgain;
    // The agent says nothing when it writes: the save is refused instead.
    await editor().fill('# May, once more\n');
    writeFileSync(join(work, 'reports', 'may.md'), '# May, by the agent\n');
    await stage().getByRole('button', { name: 'Save' }).click();
    await stage().getByText('Somebody else changed this file while you were editing.').waitFor();
    await stage().getByRole('button', { name: 'Take theirs' }).click();
    expect(await editor().inputValue()).toBe('# May, by the agent\n');
    await first.context.close();
    refusalsAside();
  },
);

test(
  verifies(
    'I6-panel-files',
    'files are uploaded, made, renamed and deleted; one that is there is not overwritten unasked',
  ),
  async () => {
    await open();
    const field = stage().locator('input[type=file]');
    await field.setInputFiles({ name: 'data.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') });
    await listed().getByRole('button', { name: 'data.csv', exact: true }).waitFor();
    await field.setInputFiles({ name: 'data.csv', mimeType: 'text/csv', buffer: Buffer.from('c,d\n') });
    const uploads = stage().getByRole('list', { name: 'Uploads' });
    await uploads.getByText('There is something named data.csv already.').waitFor();
    expect(readFileSync(join(work, 'data.csv'), 'utf8')).toBe('a,b\n');
    await uploads.getByRole('button', { name: 'Replace it' }).click();
    await uploads.waitFor({ state: 'detached' });
    expect(readFileSync(join(work, 'data.csv'), 'utf8')).toBe('c,d\n');
    await field.setInputFiles({
      name: 'huge.bin',
      mimeType: 'application/octet-stream',
      buffer: Buffer.alloc(10 * 1024 * 1024 + 1),
    });
    await uploads.getByText(/At most 10 MiB/).waitFor();
    await uploads.getByRole('button', { name: 'Dismiss' }).click();

    await stage().getByRole('button', { name: 'New file' }).click();
    await stage().getByRole('textbox', { name: 'Name of the file' }).fill('plan.md');
    await seen.page.keyboard.press('Enter');
    await editor().fill('one step\n');
    await stage().getByRole('button', { name: 'Save' }).click();
    await stage().getByText('Saved', { exact: true }).waitFor();
    await stage().getByRole('button', { name: 'Work folder' }).click();
    await listed().getByRole('button', { name: 'Rename plan.md' }).click();
    await stage().getByRole('textbox', { name: 'New name' }).fill('plan2.md');
    await seen.page.keyboard.press('Enter');
    await listed().getByRole('button', { name: 'plan2.md', exact: true }).waitFor();
    expect(readFileSync(join(work, 'plan2.md'), 'utf8')).toBe('one step\n');
    await listed().getByRole('button', { name: 'Delete plan2.md' }).click();
    await listed().getByRole('button', { name: 'Delete', exact: true }).click();
    await listed().getByRole('button', { name: 'plan2.md', exact: true }).waitFor({ state: 'detached' });
    const { body } = await house.http<string>('GET', `/api/v1/workspaces/${id}/files/download?path=data.csv`);
    expect(body).toBe('c,d\n');
    refusalsAside();
  },
);

test(
  verifies('I6-panel-files', 'a box that is paused says so and can be resumed from here; then its files are there'),
  async () => {
    await house.http('POST', `/api/v1/workspaces/${id}/pause`);
    await open();
    await stage().getByText('The box is paused').waitFor();
    await stage().getByRole('button', { name: 'Resume' }).last().click();
    await listed().getByRole('button', { name: 'data.csv', exact: true }).waitFor();
    refusalsAside();
  },
);
