import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MANAGEMENT_SERVER_NAME, MoleculeError, toolId } from '@molecule/contracts';
import { ApiClient } from '../client/api-client.ts';
import { dataDir } from '../installation/data-dir.ts';
import { type Installation, startInstallation } from '../installation/start-installation.ts';
import { stopSignal } from '../installation/stop-signal.ts';
import type { Printer } from '../output/printer.ts';
import { Steps } from '../output/steps.ts';

export interface DemoFlags {
  readonly runtime?: string;
  readonly keep?: boolean;
}

const REQUEST = 'create a workspace called research';
/** Vendors' keys are not for a demo: it runs with the demo model, whatever the environment holds. */
const NO_KEYS = /(_API_KEY|_AUTH_TOKEN|_BASE_URL|_OAUTH_TOKEN)$/;

/**
 * The whole story in a throwaway directory: start, prove the concierge, chat, a workspace made by the concierge's own tool call and proved online, stop. Each step is
 * checked in the database and over HTTP, never by reading the agent's words; the first that is not true ends the demo with exit code 1.
 */
export async function demo(flags: DemoFlags, printer: Printer): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'molecule-demo-'));
  const steps = new Steps(printer);
  const stop = stopSignal();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NO_KEYS.test(name)));
  printer.note(`Molecule demo in ${root}, with the scripted DEMO model: no key, no AI, everything else is real.`);
  try {
    const installation = await startInstallation(
      {
        dir: dataDir(root),
        host: '127.0.0.1',
        port: 0,
        runtime: flags.runtime,
        model: 'demo/scripted',
        concierge: true,
        env,
        signal: stop.signal,
      },
      steps,
    );
    try {
      await steps.run('The concierge is online, and its management server was witnessed', () =>
        checkConcierge(installation),
      );
      await steps.run(`Chat: "${REQUEST}"`, () => chatAsUser(root, printer));
      const made = await steps.run('The agent itself called provision_workspace', () => checkToolCall(installation));
      await steps.run('The workspace "research" is online and proved', () => checkWorkspace(installation, made));
    } finally {
      await steps.run('Everything stopped', () => installation.stop());
    }
    await steps.run('Nothing is left running', () => checkGone(installation.boxHost.pid));
    printer.value({ type: 'demo', ok: true, steps: steps.taken });
    printer.line('\nEvery step really happened. Now for yourself: ./molecule up');
  } finally {
    stop.release();
    if (flags.keep !== true) await rm(root, { recursive: true, force: true });
  }
}

async function checkConcierge(installation: Installation): Promise<void> {
  const { kysely } = installation.database;
  const row = await kysely
    .selectFrom('workspaces')
    .select(['id', 'boot_id', 'status', 'status_message'])
    .where('kind', '=', 'platform')
    .executeTakeFirst();
  demand(row?.status === 'online', `the concierge is ${row?.status ?? 'absent'}: ${row?.status_message ?? ''}`);
  const proof = await kysely
    .selectFrom('proofs')
    .select('witnessed')
    .where('workspace_id', '=', row?.id ?? '')
    .where('boot_id', '=', row?.boot_id ?? '')
    .where('server', '=', MANAGEMENT_SERVER_NAME)
    .where('rung', '=', 'live')
    .where('ok', '=', true)
    .executeTakeFirst();
  demand(proof?.witnessed === true, 'nobody witnessed the management server of the concierge');
}

/** The request goes in as a person would send it: through the command line, in a process of its own. */
function chatAsUser(root: string, printer: Printer): Promise<void> {
  const [, script = ''] = process.argv;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, '--data-dir', root, 'chat', REQUEST], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const show = (chunk: Buffer): void => printer.note(chunk.toString('utf8').replace(/^/gm, '     ').trimEnd());
    child.stdout.on('data', show);
    child.stderr.on('data', show);
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new MoleculeError('demo_failed', { params: { detail: `chat ended with code ${code ?? 'none'}` } })),
    );
  });
}

/** What the tool call did, from the note that committed together with it. */
async function checkToolCall(installation: Installation): Promise<string> {
  const effects = await installation.database.kysely
    .selectFrom('tool_effects as e')
    .innerJoin('tasks as t', 't.id', 'e.task_id')
    .select(['e.result', 't.status', 't.workspace_id'])
    .where('e.tool', '=', toolId(MANAGEMENT_SERVER_NAME, 'provision_workspace'))
    .execute();
  const [effect] = effects;
  demand(
    effects.length === 1 && effect !== undefined,
    `the agent made ${effects.length} effective calls of provision_workspace, not one`,
  );
  demand(effect?.status === 'completed', `the task is ${effect?.status ?? 'absent'}`);
  demand(effect?.workspace_id === installation.concierge?.id, 'another workspace than the concierge did it');
  return String(effect?.result['id'] ?? '');
}

async function checkWorkspace(installation: Installation, id: string): Promise<void> {
  const rows = await installation.database.kysely
    .selectFrom('workspaces')
    .select(['id', 'name', 'status', 'boot_id', 'parent_id'])
    .where('kind', '=', 'workspace')
    .execute();
  demand(rows.length === 1, `there are ${rows.length} workspaces, not one`);
  const [row] = rows;
  demand(
    row?.id === id && row.name === 'research' && row.status === 'online',
    `the workspace is ${JSON.stringify(row)}`,
  );
  const live = await installation.database.kysely
    .selectFrom('proofs')
    .select('server')
    .where('workspace_id', '=', id)
    .where('boot_id', '=', row?.boot_id ?? '')
    .where('rung', '=', 'live')
    .where('ok', '=', true)
    .execute();
  demand(live.length > 0, 'no server of the workspace was proved live');
  const client = new ApiClient({ url: installation.url, token: installation.tokens.owner });
  try {
    const seen = await client.call<{ status: string }>('GET', `/api/v1/workspaces/${id}`);
    demand(seen.status === 'online', `over HTTP the workspace is ${seen.status}`);
  } finally {
    client.close();
  }
}

async function checkGone(pid: number): Promise<void> {
  let alive = true;
  try {
    process.kill(pid, 0);
  } catch {
    alive = false;
  }
  demand(!alive, `the box host ${pid} still runs`);
}

function demand(truth: boolean, detail: string): asserts truth {
  if (!truth) throw new MoleculeError('demo_failed', { params: { detail } });
}
