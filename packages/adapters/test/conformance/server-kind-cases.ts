import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentSession, RuntimeAdapter } from '../../src/index.ts';
import { type HttpProbeServer, startHttpProbe } from './http-probe-server.ts';
import { server } from './rendering-cases.ts';
import { collect, endOf, TestBox, turn } from './test-box.ts';

/** What a runtime does with servers other than a sound one of stdio, as its capabilities declare it. */
export function serverKindCases(adapter: RuntimeAdapter, hostEnv: Readonly<Record<string, string | undefined>>): void {
  describe(`${adapter.id}, kinds of servers`, { timeout: 120_000 }, () => {
    let box: TestBox;
    let remote: HttpProbeServer;
    /** On the machine's loopback too, but not let in. */
    let outside: HttpProbeServer;
    const sessions: AgentSession[] = [];
    const run = async (prompt: string) => {
      const session = adapter.openSession(box.context({ warmMs: 0, allowedServers: ['molecule-platform', 'remote'] }));
      sessions.push(session);
      const before = box.processes.started.length;
      const events = await collect(session.runTurn(turn(prompt)));
      // A session that is not to be kept warm leaves no process.
      expect(box.processes.left(before)).toEqual([]);
      return events;
    };

    beforeAll(async () => {
      [remote, outside] = await Promise.all([startHttpProbe(), startHttpProbe('look_out')]);
      box = await new TestBox(adapter, hostEnv).open([remote.port]);
    });
    afterAll(async () => {
      await Promise.all(sessions.map((session) => session.close(200)));
      await Promise.all([remote.close(), outside.close()]);
      await box.close();
    });

    if (adapter.capabilities.httpServers)
      test(
        verifies(
          ['B72', 'I3-clis-network'],
          'an HTTP server is reached with the token by reference, and its tool is called; one beyond the loopback-only network is not',
        ),
        async () => {
          const headers = { Authorization: 'Bearer ${MOLECULE_API_KEY}' };
          const beyond = server('beyond', { type: 'http', url: outside.url, headers });
          box.render({
            servers: [
              box.probeServer(),
              server('remote', { type: 'http', url: remote.url, headers }),
              { ...beyond, required: false },
            ],
          });
          box.script = (request) =>
            request.results.length === 0 ? { calls: [{ tool: 'look_up' }] } : { text: 'found it' };
          expect(endOf(await run('look it up'))).toMatchObject({ ok: true, text: 'found it' });
          expect(remote.requests).toContainEqual({
            method: 'tools/call',
            authorization: 'Bearer box-key',
            tool: 'look_up',
          });
          // Where there is no such network, the CLI does reach it: that shows that it tried.
          expect(outside.requests.length > 0).toBe(!box.isWalled);
        },
      );

    test('a required server that is broken fails the turn exactly where that is declared', async () => {
      const broken = server('broken', {
        type: 'stdio',
        command: process.execPath,
        args: ['-e', 'process.exit(3)'],
        env: {},
      });
      box.render({ servers: [box.probeServer(), broken] });
      box.script = () => ({ text: 'went on' });
      expect(endOf(await run('hello')).ok).toBe(!adapter.capabilities.requiredServers);
    });
  });
}
