import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentSession, RuntimeAdapter } from '../../src/index.ts';
import { writeProgram } from './documented-programs.ts';
import { listTools } from './list-tools.ts';
import { collect, endOf, TestBox, turn } from './test-box.ts';

export interface DocumentedProgram {
  /** Title of the case that goes the whole way from rendering to launch, with the requirement that it proves. */
  readonly wholeWay: string;
  readonly name: string;
  /** Variable that names the binary to the adapter. */
  readonly override: string;
  readonly source: string;
  /** Command line of a turn, as far as it is the same each time. */
  readonly args: readonly string[];
  /** File below the home in which the stand-in notes its launches. */
  readonly launches: string;
  /** Names in the rendered files that refer to the model. */
  readonly references: readonly string[];
}

/** What an adapter of a program that cannot be installed here must do: speak its documented format. */
export function formatCases(adapter: RuntimeAdapter, program: DocumentedProgram): void {
  describe(`${adapter.id}, its documented format`, () => {
    let box: TestBox;
    const folder = mkdtempSync(`${tmpdir()}/molecule-format-`);
    const path = writeProgram(folder, program.name, program.source);
    const sessions: AgentSession[] = [];
    const open = (warmMs = 60_000) => {
      const session = adapter.openSession(box.context({ warmMs }));
      sessions.push(session);
      return session;
    };
    const launches = (): readonly { args: string[]; cwd: string; config: string; persona: string }[] =>
      readFileSync(`${box.layout.home}/${program.launches}`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));

    beforeAll(async () => {
      box = await new TestBox(adapter, { [program.override]: path, PATH: process.env['PATH'] }).open();
      box.render({ servers: [box.probeServer()], identity: 'You are MARK_IDENTITY.', skills: [] });
    });
    afterAll(async () => {
      await Promise.all(sessions.map((session) => session.close(200)));
      await box.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('it is found with its version, and one that is too old is named as such', async () => {
      expect(box.detection()).toMatchObject({ available: true, problem: null });
      const old = writeProgram(folder, `${program.name}-old`, "console.log('v0.0.1')");
      expect(await adapter.detect({ [program.override]: old })).toMatchObject({
        available: false,
        problem: expect.stringContaining('too old'),
      });
      expect(await adapter.detect({ PATH: '/nonexistent' })).toMatchObject({
        available: false,
        problem: expect.stringContaining('not found'),
      });
    });

    test(
      verifies('B102', 'the launch is the documented one, with the persona and the model by reference'),
      async () => {
        const events = await collect(open().runTurn(turn('hello')));
        expect(endOf(events)).toMatchObject({ ok: true, text: 'heard hello' });
        expect(events[0]).toMatchObject({ type: 'started' });
        expect(events).toContainEqual({ type: 'usage', usage: { inputTokens: 11, outputTokens: 3 }, costUsd: null });
        const launch = launches().at(-1);
        expect(launch?.args.slice(0, program.args.length)).toEqual(program.args);
        expect(launch?.cwd).toBe(box.layout.work);
        expect(launch?.persona).toContain('MARK_IDENTITY');
        for (const name of program.references) expect(launch?.config).toContain(`\${${name}}`);
        expect(launch?.config).not.toContain('box-key');
      },
    );

    // The binary is a stand-in that speaks the documented interface; the server is a real one.
    test(program.wholeWay, async () => {
      const read = adapter.read(box.files(), box.layout)['molecule-platform'];
      if (read?.type !== 'stdio') throw new Error('the server is not read back');
      const { descriptor } = box.probeServer();
      expect({ ...descriptor, env: null }).toEqual({ ...read, env: null });

      const env = adapter.childEnvironment(box.environment(), read);
      expect(await listTools(read.command, read.args, env)).toContain('provision_workspace');
      expect(box.probeEvents().findLast(({ event }) => event === 'start')?.values).toEqual({
        MOLECULE_API_URL: 'http://127.0.0.1:1',
        RENAMED: 'secret-value',
        MOLECULE_ORG_API_KEY: 'org-key',
      });

      expect(endOf(await collect(open(0).runTurn(turn('hello')))).text).toBe('heard hello');
      expect(launches().at(-1)?.config).toBe(box.files()[0]?.text);
    });

    if (adapter.capabilities.streaming)
      test('a turn streams in the documented form, calls and results with it', async () => {
        const events = await collect(open().runTurn(turn('CALL')));
        expect(events.filter(({ type }) => type === 'text')).toEqual([
          { type: 'text', text: 'heard ' },
          { type: 'text', text: 'CALL' },
        ]);
        const call = {
          type: 'tool_call',
          server: 'molecule-platform',
          tool: 'provision_workspace',
          input: { name: 'research' },
        };
        expect(events).toContainEqual(expect.objectContaining(call));
        expect(events).toContainEqual(expect.objectContaining({ type: 'tool_result', ok: true, output: 'made' }));
      });

    if (adapter.capabilities.warm)
      test('a second turn uses the warm process', async () => {
        const session = open();
        const { sessionId } = endOf(await collect(session.runTurn(turn('PEAR'))));
        const count = box.processes.started.length;
        expect(endOf(await collect(session.runTurn(turn('again', { sessionId }))))).toMatchObject({
          text: 'heard PEAR | again',
          sessionId,
        });
        expect(box.processes.started.length).toBe(count);
      });

    test(
      verifies(
        'I3-turn-resume',
        'a session is resumed by a new process, and one that is gone begins anew with the history',
      ),
      async () => {
        const first = open(0);
        const { sessionId } = endOf(await collect(first.runTurn(turn('PLUM'))));
        await first.close(200);
        expect(endOf(await collect(open(0).runTurn(turn('again', { sessionId }))))).toMatchObject({
          text: 'heard PLUM | again',
          sessionId,
        });
        const history = [{ role: 'user' as const, text: 'remember FIG' }];
        const lost = endOf(await collect(open(0).runTurn(turn('go on', { sessionId: 'gone', history }))));
        expect(lost.ok).toBe(true);
        expect(lost.text).toContain('FIG');
      },
    );

    test('a changed configuration is there in the next turn after a reload', async () => {
      const session = open();
      const { sessionId } = endOf(await collect(session.runTurn(turn('KIWI'))));
      box.render({ servers: [box.probeServer(), box.probeServer('second')], identity: 'You are MARK_IDENTITY.' });
      await session.reload();
      expect(endOf(await collect(session.runTurn(turn('again', { sessionId }))))).toMatchObject({
        text: 'heard KIWI | again',
      });
      expect(launches().at(-1)?.config).toContain('second');
    });

    // Some close a turn that they were told to end as if they had answered.
    test.each(adapter.capabilities.streaming ? ['SLOW', 'SLOW END'] : ['SLOW'])(
      'cancel in the middle of a turn ends everything within 2 s (%s)',
      async (prompt) => {
        const controller = new AbortController();
        const session = open(0);
        const count = launches().length;
        const started = box.processes.started.length;
        const turning = collect(session.runTurn(turn(prompt, { signal: controller.signal })));
        await expect.poll(() => launches().length, { timeout: 30_000 }).toBeGreaterThan(count);
        const cancelledAt = performance.now();
        controller.abort();
        expect(endOf(await turning)).toMatchObject({ ok: false, failure: 'cancelled' });
        expect(performance.now() - cancelledAt).toBeLessThan(2000);
        const own = box.processes.started.slice(started);
        expect(own.length).toBe(1);
        for (const { pid } of own) expect(() => process.kill(pid, 0)).toThrow();
      },
    );

    test(
      verifies('I3-bad-cli', 'a provider that refuses the key, and a program that dies, are told apart'),
      async () => {
        expect(endOf(await collect(open(0).runTurn(turn('REFUSED'))))).toMatchObject({ ok: false, failure: 'auth' });
        expect(endOf(await collect(open(0).runTurn(turn('DIE'))))).toMatchObject({ ok: false, failure: 'crash' });
      },
    );

    test(
      verifies(
        ['B41', 'T39'],
        'the environment of a server holds what its entry names and nothing that looks like a secret',
      ),
      () => {
        const told = adapter.childEnvironment(box.environment({ OTHER_TOKEN: 'x' }), box.probeServer().descriptor);
        expect(told).toMatchObject({
          MOLECULE_API_URL: 'http://127.0.0.1:1',
          RENAMED: 'secret-value',
          MOLECULE_ORG_API_KEY: 'org-key',
          HOME: box.layout.home,
        });
        expect(Object.keys(told)).not.toContain('OTHER_TOKEN');
        expect(Object.keys(told)).not.toContain('MOLECULE_API_KEY');
      },
    );
  });
}
