import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANAGEMENT_SERVER_NAME, SelfReport } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import { type Bench, mcpServer, openBench, until, workspace } from './harness.ts';
import type { StandInWorkspace } from './stand-in-control-plane.ts';

let bench: Bench;
afterEach(async () => {
  expect(bench.plane.violations).toEqual([]);
  await bench.close();
});

/** The mark that older images carried; it says nothing here. */
const OLD_MARK = 'MOLECULE_PLATFORM_AGENT_IMAGE_BAKED';
const management = () =>
  mcpServer(MANAGEMENT_SERVER_NAME, ['--tools', 'provision_workspace'], {
    witnessed: true,
    requiredTools: ['provision_workspace'],
  });
const config = (box: StandInWorkspace): string => {
  const path = join(bench.box(box).home, '.testrt/config.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

test.each(['', '0', 'false', 'no', '1', 'true'])(
  verifies(
    ['T32', 'B58', 'B5', 'B74', 'T26'],
    'an ordinary workspace with the old mark %j and the name of a concierge is not one: nothing is written, not even by a repair',
  ),
  async (mark) => {
    bench = await openBench();
    const box = bench.plane.add(
      workspace({ name: 'Concierge', servers: [mcpServer('own')] }, { secrets: { [OLD_MARK]: mark } }),
    );
    const register = await until('the registration', () => box.registers[0]);
    expect(register.mcp_server_present).toBeUndefined();
    expect(register.platform_mcp_diag).toMatchObject({ is_concierge: false, settings_entry_present: false });
    const before = config(box);
    expect(before).not.toContain(MANAGEMENT_SERVER_NAME);
    box.prove = { proofNonce: 'a-repair', reason: 'repair' };
    await until('the proofs of the repair', () => box.beats.find(({ proofs }) => proofs !== undefined));
    await until('a later beat', () => box.prove === null && box.beats.length >= 2);
    expect(config(box)).toBe(before);
  },
);

test(
  verifies(
    ['B74', 'B5', 'T32'],
    'the control plane says who the concierge is: known from the first report on, whatever its name and mark',
  ),
  async () => {
    bench = await openBench();
    const box = bench.plane.add(
      workspace({ name: 'Plain', kind: 'platform', servers: [] }, { secrets: { [OLD_MARK]: '0' } }),
    );
    const register = await until('the registration', () => box.registers[0]);
    // Without its server it is a concierge all the same, and says that the server is missing.
    expect(register).toMatchObject({ mcp_server_present: false, platform_mcp_diag: { is_concierge: true } });
  },
);

test(verifies('I18', 'a concierge boots by the very steps of any other box'), async () => {
  bench = await openBench();
  const steps = async (box: StandInWorkspace): Promise<string[]> => {
    bench.plane.add(box);
    await until('all steps', () => box.bootEvents.some(({ step }) => step === 'inspect'));
    return box.bootEvents.map(({ step }) => step).sort();
  };
  const concierge = await steps(workspace({ kind: 'platform', servers: [management()] }, { nonce: 'a-nonce' }));
  expect(concierge).toEqual(await steps(workspace({ servers: [mcpServer('other')] })));
  expect(concierge).toEqual(expect.arrayContaining(['enrol', 'assets', 'render', 'prove', 'register']));
});

test(
  verifies('I29', 'each field that the control plane reads of a self-report is sent by a box that really boots'),
  async () => {
    bench = await openBench();
    const concierge = bench.plane.add(workspace({ kind: 'platform', servers: [management()] }, { nonce: 'a-nonce' }));
    const unable = bench.plane.add(
      workspace({ model: { kind: 'none', reason: 'model_missing', message: 'None.', nextStep: 'Choose one.' } }),
    );
    const fields = Object.keys(SelfReport.shape).sort();
    for (const reports of ['registers', 'beats'] as const) {
      const [whole, poor] = await until(`the ${reports}`, () => {
        const [first, second] = [concierge[reports][0], unable[reports][0]];
        return first !== undefined && second !== undefined && ([first, second] as const);
      });
      const sent = new Set(
        [...Object.entries(whole), ...Object.entries(poor)].flatMap(([key, value]) =>
          value === undefined ? [] : [key],
        ),
      );
      expect(
        fields.filter((field) => !sent.has(field)),
        reports,
      ).toEqual([]);
    }
  },
);
