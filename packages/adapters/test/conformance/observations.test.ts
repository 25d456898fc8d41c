import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { adapterFor, knownRuntimes, readObservation } from '../../src/index.ts';
import { unobservedClaims } from './observations.ts';

test(verifies('I3-matrix-honest', 'a capability that is declared and was not seen is named'), () => {
  const { capabilities } = adapterFor('claude-code');
  expect(unobservedClaims(capabilities, () => true)).toEqual([]);
  expect(unobservedClaims(capabilities, (fact) => fact !== 'cancel')).toEqual(['cancel']);
  expect(unobservedClaims({ ...capabilities, cancel: false }, (fact) => fact !== 'cancel')).toEqual([]);
  expect(unobservedClaims({ ...capabilities, requiredServers: true }, (fact) => fact !== 'requiredServers')).toEqual([
    'requiredServers',
  ]);
});

test(verifies('I3-matrix-honest', 'no record on the disk stands for less than its adapter declares'), async () => {
  for (const runtime of knownRuntimes()) {
    const record = await readObservation(runtime);
    if (record === null) continue;
    const { capabilities } = adapterFor(runtime);
    expect([runtime, unobservedClaims(capabilities, (fact) => record.observed.includes(fact))]).toEqual([runtime, []]);
    expect([runtime, record.tested, record.version]).toEqual([
      runtime,
      capabilities.tested,
      capabilities.tested === 'run' ? capabilities.testedVersion : null,
    ]);
  }
});
