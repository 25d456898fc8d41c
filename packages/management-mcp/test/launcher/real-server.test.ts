import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { MANAGEMENT_REQUIRED_TOOL } from '@molecule/contracts';
import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launcherScriptPath } from '../../src/launcher/launcher-path.ts';
import { startPipe } from './pipe.ts';

let house: TestInstallation;
beforeAll(async () => {
  house = await startTestInstallation();
});
afterAll(() => house?.dispose());

const MODES = ['legacy', 'auto'] as const;
const OTHER_ERA = { legacy: 'legacy', auto: 'modern' } as const;
type Transport = Parameters<Client['connect']>[0];

async function withClient(
  mode: (typeof MODES)[number],
  transport: Transport,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ name: 'molecule test', version: '1' }, { versionNegotiation: { mode } });
  try {
    await client.connect(transport);
    await work(client);
  } finally {
    await client.close();
  }
}

const overHttp = (): Transport =>
  new StreamableHTTPClientTransport(new URL(`${house.ready.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${house.ready.token}` } },
  });
const environment = (token: string): Record<string, string> => ({
  MOLECULE_API_URL: house.ready.url,
  MOLECULE_ORG_API_KEY: token,
  MOLECULE_MCP_MODE: 'management',
});
const overLauncher = (): Transport =>
  new StdioClientTransport({
    command: process.execPath,
    args: [launcherScriptPath()],
    env: environment(house.ready.token),
  });

const LISTED = [
  'list_workspaces',
  'get_workspace',
  'provision_workspace',
  'create_workspace',
  'restart_workspace',
  'pause_workspace',
  'resume_workspace',
  'deprovision_workspace',
  'why_workspace',
  'list_templates',
  'list_events',
  'send_message',
  'get_task',
];

test.each(MODES.flatMap((mode) => [[mode, 'http', overHttp] as const, [mode, 'launcher', overLauncher] as const]))(
  verifies(
    ['I2-mcp-eras', 'I2-mcp-tools', 'I2-mcp-alias', 'I2-mcp-pipe'],
    'a client of the %s era over %s lists the tools, provisions with structured output and reads a refusal',
  ),
  async (mode, way, transport) => {
    await withClient(mode, transport(), async (client) => {
      expect(client.getProtocolEra()).toBe(OTHER_ERA[mode]);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(LISTED));
      for (const tool of tools) {
        expect(tool.annotations?.readOnlyHint, tool.name).toBeTypeOf('boolean');
        expect(tool.outputSchema, tool.name).toBeDefined();
      }
      expect(tools.find(({ name }) => name === 'deprovision_workspace')?.annotations?.destructiveHint).toBe(true);

      const name = `${mode}-${way}`;
      const made = await client.callTool({
        name: mode === 'auto' ? 'create_workspace' : MANAGEMENT_REQUIRED_TOOL,
        arguments: { name },
      });
      expect(made.isError ?? false).toBe(false);
      expect(made.structuredContent).toMatchObject({ workspace: { name, status: 'online' } });
      const again = await client.callTool({ name: MANAGEMENT_REQUIRED_TOOL, arguments: { name } });
      expect(again.isError).toBe(true);
      expect(JSON.stringify(again.content)).toContain('workspace_name_taken');
      const refused = await client.callTool({
        name: 'deprovision_workspace',
        arguments: { workspace: name, confirm_name: 'another' },
      });
      expect(refused.isError).toBe(true);
      expect((await house.http('GET', `/api/v1/workspaces/${name}`)).body).toMatchObject({ status: 'online' });
    });
  },
);

test(
  verifies('I2-mcp-pipe', 'a token that is revoked while the launcher runs is refused at the next request'),
  async () => {
    const made = await house.http<{ id: string; value: string }>('POST', '/api/v1/tokens', {
      name: 'pipe',
      scopes: ['mcp:management', 'workspaces:read'],
    });
    const pipe = startPipe(environment(made.body.value));
    const list = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/list', params: {} });
    pipe.send(list(1));
    expect((await pipe.until(({ id }) => id === 1)).result?.['tools']).toBeDefined();
    expect((await house.http('DELETE', `/api/v1/tokens/${made.body.id}`)).status).toBeLessThan(300);
    pipe.send(list(2));
    expect((await pipe.until(({ id }) => id === 2)).error?.message).toContain('The token was revoked.');
  },
);
