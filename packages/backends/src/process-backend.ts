import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import type { Backend, BoxSpec, BoxStatus } from './backend.ts';
import { runBoxCommand } from './box-command.ts';
import { BoxFiles } from './box-files.ts';
import { BoxLog } from './box-log.ts';
import { type BoxProcess, type ProcessExit, runInGroup } from './box-process.ts';
import type { HostFacts } from './host-facts.ts';
import { IsolationMeter } from './isolation-meter.ts';
import { endLeftovers } from './recovery-record.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

/**
 * One box of this backend.
 *
 * States: created (`run` null, `exit` null), running (`run` set), stopped (`exit` set). A crash of the host ends a running box with it;
 * its record in `directory` lets the next `create` end what is left.
 */
interface Box {
  readonly spec: BoxSpec;
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly files: BoxFiles;
  readonly log: BoxLog;
  run: { readonly process: BoxProcess; readonly startedAt: Date; readonly settled: Promise<void> } | null;
  exit: ProcessExit | null;
}

const EXEC_OUTPUT_LIMIT = 1024 * 1024;

/** Makes the backend that runs boxes as process groups of this machine. `directory` holds a folder for each box, with its log and record. */
export function createProcessBackend(directory: string, facts: HostFacts): Backend {
  const boxes = new Map<string, Box>();
  const meter = new IsolationMeter(facts);
  const get = (id: string): Box => {
    const box = boxes.get(id);
    if (box === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: id } });
    return box;
  };
  const stop = async (id: string, graceMs: number) => {
    const { run } = get(id);
    if (run === null) return;
    await run.process.end({ graceMs });
    await run.settled;
  };

  return {
    kind: 'process',
    create: async (spec) => {
      if (!/^[A-Za-z0-9][\w.-]*$/.test(spec.id))
        throw new MoleculeError('invalid_request', { params: { detail: `"${spec.id}" is not a box id` } });
      const existing = boxes.get(spec.id);
      if (existing?.run)
        throw new MoleculeError('invalid_request', { params: { detail: `the box "${spec.id}" runs` } });
      existing?.sandbox.close();
      boxes.set(spec.id, await openBox(spec, join(directory, spec.id), facts));
    },
    start: async (id) => {
      const box = get(id);
      if (box.run !== null) return;
      const process = await runInGroup(box.spec.main, { sandbox: box.sandbox, recordFile: recordFile(box.directory) });
      box.exit = null;
      box.run = { process, startedAt: new Date(), settled: settle(box, process) };
    },
    stop: (id, { graceMs }) => stop(id, graceMs),
    kill: (id) => stop(id, 0),
    remove: async (id) => {
      await stop(id, 0);
      const box = get(id);
      box.sandbox.close();
      boxes.delete(id);
      rmSync(box.directory, { recursive: true, force: true });
    },
    status: async (id) => statusOf(get(id)),
    logs: async (id, { lastLines }) => get(id).log.last(lastLines),
    exec: async (id, command, { limitMs }) =>
      runBoxCommand(command, get(id).sandbox, { limitMs, maxOutput: EXEC_OUTPUT_LIMIT }),
    readFile: async (id, path) => get(id).files.read(path),
    writeFile: async (id, path, content) => get(id).files.write(path, content),
    listFiles: async (id, path) => get(id).files.list(path),
    isolation: async (id) => meter.measure(get(id).spec.policy),
  };
}

async function openBox(spec: BoxSpec, directory: string, facts: HostFacts): Promise<Box> {
  const [folder] = spec.policy.writable;
  if (folder === undefined)
    throw new MoleculeError('invalid_request', { params: { detail: `the box "${spec.id}" has no folder of its own` } });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await endLeftovers(recordFile(directory));
  const sandbox = await createSandbox(spec.policy, facts);
  return {
    spec,
    directory,
    sandbox,
    files: new BoxFiles(sandbox, folder),
    log: new BoxLog(join(directory, 'log')),
    run: null,
    exit: null,
  };
}

/** Keeps the log of a run, and turns the box into a stopped one when the run is over and its last line is kept. */
async function settle(box: Box, process: BoxProcess): Promise<void> {
  for await (const event of process.output) {
    try {
      box.log.append(event.type === 'line' ? event.text : `${event.beginning} … (${event.bytes} bytes in one line)`);
    } catch {
      // A full disk costs lines of the log, not the box: it is read on, else it would hang in its write.
    }
  }
  // An exit that is not known means a process that no signal ends; whoever called `stop` got that as an error.
  box.exit = await process.ended.catch(() => null);
  box.run = null;
  box.log.close();
}

function statusOf(box: Box): BoxStatus {
  if (box.run !== null) return { state: 'running', startedAt: box.run.startedAt, pid: box.run.process.pid };
  return box.exit === null ? { state: 'created' } : { state: 'stopped', exit: box.exit };
}

function recordFile(directory: string): string {
  return join(directory, 'process.jsonl');
}
