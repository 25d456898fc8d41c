import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { A2A_SERVER_NAME, MANAGEMENT_REQUIRED_TOOL, MANAGEMENT_SERVER_NAME, type McpMode } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { toolsOfMode } from '../src/index.ts';

const PLUGINS = join(import.meta.dirname, '../../../plugins');
const MODES: Readonly<Record<string, McpMode>> = { [MANAGEMENT_SERVER_NAME]: 'management', [A2A_SERVER_NAME]: 'self' };

test(
  verifies('I30', 'every tool that a plugin of ours requires of our servers is one that the server of that mode has'),
  () => {
    const required = readdirSync(PLUGINS).flatMap((name) => {
      const { molecule } = JSON.parse(readFileSync(join(PLUGINS, name, 'plugin.json'), 'utf8')) as {
        molecule?: { servers?: Record<string, { requiredTools?: string[] }> };
      };
      return Object.entries(molecule?.servers ?? {}).flatMap(([server, { requiredTools }]) =>
        (requiredTools ?? []).map((tool) => [server, tool] as const),
      );
    });
    expect(required).toContainEqual([MANAGEMENT_SERVER_NAME, MANAGEMENT_REQUIRED_TOOL]);
    for (const [server, tool] of required) {
      const mode = MODES[server];
      expect(mode, server).toBeDefined();
      expect(toolsOfMode(mode ?? 'self').has(tool), `${server} ${tool}`).toBe(true);
    }
  },
);
