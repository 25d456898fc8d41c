import { isMoleculeError } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { adapterFor, knownRuntimes } from '../../src/index.ts';

test(verifies(['B67', 'T36'], 'an unknown runtime is a loud failure and never another runtime'), () => {
  for (const runtime of ['', 'claude', 'Claude-Code', 'constructor', '__proto__', 'codex2']) {
    expect(() => adapterFor(runtime)).toThrow(expect.objectContaining({ code: 'runtime_unknown' }));
    try {
      adapterFor(runtime);
    } catch (error) {
      expect(isMoleculeError(error) && error.hint).toContain('claude-code');
    }
  }
});

test(verifies(['B66', 'B71'], 'every known runtime has its own adapter'), () => {
  expect(new Set(knownRuntimes()).size).toBe(knownRuntimes().length);
  for (const runtime of knownRuntimes()) expect(adapterFor(runtime).id).toBe(runtime);
});
