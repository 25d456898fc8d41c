import {
  A2A_SERVER_NAME,
  ENV,
  MANAGEMENT_LAUNCHER,
  MANAGEMENT_PLUGIN_DERIVED_NAME,
  MANAGEMENT_PLUGIN_NAME,
  MANAGEMENT_SERVER_NAME,
  MCP_MODES,
  PLATFORM_MCP_MISSING,
  toolId,
} from '@molecule/contracts';
import { toolsOfMode } from '@molecule/management-mcp';
import { newPlugin, readBuiltinPlugins } from '@molecule/plugins';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { generatedText } from '../../contracts/delivery-contract.ts';
import { generatedFiles } from '../../contracts/generate.ts';
import { disagreements } from '../../tools/gates/contract-literals.ts';
import { readTexts } from '../../tools/gates/read-texts.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const NAMES = {
  platform: [MANAGEMENT_SERVER_NAME, MANAGEMENT_PLUGIN_NAME, MANAGEMENT_LAUNCHER, MANAGEMENT_PLUGIN_DERIVED_NAME],
  toolIds: [...new Set(MCP_MODES.flatMap((mode) => [...toolsOfMode(mode).keys()]))].flatMap((tool) => [
    toolId(MANAGEMENT_SERVER_NAME, tool),
    toolId(A2A_SERVER_NAME, tool),
  ]),
  reasons: [PLATFORM_MCP_MISSING],
  variables: Object.values(ENV),
};

describe('delivery contract', () => {
  test(
    verifies(
      ['I4-contract', 'B97', 'B99'],
      'is what the code says; `node --conditions=source contracts/generate.ts` writes it anew',
    ),
    async () => {
      for (const [name, text] of Object.entries(await generatedFiles()))
        expect([name, generatedText(name)]).toEqual([name, text]);
    },
  );

  test(verifies(['I4-contract', 'B98', 'T45'], 'no literal anywhere disagrees with it'), () => {
    const ours = [...readTexts(ROOT)].filter(([path]) =>
      /^(?:packages\/[^/]+\/src|plugins|templates|contracts|deploy)\//.test(path),
    );
    expect(disagreements(new Map(ours), NAMES)).toEqual([]);
  });

  test(verifies(['I4-contract', 'T45'], 'a name that was changed in one place only is found'), () => {
    const found = (text: string): string[] => disagreements(new Map([['x.ts', text]]), NAMES);
    expect(found(`const name = 'molecule-platform-mpc';`)).toEqual(['x.ts:1: molecule-platform-mpc']);
    expect(found(`\nconst id = 'mcp__molecule-platform__make_workspace';`)).toEqual([
      'x.ts:2: mcp__molecule-platform__make_workspace',
    ]);
    expect(found(`'platform_agent_mcp_missing'`)).toEqual(['x.ts:1: platform_agent_mcp_missing']);
    expect(found(`env: { MOLECULE_ORG_APIKEY: '' }`)).toEqual(['x.ts:1: MOLECULE_ORG_APIKEY']);
    expect(found(`'molecule-platform', "molecule-platform-mcp", mcp__molecule-platform__provision_workspace`)).toEqual(
      [],
    );
  });

  test(verifies('I4-contract-schema', 'third parties can check a plugin with the JSON Schemas'), async () => {
    const reader = (name: string) => {
      const type = z.fromJSONSchema(JSON.parse(generatedText(name) ?? ''));
      return (value: unknown): string => type.safeParse(value).error?.message ?? 'valid';
    };
    const [plugin, servers, delivery] = [
      reader('plugin.schema.json'),
      reader('mcp.schema.json'),
      reader('mcp-plugin-delivery.schema.json'),
    ];
    const packages = [
      newPlugin('example'),
      ...[...(await readBuiltinPlugins(`${ROOT}plugins`)).values()].map(({ files }) => files),
    ];
    for (const files of packages) {
      const json = (path: string): unknown =>
        JSON.parse(files.find((file) => file.path === path)?.content.toString('utf8') ?? 'null');
      expect(plugin(json('plugin.json'))).toBe('valid');
      if (json('mcp.json') !== null) expect(servers(json('mcp.json'))).toBe('valid');
    }
    expect(plugin({ name: 'x', molecule: { privileged: false } })).not.toBe('valid');
    expect(servers({ mcpServers: { x: { command: ['sh'] } } })).not.toBe('valid');
    expect(delivery(JSON.parse(generatedText('mcp-plugin-delivery.contract.json') ?? ''))).toBe('valid');
  });
});
