import { fileURLToPath } from 'node:url';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { apiTable } from '../../../../tools/docs/api-table.mjs';
import { ROUTE_SUMMARIES } from '../../src/kernel/route-summaries.ts';
import { startPlane } from '../plane.ts';

const REFERENCE = fileURLToPath(new URL('../../../../docs/reference/api.md', import.meta.url));

test(
  verifies('I2-docs-generated', 'the API reference is what the server serves, and every route says what it does'),
  async () => {
    const plane = await startPlane();
    // The few members this test looks at.
    const document = (await (await fetch(`${plane.url}/api/openapi.json`)).json()) as {
      readonly paths: Record<string, Record<string, { readonly summary?: string }>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { summary }]) => ({
        route: `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        summary,
      })),
    );
    expect(routes.filter(({ summary }) => summary === undefined)).toEqual([]);
    expect(Object.keys(ROUTE_SUMMARIES).sort()).toEqual(routes.map(({ route }) => route).sort());
    await expect(apiTable(document)).toMatchFileSnapshot(REFERENCE);
  },
);
