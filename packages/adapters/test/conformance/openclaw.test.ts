import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { adapterFor } from '../../src/index.ts';
import { DOCUMENTED_OPENCLAW, writeProgram } from './documented-programs.ts';
import { formatCases } from './format-cases.ts';
import { observedCases } from './observations.ts';
import { renderingCases } from './rendering-cases.ts';
import { TestBox } from './test-box.ts';

const openClaw = adapterFor('openclaw');

renderingCases(openClaw);
formatCases(openClaw, {
  wholeWay: verifies(
    'I3-format-openclaw',
    'rendered, read back, its server probed, and launched by the documented format',
  ),
  name: 'openclaw',
  override: 'MOLECULE_OPENCLAW_PATH',
  source: DOCUMENTED_OPENCLAW,
  args: ['agent', '--local', '--json', '--session-id'],
  launches: '.openclaw/launches.jsonl',
  references: ['MOLECULE_OPENCLAW_MODEL_URL', 'MOLECULE_OPENCLAW_MODEL', 'MOLECULE_API_KEY'],
});
test(verifies('B69', 'openclaw lists what it loaded, without connecting'), async () => {
  const box = await new TestBox(openClaw, {}).open();
  const path = writeProgram(box.layout.root, 'openclaw', DOCUMENTED_OPENCLAW);
  box.render({ servers: [box.probeServer()] });
  const detection = await openClaw.detect({ MOLECULE_OPENCLAW_PATH: path });
  const inspection = await openClaw.inspect(box.context({ detection, env: box.environment() }));
  expect(inspection?.servers['molecule-platform']).toEqual({ connected: null, tools: null, problem: null });
  await box.close();
});
observedCases(openClaw, async () => null);
