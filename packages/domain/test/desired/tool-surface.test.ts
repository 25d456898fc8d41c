import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { judgeSurface } from '../../src/index.ts';

const ORDINARY = { required: false, privileged: false };

test(verifies('I4-tool-pin', 'the same tools are pinned, in any order'), () => {
  expect(judgeSurface({ a: '1', b: '2' }, { b: '2', a: '1' }, { required: true, privileged: true })).toEqual({
    state: 'pinned',
    change: null,
  });
});

test(verifies('I4-tool-pin', 'names, schemas and descriptions that changed are named'), () => {
  expect(judgeSurface({ a: '1', b: '2', constructor: '3' }, { b: '9', c: '4', constructor: '3' }, ORDINARY)).toEqual({
    state: 'flagged',
    change: { added: ['c'], removed: ['a'], changed: ['b'] },
  });
});

test(verifies('I4-tool-pin', 'a required or privileged server is held'), () => {
  expect(judgeSurface({ a: '1' }, { a: '2' }, { required: true, privileged: false }).state).toBe('held');
  expect(judgeSurface({ a: '1' }, {}, { required: false, privileged: true }).state).toBe('held');
});
