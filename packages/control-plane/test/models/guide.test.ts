import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startScriptedServer } from '@molecule/models/server';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { requestOf, send, startGateway, usageTotal } from '../gateway/gateway-house.ts';
import { call } from '../plane.ts';

const GUIDE = readFileSync(fileURLToPath(new URL('../../../../docs/models.md', import.meta.url)), 'utf8');
const KEY = 'sk-acme-0123456789';

/** The example of the guide, as it stands there. */
function example(): {
  priceVersion: string;
  providers: { id: string; models?: { price: Record<string, number> }[] }[];
} {
  const [, json] = /```json\n([\s\S]+?)```/.exec(GUIDE) ?? [];
  return JSON.parse(json ?? '');
}

test.each(['as the file of the installation', 'over the API, for the org'])(
  verifies(
    ['I5-docs-models', 'I5-registry'],
    "the guide's example, %s: its provider serves through both protocols at its price, its price is taken, what it removes is gone",
  ),
  async (way) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'molecule-guide-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const overlay = example();
    const isFile = way.startsWith('as');
    if (isFile) writeFileSync(join(dataDir, 'registry.json'), JSON.stringify(overlay));
    const upstream = await startScriptedServer({
      script: [{ text: 'done', usage: { inputTokens: 1_000_000, outputTokens: 1_000_000, cacheReadTokens: 500_000 } }],
    });
    onTestFinished(() => upstream.close());
    const house = await startGateway(
      {},
      {
        dataDir,
        env: {
          MOLECULE_ALLOW_LOOPBACK_SOURCES: '1',
          ...(isFile ? { ACME_API_KEY: KEY, ACME_BASE_URL: upstream.url } : {}),
        },
      },
    );
    const api = (method: string, path: string, body?: unknown) =>
      call(house.url, house.ownerToken, method, `/api/v1${path}`, body);
    if (!isFile) {
      const put = await api('PUT', '/models/registry', overlay);
      expect(put.status, JSON.stringify(put.body)).toBe(200);
      // Under the names that the example gives: address and key, as secrets. The address that stands in it does not exist.
      for (const [name, value] of [
        ['ACME_BASE_URL', upstream.url],
        ['ACME_API_KEY', KEY],
      ]) {
        const set = await api('POST', '/secrets', { name, value, force: true });
        expect(set.status, JSON.stringify(set.body)).toBe(200);
      }
    }
    const box = await house.box('acme', 'acme/acme-1');
    for (const [protocol, times] of [
      ['openai-chat', 1],
      ['anthropic', 2],
    ] as const) {
      const answer = await send(house.url, box.token, requestOf(protocol, 'hi', false, 'acme-1'));
      expect(answer.status, await answer.text()).toBe(200);
      const price = overlay.providers[0]?.models?.[0]?.price;
      const each = ((price?.['input'] ?? 0) + (price?.['cacheRead'] ?? 0)) / 2 + (price?.['output'] ?? 0);
      expect((await usageTotal(house, box.workspaceId))['costUsd']).toBeCloseTo(each * times, 6);
    }
    const { registry } = (await api('GET', '/models/registry')).body;
    expect(registry.priceVersion).toBe(overlay.priceVersion);
    const anthropic = registry.providers.find(({ id }: { id: string }) => id === 'anthropic');
    expect(anthropic.models).toContainEqual(expect.objectContaining(overlay.providers[1]?.models?.[0]));
    const gone = (await api('POST', '/models/check', { model: 'minimax/MiniMax-M2' })).body;
    expect(gone).toMatchObject({ ok: false, reason: expect.stringMatching(/unknown/) });
  },
);
