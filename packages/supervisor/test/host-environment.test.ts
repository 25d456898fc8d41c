import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { hostEnvironment } from '../src/index.ts';

test(
  verifies(
    'I2-host-environment',
    'of an environment only what is named is passed on; keys, addresses with passwords and switches of Node are not',
  ),
  () => {
    const machine = { PATH: '/bin', HOME: '/home/a', LANG: 'C.UTF-8', LC_ALL: 'C', TMPDIR: '/tmp' };
    const wanted = { NOVA_HOME: '/nova', MOLECULE_NOVA_PATH: '/bin/nova' };
    const rest = {
      ANTHROPIC_API_KEY: 'k',
      OPENAI_API_KEY: 'k',
      MOLECULE_MASTER_KEY: 'k',
      MOLECULE_DATABASE_URL: 'postgres://a:b@c/d',
      AWS_SECRET_ACCESS_KEY: 'k',
      NODE_OPTIONS: '--inspect',
      SOMETHING_NEW: 'k',
      LC_SECRET_1: 'k',
      UNSET: undefined,
    };
    const adapters = [{ hostVariables: ['NOVA_HOME'] }, { hostVariables: ['MOLECULE_NOVA_PATH', 'NOT_SET'] }];
    expect(hostEnvironment({ ...machine, ...wanted, ...rest }, adapters)).toEqual({ ...machine, ...wanted });
  },
);
