import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { IsolationMeter, measureIsolation, readHostFacts } from '@molecule/backends';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boxFixture } from './box-fixture.ts';

const HELD = { filesystem: 'enforced', processes: 'enforced', network: 'enforced', user: 'enforced' };

describe('the isolation report', () => {
  const box = boxFixture();
  const controlPlane = createServer((_request, response) => response.end('ok'));
  let controlPlanePort = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => controlPlane.listen(0, '127.0.0.1', resolve));
    controlPlanePort = (controlPlane.address() as AddressInfo).port;
  });
  afterAll(() => {
    controlPlane.close();
    box.remove();
  });

  test(verifies('I2-sup-isolation', 'says that everything is enforced where it is'), async () => {
    expect(await measureIsolation(box.policy({ controlPlanePort }))).toEqual({ mechanism: 'bubblewrap', ...HELD });
    expect(await measureIsolation(box.policy())).toEqual({ mechanism: 'bubblewrap', ...HELD });
  });

  test('notices a control plane that does not answer', async () => {
    const report = await measureIsolation(box.policy({ controlPlanePort: 1 }));
    expect(report).toMatchObject({ ...HELD, network: 'not_enforced', reason: 'the control plane does not answer' });
  });

  test('notices a policy that opens what another part of it hides', async () => {
    const policy = box.policy();
    const report = await measureIsolation({
      ...policy,
      readable: [...policy.readable, policy.stateDirectory, '/var'],
      hidden: [...policy.hidden],
    });
    expect(report).toMatchObject({ filesystem: 'not_enforced', processes: 'enforced' });
    expect(report.reason).toContain('a file of the box host can be read');
  });

  test(verifies('I2-sup-isolation', 'without bubblewrap: nothing is enforced, why, and what to do'), async () => {
    const facts = await readHostFacts('/nonexistent');
    const report = await measureIsolation(box.policy(), facts);
    expect(report).toMatchObject({
      mechanism: 'none',
      filesystem: 'not_enforced',
      processes: 'not_enforced',
      network: 'not_enforced',
      user: 'not_enforced',
    });
    expect(report.reason).toContain('bubblewrap is not installed');
    expect(report.hint).toContain('apt-get install bubblewrap');
  });

  test('a bubblewrap that the kernel refuses counts as none', async () => {
    const folder = join(box.data, 'bin');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'bwrap'),
      '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2; exit 1\n',
    );
    chmodSync(join(folder, 'bwrap'), 0o755);
    const report = await measureIsolation(box.policy(), await readHostFacts(folder));
    expect(report).toMatchObject({ mechanism: 'none', filesystem: 'not_enforced' });
    expect(report.reason).toContain('No permissions to create new namespace');
    expect(report.hint).toContain('user namespaces');
  });

  test('without nsenter only the network is open', async () => {
    const facts = await readHostFacts();
    const report = await measureIsolation(box.policy({ controlPlanePort }), { ...facts, nsenter: null });
    expect(report).toMatchObject({ ...HELD, mechanism: 'bubblewrap', network: 'not_enforced' });
    expect(report.hint).toContain('util-linux');
  });

  test('is measured once for a kind of policy', async () => {
    const meter = new IsolationMeter(await readHostFacts());
    expect(meter.measure(box.policy())).toBe(meter.measure(box.policy()));
    expect(meter.measure(box.policy({ controlPlanePort }))).not.toBe(meter.measure(box.policy()));
    await Promise.all([meter.measure(box.policy()), meter.measure(box.policy({ controlPlanePort }))]);
  });
});
