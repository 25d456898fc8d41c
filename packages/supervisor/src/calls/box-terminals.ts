import { type BoxContext, loadApplied } from '../box/box-context.ts';
import { setUpRuntime } from '../box/runtime-setup.ts';
import { Terminals } from './terminals.ts';

const ofBoot = new WeakMap<BoxContext, Terminals>();
const NOTHING = { parse: (value: unknown) => value };

/** The terminals of a boot. They stand behind the very walls that a turn of the agent has, and the end of the box ends them. */
export function terminalsOf(context: BoxContext): Terminals {
  const known = ofBoot.get(context);
  if (known !== undefined) return known;
  const { services, layout, order, credentials } = context;
  const terminals = new Terminals({
    program: services.terminalProgram,
    cwd: layout.work,
    // Nothing of the runtime's environment: neither the box's token nor a secret of the workspace.
    env: { LANG: 'C.UTF-8', HOME: layout.home, TMPDIR: `${layout.home}/.tmp`, PATH: pathOf(context) },
    spawn: async (plan) => {
      const state = loadApplied(layout);
      const adapter = services.adapters.get(state.desired.runtime);
      if (adapter === undefined) throw new Error(`There is no runtime "${state.desired.runtime}" on this box host.`);
      const setup = setUpRuntime(context, state, adapter, await services.detect(adapter));
      const walls = await context.walls.use(setup.walls);
      try {
        const child = await walls.box.spawn({
          ...plan,
          env: { ...plan.env, PATH: setup.env['PATH'] ?? pathOf(context) },
        });
        return { child, release: walls.release };
      } catch (error) {
        walls.release();
        throw error;
      }
    },
    onEnded: ({ id, openedBy }, reason) => {
      services.client
        .call({
          method: 'POST',
          path: `/api/v1/registry/terminals/${id}/ended`,
          token: credentials.apiKey,
          body: { openedBy, reason },
          reply: NOTHING,
          idempotent: false,
        })
        .catch((error: unknown) =>
          services.log('the end of a terminal was not reported', {
            workspace: order.workspaceId,
            reason,
            error: error instanceof Error ? error.message : String(error),
          }),
        );
    },
  });
  ofBoot.set(context, terminals);
  return terminals;
}

function pathOf({ services }: BoxContext): string {
  return [services.binFolder, '/usr/local/bin', '/usr/bin', '/bin'].join(':');
}
