import type { SessionContext, SpawnPlan } from '../contract/index.ts';
import { runtimeCommand } from '../turn-process/runtime-command.ts';
import { GATEWAY_VARIABLE, KEY_VARIABLE } from './environment.ts';

/** The runtime's app server: JSON-RPC on stdin and stdout, warm over any number of turns. */
export function appServerCommand(context: SessionContext): SpawnPlan {
  const { model, env } = context;
  const address = env[GATEWAY_VARIABLE];
  const named = model.kind !== 'none' && model.model !== null ? { model: model.model } : {};
  const settings: Readonly<Record<string, unknown>> = {
    ...named,
    check_for_update_on_startup: false,
    'analytics.enabled': false,
    'history.persistence': 'none',
    ...(address === undefined ? {} : gateway(address)),
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${JSON.stringify(value)}`]);
  // Plugins of the vendor are looked up on the internet at every start.
  return runtimeCommand(context, ['app-server', ...options, '--disable', 'plugins']);
}

/** A provider of our own goes straight to HTTP; the built-in one tries a WebSocket first, for seconds. The key is named, not given. */
function gateway(address: string): Readonly<Record<string, unknown>> {
  return {
    model_provider: 'molecule',
    'model_providers.molecule.name': 'Molecule',
    'model_providers.molecule.base_url': address,
    'model_providers.molecule.env_key': KEY_VARIABLE,
    'model_providers.molecule.wire_api': 'responses',
    // The platform tries a failed task again by itself.
    'model_providers.molecule.request_max_retries': 2,
    'model_providers.molecule.stream_max_retries': 1,
  };
}
