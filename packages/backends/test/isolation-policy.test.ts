import { describe, expect, test } from 'vitest';
import { allowedEnvironment, checkPolicy, type IsolationPolicy } from '../src/isolation-policy.ts';
import { type Mount, type PathFact, planMounts } from '../src/mount-plan.ts';

const policy: IsolationPolicy = {
  writable: ['/data/ws/own'],
  readable: ['/opt/runtime'],
  hidden: ['/data'],
  egress: { controlPlanePort: 8080, hosts: [] },
  environment: ['PATH', 'LC_*'],
  identity: { uid: 1000, gid: 1000, name: 'agent', home: '/data/ws/own' },
  limits: {},
  stateDirectory: '/data/host',
};

describe('a policy that could not hold is refused', () => {
  test.each<[string, Partial<IsolationPolicy>]>([
    ['a relative path', { writable: ['ws'] }],
    ['a path with ..', { readable: ['/opt/../root'] }],
    ['the root directory', { readable: ['/'] }],
    ['the processes of the machine', { readable: ['/proc'] }],
    ['a device', { writable: ['/dev/vda'] }],
    ['a path both writable and hidden', { hidden: ['/data/ws/own'] }],
    ['a readable path that the agent could replace by a link', { readable: ['/data/ws/own/config'] }],
    ['a port that is none', { egress: { controlPlanePort: 0, hosts: [] } }],
    ['a port of a host that is none', { egress: { controlPlanePort: null, hosts: [{ host: 'a', port: 70_000 }] } }],
  ])('%s', (_what, change) => {
    expect(() => checkPolicy(policy)).not.toThrow();
    expect(() => checkPolicy({ ...policy, ...change })).toThrow(/isolation policy/);
  });
});

test('variables enter by name or by a beginning', () => {
  const given = { PATH: '/bin', LC_ALL: 'C', LCX: '1', PATHS: '2', TOKEN: 'secret' };
  expect(allowedEnvironment(policy, given)).toEqual({ PATH: '/bin', LC_ALL: 'C' });
});

describe('the plan of mounts', () => {
  const plan = (
    paths: Partial<Pick<IsolationPolicy, 'writable' | 'readable' | 'hidden'>>,
    links: Record<string, string> = {},
    files: string[] = [],
  ): Mount[] => {
    const all = { writable: [], readable: [], hidden: [], ...paths };
    const fact = (path: string): [string, PathFact] => [
      path,
      { path, realPath: links[path] ?? path, kind: files.includes(path) ? 'file' : 'directory' },
    ];
    return planMounts(all, { system: [], named: new Map([...all.writable, ...all.readable, ...all.hidden].map(fact)) });
  };

  test('lets the deeper path decide, in both directions', () => {
    expect(
      plan({ readable: ['/srv'], hidden: ['/srv/data'], writable: ['/srv/data/own'] }).map(({ kind, path }) => [
        kind,
        path,
      ]),
    ).toEqual([
      ['read_only', '/srv'],
      ['empty_directory', '/srv/data'],
      ['writable', '/srv/data/own'],
    ]);
  });

  test('covers at equal depth, and a file with an empty file', () => {
    expect(plan({ readable: ['/srv/key'], hidden: ['/srv/key'] }, {}, ['/srv/key']).map((mount) => mount.kind)).toEqual(
      ['read_only', 'empty_file'],
    );
  });

  test('covers nothing where nothing is open', () => {
    expect(plan({ hidden: ['/root', '/home'] })).toEqual([]);
  });

  test('shows a linked path under both names, and hides what the link leads to', () => {
    expect(plan({ readable: ['/opt/current'] }, { '/opt/current': '/opt/v2' }).map((mount) => mount.path)).toEqual([
      '/opt/v2',
      '/opt/current',
    ]);
    expect(
      plan({ readable: ['/opt'], hidden: ['/secret'] }, { '/secret': '/opt/secret' }).map((mount) => mount.path),
    ).toEqual(['/opt', '/opt/secret']);
  });
});
