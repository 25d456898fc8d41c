import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
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
  id = (await house.http<{ id: string }>('POST', '/api/v1/workspaces', { name: 'research' })).body.id;
  seen = await visit(browser, house);
  await seen.page.goto(`${house.ready.url}/w/${id}/model`);
});
afterAll(async () => {
  await browser?.close();
  await house?.dispose();
});

const stage = () => seen.page.getByRole('main');
const form = (name: string) => stage().getByRole('form', { name });
const modelField = () => form('Change model').getByRole('combobox');

test(
  verifies('I6-panel-model', 'provider, model, access and key state are shown, and a trial call says that it works'),
  async () => {
    await stage().getByText('No key needed').waitFor();
    await stage().getByText('Configured', { exact: true }).waitFor();
    await stage().getByText('It used nothing in this time.').waitFor();
    await stage()
      .getByText(/^Nothing limits it/)
      .waitFor();
    await stage().getByRole('button', { name: 'Try it' }).click();
    await stage().getByRole('status').getByText('It works.').waitFor();
    expect(seen.complaints.list).toEqual([]);
  },
);

test(
  verifies('I6-panel-model', 'a wrong id is refused with the nearest ones, and one without a key says what is missing'),
  async () => {
    await stage().getByRole('button', { name: 'Change' }).click();
    await modelField().fill('demo/scriptd');
    await form('Change model').getByRole('button', { name: 'Use this model' }).click();
    await form('Change model').getByRole('alert').getByText('model_invalid').waitFor();
    await form('Change model').getByRole('button', { name: 'demo/scripted' }).click();
    expect(await modelField().inputValue()).toBe('demo/scripted');
    // The refusal is shown to the browser as a failed request; nothing else may fail.
    expect(seen.complaints.take().filter((each) => !/400/.test(each))).toEqual([]);

    const { body } = await house.http<{ items: { id: string; available: boolean; provider: string }[] }>(
      'GET',
      '/api/v1/models',
    );
    const keyless = body.items.find(({ available, provider }) => !available && provider !== 'platform');
    await modelField().fill(keyless?.id ?? '');
    await form('Change model')
      .getByText(/^There is no key for/)
      .waitFor();
    await form('Change model').getByRole('button', { name: 'Use this model' }).click();
    await form('Change model')
      .getByText(/^Kept, but it cannot run yet/)
      .waitFor();
    await stage().getByText('Not configured', { exact: true }).waitFor();
    await stage()
      .getByText(keyless?.id ?? '', { exact: true })
      .first()
      .waitFor();

    await modelField().fill('demo/scripted');
    await form('Change model').getByRole('button', { name: 'Use this model' }).click();
    await form('Change model').waitFor({ state: 'detached' });
    await stage().getByText('Configured', { exact: true }).waitFor();
  },
);

test(
  verifies(
    'I6-panel-model',
    'a limit is set, shows what is left after a turn, and is removed; what is above it shows too',
  ),
  async () => {
    const { page } = seen;
    await house.http('PUT', '/api/v1/budgets', {
      scope: { kind: 'org' },
      unit: 'tokens',
      limit: 1_000_000,
      period: 'day',
    });
    await stage().getByText('Whole org').waitFor();
    await stage().getByRole('button', { name: 'Set a limit' }).click();
    await form('Set a limit').getByLabel('At most').fill('some');
    await form('Set a limit').getByText('A number of zero or more').waitFor();
    await form('Set a limit').getByLabel('At most').fill('1');
    await form('Set a limit').getByRole('combobox', { name: 'Of', exact: true }).selectOption('turns');
    await form('Set a limit').getByRole('button', { name: 'Set limit' }).click();
    const own = stage().getByRole('listitem').filter({ hasText: 'This workspace alone' });
    await own.getByText('1 turn left').waitFor();
    await house.http('POST', `/api/v1/workspaces/${id}/messages`, { text: 'Hello there' });
    await own.getByText('Nothing left').waitFor();
    await stage()
      .getByRole('listitem')
      .filter({ hasText: 'Whole org' })
      .getByText(/^[\d.,]+\S* tokens used/)
      .waitFor();
    // The course over time, as screen readers have it.
    await expect
      .poll(() => stage().getByRole('table', { name: 'Tokens per hour' }).getByRole('row').count(), { timeout: 30_000 })
      .toBe(1);
    const hours = await house.http<{ items: { start: string; inputTokens: number }[]; total: { inputTokens: number } }>(
      'GET',
      `/api/v1/usage?by=hour&workspace=${id}`,
    );
    expect(hours.body.items[0]?.start).toMatch(/T\d\d:00:00\.000Z$/);
    expect(hours.body.items.reduce((sum, each) => sum + each.inputTokens, 0)).toBe(hours.body.total.inputTokens);
    expect(
      (await house.http<typeof hours.body>('GET', `/api/v1/usage?by=day&workspace=${id}`)).body.items[0]?.start,
    ).toMatch(/T00:00:00\.000Z$/);
    await own.getByRole('button', { name: /^Remove the limit/ }).click();
    await own.getByRole('button', { name: 'Remove', exact: true }).click();
    await own.waitFor({ state: 'detached' });
    expect((await house.http<{ items: unknown[] }>('GET', '/api/v1/budgets')).body.items).toHaveLength(1);
    expect(page.url()).toContain('/model');
  },
);
