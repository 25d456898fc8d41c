import type { BootEvent, ImportedWorkspace, MoleculeEvent, Readiness, Workspace } from '@molecule/contracts';
import { Command } from 'commander';
import { inert } from '../../output/table.ts';
import type { Context } from '../../program.ts';
import { readGivenFile } from '../given-file.ts';
import { changeLines, readinessLines, workspaceLines, workspaceTable } from './workspace-lines.ts';

interface CreateOptions {
  readonly file?: string;
  readonly template?: string;
  readonly runtime?: string;
  readonly model?: string;
  readonly parent?: string;
  readonly role?: string;
  readonly wait: boolean;
}

const path = (ref: string, rest = ''): string => `/api/v1/workspaces/${encodeURIComponent(ref)}${rest}`;

/** `molecule ws …`: each command is one call and one way of showing its answer. */
export function wsCommand(run: (work: (context: Context) => Promise<void>) => Promise<void>): Command {
  const ws = new Command('ws').description('Workspaces: list, create, look into, restart, pause, remove');

  ws.command('list')
    .description('List the workspaces')
    .action(() =>
      run(async ({ client, printer }) => {
        const items: Workspace[] = [];
        for await (const workspace of client.items<Workspace>('/api/v1/workspaces')) items.push(workspace);
        printer.value(items);
        printer.line(workspaceTable(items));
      }),
    );

  ws.command('create')
    .argument('[name]')
    .description('Create a workspace, by name or from a file')
    .option('--file <path>', 'a workspace.yaml, or JSON; the other options are in it then')
    .option('--template <name>')
    .option('--runtime <id>')
    .option('--model <provider/model>')
    .option('--parent <workspace>')
    .option('--role <text>')
    .option('--no-wait', 'do not wait until it is online')
    .action((name: string | undefined, options: CreateOptions, command: Command) =>
      run(async ({ client, printer }) => {
        if ((name === undefined) === (options.file === undefined)) command.error('error: give either a name or --file');
        if (options.file !== undefined) {
          const imported = await client.call<ImportedWorkspace>(
            'POST',
            '/api/v1/workspaces/import',
            await readGivenFile(options.file),
            { 'content-type': 'application/yaml' },
          );
          const workspace = options.wait ? await settled(client, imported.workspace) : imported.workspace;
          printer.value({ ...imported, workspace });
          printer.line(workspaceLines(workspace));
          for (const { source, message } of imported.refused) printer.line(`NO ${inert(source)}: ${inert(message)}`);
          if (options.wait && workspace.status !== 'online') process.exitCode = 1;
          return;
        }
        const parent =
          options.parent === undefined ? undefined : await client.call<Workspace>('GET', path(options.parent));
        const { template, runtime, model, role } = options;
        const body = { name, template, runtime, model, role, parentId: parent?.id };
        let workspace = await client.call<Workspace>('POST', '/api/v1/workspaces', body);
        if (options.wait) workspace = await settled(client, workspace);
        printer.value(workspace);
        printer.line(workspaceLines(workspace));
        if (options.wait && workspace.status !== 'online') process.exitCode = 1;
      }),
    );

  ws.command('get')
    .argument('<workspace>')
    .description('Show one workspace')
    .action((ref: string) =>
      run(async ({ client, printer }) => {
        const workspace = await client.call<Workspace>('GET', path(ref));
        printer.value(workspace);
        printer.line(workspaceLines(workspace));
      }),
    );

  ws.command('why')
    .argument('<workspace>')
    .description('Explain its readiness: signals, proof ladder, next step')
    .action((ref: string) =>
      run(async ({ client, printer }) => {
        const [workspace, readiness] = await Promise.all([
          client.call<Workspace>('GET', path(ref)),
          client.call<Readiness>('GET', path(ref, '/readiness')),
        ]);
        printer.value({ workspace, readiness });
        printer.line(`${workspaceLines(workspace)}\n\n${readinessLines(readiness)}`);
      }),
    );

  ws.command('change')
    .argument('<workspace>')
    .description('Rename it, move it below another, or switch its runtime')
    .option('--name <name>')
    .option('--parent <workspace>', 'the concierge is named like every other')
    .option('--runtime <id>', 'boots it anew; plugins, files and conversations stay')
    .option('--dry-run', 'make every check, show what would change, and change nothing')
    .action((ref: string, options: { name?: string; parent?: string; runtime?: string; dryRun?: boolean }) =>
      run(async ({ client, printer }) => {
        const parent =
          options.parent === undefined ? undefined : await client.call<Workspace>('GET', path(options.parent));
        const { name, runtime } = options;
        const body = { name, runtime, parentId: parent?.id };
        if (options.dryRun === true) {
          const before = await client.call<Workspace>('GET', path(ref));
          const after = await client.call<Workspace>('PATCH', path(ref), { ...body, dryRun: true });
          printer.value({ before, after });
          printer.line(changeLines(before, after));
          return;
        }
        const workspace = await client.call<Workspace>('PATCH', path(ref), body);
        printer.value(workspace);
        printer.line(workspaceLines(workspace));
      }),
    );

  for (const [verb, description] of [
    ['restart', 'Boot it anew and prove it again'],
    ['pause', 'Stop its box until it is resumed'],
    ['resume', 'Start a paused one again'],
  ] as const) {
    ws.command(verb)
      .argument('<workspace>')
      .description(description)
      .action((ref: string) =>
        run(async ({ client, printer }) => {
          const workspace = await client.call<Workspace>('POST', path(ref, `/${verb}`), {});
          printer.value(workspace);
          printer.line(workspaceLines(workspace));
        }),
      );
  }

  ws.command('rm')
    .argument('<workspace>')
    .description('Remove it for good')
    .requiredOption('--confirm <name>', 'its exact name')
    .action((ref: string, options: { confirm: string }) =>
      run(async ({ client, printer }) => {
        const workspace = await client.call<Workspace>('DELETE', path(ref), { confirmName: options.confirm });
        printer.value(workspace);
        printer.line(`${inert(workspace.name)} was removed.`);
      }),
    );

  ws.command('logs')
    .argument('<workspace>')
    .description('Show the boot steps of its present box')
    .action((ref: string) =>
      run(async ({ client, printer }) => {
        const events: BootEvent[] = [];
        for await (const event of client.items<BootEvent>(path(ref, '/boot-events'))) events.push(event);
        printer.value(events);
        for (const event of events) {
          const took = event.durationMs === null ? '' : ` (${Math.round(event.durationMs)} ms)`;
          printer.line(
            `${event.at}  ${event.ok ? 'ok' : 'NO'} ${event.step}${took}  ${inert(event.message)}${event.nextStep === null ? '' : ` Next: ${inert(event.nextStep)}`}`,
          );
        }
      }),
    );

  ws.command('events')
    .argument('[workspace]')
    .description('Show what happened; --follow waits for more')
    .option('--follow')
    .action((ref: string | undefined, options: { follow?: boolean }) =>
      run(async ({ client, printer }) => {
        const workspace = ref === undefined ? undefined : await client.call<Workspace>('GET', path(ref));
        const query =
          workspace === undefined
            ? '/api/v1/events?cursor=0-0'
            : `/api/v1/events?cursor=0-0&workspaceId=${workspace.id}`;
        const show = (event: MoleculeEvent): void => {
          if (event.type === 'turn.events') return;
          printer.value(event);
          printer.line(
            `${event.at}  ${event.type.padEnd(18)} ${event.actor.padEnd(12)} ${inert(JSON.stringify(event.data))}`,
          );
        };
        if (options.follow === true) {
          const stop = new AbortController();
          process.once('SIGINT', () => stop.abort());
          for await (const { data } of client.events(query, stop.signal)) show(JSON.parse(data) as MoleculeEvent); // built by the server from the same schema
        } else for await (const event of client.items<MoleculeEvent>(query)) show(event);
      }),
    );
  return ws;
}

const SETTLE_LIMIT_MS = 60_000;
const SETTLE_POLL_MS = 100;

/** The workspace once it is online or has failed, or as it is when the time is over. */
async function settled(client: Context['client'], workspace: Workspace): Promise<Workspace> {
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  let seen = workspace;
  while (['provisioning', 'booting'].includes(seen.status) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
    seen = await client.call<Workspace>('GET', path(workspace.id));
  }
  return seen;
}
