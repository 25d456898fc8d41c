import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import { type Bench, mcpServer, openBench, until, workspace } from './harness.ts';
import { testAdapter } from './test-adapter.ts';

let bench: Bench;
afterEach(async () => {
  expect(bench.plane.violations).toEqual([]);
  await bench.close();
});

test.each(['none', 'auto'] as const)(
  verifies(['I2-sup-ladder', 'B79', 'B91', 'B92', 'B93'], 'boots in order, proves, registers and beats (sandbox: %s)'),
  async (sandbox) => {
    bench = await openBench({ sandbox });
    const box = bench.plane.add(
      workspace({ servers: [mcpServer('tools', ['--tools', 'alpha,beta,gamma'], { requiredTools: ['gamma'] })] }),
    );
    const beat = await until('a beat', () => box.beats[0]);
    const register = box.registers[0];
    expect(register?.loaded_mcp_tools).toEqual(['mcp__tools__alpha', 'mcp__tools__beta', 'mcp__tools__gamma']);
    expect(register).toMatchObject({
      mcp_tools_ready: true,
      configuration_status: 'ready',
      identity_digest: 'sha256:identity',
      generation: 1,
      runtimeVersion: '1.0.0',
    });
    const rungs = register?.proofs.map(({ rung, ok }) => `${rung}:${ok}`);
    expect(rungs).toEqual(['declared:true', 'delivered:true', 'rendered:true', 'live:true']);
    expect(register?.isolation).toMatchObject({ mechanism: sandbox === 'auto' ? 'bubblewrap' : 'none' });
    const { loaded_mcp_tools, mcp_tools_ready, configuration_status, identity_digest, platform_mcp_diag } = beat;
    expect({ loaded_mcp_tools, mcp_tools_ready, configuration_status, identity_digest, platform_mcp_diag }).toEqual({
      loaded_mcp_tools: register?.loaded_mcp_tools,
      mcp_tools_ready: true,
      configuration_status: 'ready',
      identity_digest: 'sha256:identity',
      platform_mcp_diag: register?.platform_mcp_diag,
    });
    // The real CLI is asked only after the box is up, since it would hold up the boot.
    const events = await until('boot events', () =>
      box.bootEvents.some(({ step }) => step === 'inspect') ? box.bootEvents : null,
    );
    expect(
      events.map(({ step }) => step).filter((step) => step !== 'runtime' && !step.startsWith('isolation')),
    ).toEqual(['enrol', 'folders', 'assets', 'render', 'prove', 'register', 'inspect']);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events.every(({ ok }) => ok)).toBe(true);
    expect(statSync(bench.box(box).home).mode & 0o777).toBe(0o700);
  },
);

test(
  verifies(['B41', 'B93'], 'gives the witnessed nonce to the one launch under proof, and a fresh one at a repair'),
  async () => {
    bench = await openBench();
    const box = bench.plane.add(
      workspace(
        {
          kind: 'platform',
          servers: [
            mcpServer(
              'molecule-platform',
              ['--tools', 'provision_workspace'],
              { witnessed: true, requiredTools: ['provision_workspace'] },
              { MOLECULE_ORG_API_KEY: '${MOLECULE_ORG_API_KEY}' },
            ),
            mcpServer('other'),
          ],
        },
        { nonce: 'nonce-number-one', orgApiKey: 'org-key-value' },
      ),
    );
    await until('a beat', () => box.beats[0]);
    expect(
      bench
        .launches(box)
        .map(({ name, nonce }) => [name, nonce])
        .sort(),
    ).toEqual([
      ['molecule-platform', 'nonce-number-one'],
      ['other', null],
    ]);
    // Where it is to be found is told to the one server; the credential itself enters no process of the box.
    expect(
      bench
        .launches(box)
        .map(({ name, orgKey, socket }) => [name, orgKey, socket !== null])
        .sort(),
    ).toEqual([
      ['molecule-platform', null, true],
      ['other', null, false],
    ]);
    expect(box.registers[0]?.mcp_server_present).toBe(true);
    expect(box.registers[0]?.platform_mcp_diag).toMatchObject({ is_concierge: true, settings_entry_present: true });
    box.prove = { proofNonce: 'nonce-number-two', reason: 'repair' };
    const proofs = await until('proofs of the repair', () =>
      bench.launches(box).some(({ nonce }) => nonce === 'nonce-number-two')
        ? box.beats.findLast((beat) => beat.proofs !== undefined)?.proofs
        : undefined,
    );
    expect(
      bench
        .launches(box)
        .filter(({ nonce }) => nonce === 'nonce-number-two')
        .map(({ name }) => name),
    ).toEqual(['molecule-platform']);
    expect(proofs.find(({ server, rung }) => server === 'molecule-platform' && rung === 'parsed')).toMatchObject({
      ok: true,
      evidence: { applicable: false },
    });
    const task = bench.plane.addTask(box, 'names');
    const result = await until('a result', () => task.result);
    expect(result.text.split(' ')).not.toContain('MOLECULE_PROOF_NONCE');
  },
);

test(
  verifies(['B36', 'B38', 'B42', 'B10', 'T39'], 'makes the environment of the box from nothing but its own'),
  async () => {
    bench = await openBench();
    const box = bench.plane.add(
      workspace({ providerPin: 'platform' }, { secrets: { GITHUB_TOKEN: 'a-secret-value', LANG: 'de_DE' } }),
    );
    const names = bench.plane.addTask(box, 'names');
    const result = await until('a result', () => names.result);
    const expected = [
      'GITHUB_TOKEN',
      'HOME',
      'LANG',
      'LLM_PROVIDER',
      'MODEL',
      'MOLECULE_API_KEY',
      'MOLECULE_API_URL',
      'MOLECULE_MODEL',
      'MOLECULE_ORG_ID',
      'MOLECULE_WORKSPACE_ID',
      'PATH',
      'TERM',
      'TEST_RUNTIME',
      'TMPDIR',
    ];
    expect(result.text.split(' ').filter((name) => name !== 'MOLECULE_BOX_PROCESS')).toEqual(expected);
    const language = bench.plane.addTask(box, 'env LANG');
    expect((await until('a result', () => language.result)).text).toBe('de_DE');
    const secret = bench.plane.addTask(box, 'env GITHUB_TOKEN');
    expect((await until('a result', () => secret.result)).text).toBe('[redacted]');
    expect(JSON.stringify(secret)).not.toContain('a-secret-value');
  },
);

test(
  verifies(['B50', 'T25', 'B57', 'I11'], 'one server that cannot start does not starve the others, and each says why'),
  async () => {
    bench = await openBench();
    const missing = { type: 'stdio' as const, command: 'no-such-program', args: [], env: {} };
    const box = bench.plane.add(
      workspace({
        servers: [
          mcpServer('good'),
          mcpServer('dies', ['--die']),
          mcpServer('absent', [], { descriptor: missing }),
          mcpServer('poor', ['--tools', 'one'], { requiredTools: ['two'] }),
          mcpServer('unfilled', [], { required: false }, { TOKEN: '${NOT_THERE}' }),
          mcpServer('noisy', ['--garbage']),
          mcpServer('closed', [], { descriptor: { type: 'http', url: 'http://127.0.0.1:9/mcp', headers: {} } }),
        ],
      }),
    );
    const register = await until('the registration', () => box.registers[0]);
    const live = Object.fromEntries(
      register.proofs.filter(({ rung }) => rung === 'live').map((proof) => [proof.server, proof]),
    );
    expect(Object.fromEntries(Object.entries(live).map(([name, { reason }]) => [name, reason]))).toEqual({
      good: null,
      dies: 'exited',
      absent: 'command_not_found',
      poor: 'required_tool_missing',
      unfilled: 'unexpanded_reference',
      noisy: null,
      closed: 'egress_denied',
    });
    expect(live['dies']?.evidence).toMatchObject({ exitCode: 7 });
    expect(String(live['dies']?.evidence['stderr'])).toContain('cannot start: [redacted]');
    expect(live['noisy']?.evidence).toMatchObject({ strayLines: 2, firstStrayLine: 'starting up...' });
    expect(live['poor']?.evidence).toMatchObject({ missing: ['mcp__poor__two'] });
    expect(register.mcp_tools_ready).toBe(false);
    // What a server said on its way down is in an event that can be asked for, not in the box alone.
    const event = await until('the event', () =>
      box.bootEvents.find(({ step, detail }) => step === 'prove' && detail['server'] === 'dies'),
    );
    expect(event).toMatchObject({ ok: false, code: 'exited', detail: { exitCode: 7 } });
    expect(String(event.detail['stderr'])).toContain('cannot start: [redacted]');
    await until('beats go on', () => box.beats.length >= 2);
  },
);

test(verifies(['B67', 'T36'], 'an unknown runtime is reported and nothing is written for another one'), async () => {
  bench = await openBench();
  const box = bench.plane.add(workspace({ runtime: 'unheard-of', servers: [mcpServer('tools')] }));
  const register = await until('the registration', () => box.registers[0]);
  expect(register).toMatchObject({
    configuration_status: 'not_configured',
    mcp_tools_ready: false,
    runtimeVersion: null,
  });
  expect(register.proofs.find(({ rung }) => rung === 'rendered')).toMatchObject({
    ok: false,
    reason: 'runtime_unknown',
  });
  const event = await until('the event', () => box.bootEvents.find(({ step, ok }) => step === 'runtime' && !ok));
  expect(event.code).toBe('runtime_unknown');
  expect(event.nextStep).toContain('test-runtime');
});

test(verifies(['T5', 'B8'], 'a box without a model registers, beats and runs no turn'), async () => {
  bench = await openBench();
  const box = bench.plane.add(
    workspace({
      model: { kind: 'none', reason: 'model_missing', message: 'No model is chosen.', nextStep: 'Choose one.' },
    }),
  );
  await until('beats', () => box.beats.length >= 2);
  const task = bench.plane.addTask(box, 'say hello');
  const count = box.beats.length;
  await until('more beats', () => box.beats.length >= count + 3);
  expect(task.state).toBe('queued');
  expect(box.beats.at(-1)).toMatchObject({
    configuration_status: 'not_configured',
    configuration_reason: 'No model is chosen.',
  });
});

test(verifies(['B85', 'B57'], 'a refused registration does not end the box: it beats on with its proofs'), async () => {
  bench = await openBench();
  bench.plane.refusals.set('/registry/register', 'platform_agent_mcp_server_missing');
  const box = bench.plane.add(workspace({ servers: [mcpServer('tools')] }));
  const beat = await until('a beat', () => box.beats[0]);
  expect(beat.proofs?.length).toBeGreaterThan(0);
  const event = await until('the event', () => box.bootEvents.find(({ step, ok }) => step === 'register' && !ok));
  expect(event.code).toBe('platform_agent_mcp_server_missing');
});

test(
  verifies(
    ['B45'],
    'delivers the plain files of the template, keeps what was changed in the box, and lets no path out',
  ),
  async () => {
    bench = await openBench();
    const assets = [
      { path: 'config/a.md', text: 'first' },
      { path: '../../escape.txt', text: 'no' },
      { path: 'b.md', text: 'mine' },
    ];
    const box = bench.plane.add(workspace({ assets }));
    await until('a beat', () => box.beats[0]);
    const { work } = bench.box(box);
    expect(readFileSync(join(work, 'config/a.md'), 'utf8')).toBe('first');
    writeFileSync(join(work, 'b.md'), 'changed by the agent');
    box.desired = {
      ...box.desired,
      generation: 2,
      assets: [
        { path: 'config/a.md', text: 'second' },
        { path: 'b.md', text: 'newer' },
      ],
    };
    box.generation = 2;
    await until('the new generation', () => box.beats.at(-1)?.generation === 2);
    expect(readFileSync(join(work, 'config/a.md'), 'utf8')).toBe('second');
    expect(readFileSync(join(work, 'b.md'), 'utf8')).toBe('changed by the agent');
    const event = await until('the event', () =>
      box.bootEvents.find(({ step, detail }) => step === 'assets' && (detail['refused'] as string[]).length > 0),
    );
    expect(event.detail['refused']).toEqual(['../../escape.txt']);
  },
);

test(
  verifies('B57', 'an adapter that fails in an unforeseen way is reported, and the box goes on beating'),
  async () => {
    const broken = {
      ...testAdapter(),
      render: () => {
        throw new Error('a fault in the adapter');
      },
    };
    bench = await openBench({ adapters: [broken] });
    const box = bench.plane.add(workspace({ servers: [mcpServer('tools')] }));
    const register = await until('the registration', () => box.registers[0]);
    expect(register).toMatchObject({
      mcp_tools_ready: false,
      configuration_status: 'not_configured',
      configuration_reason: 'a fault in the adapter',
    });
    await until('beats', () => box.beats.length >= 2);
    expect(box.bootEvents.find(({ step }) => step === 'apply')).toMatchObject({
      ok: false,
      message: 'a fault in the adapter',
    });
  },
);

test('a refused enrolment ends the box, and a new connection brings a new token', async () => {
  bench = await openBench();
  await until('the connection', () => bench.plane.connects[0]);
  const box = workspace();
  const token = box.enrolmentToken;
  bench.plane.add({ ...box, enrolmentToken: 'used before' });
  bench.plane.workspaces.set(box.id, { ...box, enrolmentToken: token });
  const again = await until('the second connection', () => bench.plane.connects[1]);
  expect(again.running).toEqual([]);
  await until('the registration', () => bench.plane.workspaces.get(box.id)?.registers[0]);
});

test('a connection without pings is given up and made anew', async () => {
  bench = await openBench({ host: { pingTimeoutMs: 300 } });
  await until('three connections', () => bench.plane.connects.length >= 3);
});
