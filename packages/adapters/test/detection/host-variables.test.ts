import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { adapterFor, boxLayout, knownRuntimes } from '../../src/index.ts';

/** Programs of every machine look at these. */
const ORDINARY = ['PATH', 'HOME'];

test.each(knownRuntimes().map((id) => [id, adapterFor(id)] as const))(
  verifies('I2-host-environment', '%s names every variable of the machine that it looks at'),
  async (_id, adapter) => {
    const looked = new Set<string>();
    const env = new Proxy<Record<string, string | undefined>>(
      { PATH: '/nowhere', HOME: '/nowhere' },
      {
        get: (target, name) => {
          if (typeof name === 'string') looked.add(name);
          return Reflect.get(target, name);
        },
      },
    );
    await adapter.detect(env);
    adapter.environment({
      layout: boxLayout('/box'),
      model: { kind: 'direct', provider: 'anthropic', model: null },
      apiUrl: 'http://127.0.0.1:1',
      apiKey: 'key',
      base: {},
      hostEnv: env,
    });
    const special = [...looked].filter((name) => !ORDINARY.includes(name)).sort();
    expect(special).toEqual([...adapter.hostVariables].sort());
  },
);
