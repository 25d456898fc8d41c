import { verifies } from '@molecule/testkit/verifies';
import { adapterFor } from '../../src/index.ts';
import { DOCUMENTED_HERMES } from './documented-programs.ts';
import { formatCases } from './format-cases.ts';
import { observedCases } from './observations.ts';
import { renderingCases } from './rendering-cases.ts';

renderingCases(adapterFor('hermes'));
formatCases(adapterFor('hermes'), {
  wholeWay: verifies(
    'I3-format-hermes',
    'rendered, read back, its server probed, and launched by the documented format',
  ),
  name: 'hermes',
  override: 'MOLECULE_HERMES_PATH',
  source: DOCUMENTED_HERMES,
  args: ['acp'],
  launches: '.hermes/launches.jsonl',
  references: ['MOLECULE_HERMES_MODEL_URL', 'MOLECULE_HERMES_MODEL', 'MOLECULE_API_KEY'],
});
observedCases(adapterFor('hermes'), async () => null);
