import { writeFileSync } from 'node:fs';
import { ServerDescriptor } from '@molecule/contracts';
import { AgentPluginFile } from '@molecule/plugins';
import { z } from 'zod';
import { DeliveryContract, deliveryContract } from './delivery-contract.ts';

/** Generated files by name. `node --conditions=source contracts/generate.ts` writes them; a test compares. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const schema = (type: z.ZodType): unknown => z.toJSONSchema(type, { io: 'input', target: 'draft-2020-12' });
  const Servers = z
    .object({ mcpServers: z.record(z.string().min(1).max(128), ServerDescriptor) })
    .meta({ id: 'MoleculePluginServers', title: 'mcp.json of a Molecule plugin' });
  return {
    'mcp-plugin-delivery.contract.json': text(await deliveryContract()),
    'mcp-plugin-delivery.schema.json': text(schema(DeliveryContract)),
    'plugin.schema.json': text(schema(AgentPluginFile)),
    'mcp.schema.json': text(schema(Servers)),
  };
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, text] of Object.entries(await generatedFiles()))
    writeFileSync(new URL(name, import.meta.url), text);
}
