import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend, BoxSpec } from '@molecule/backends';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoxFixture, boxFixture, shell, until } from './box-fixture.ts';

/** What every backend must do. `make` gets a directory to work in and gives the backend under test. */
export function backendConformance(name: string, make: (directory: string) => Promise<Backend>): void {
  describe(`the ${name} backend`, () => {
    let fixture: BoxFixture;
    let backend: Backend;
    const spec = (id: string, script: string): BoxSpec => ({
      id,
      policy: fixture.policy(),
      main: shell(script, fixture.own),
    });
    const isState = async (id: string, state: string) => (await backend.status(id)).state === state;
    const untilStopped = async (id: string) => {
      let stopped = false;
      await until(`${id} has stopped`, () => {
        void isState(id, 'stopped').then((is) => {
          stopped = is;
        });
        return stopped;
      });
    };

    beforeAll(async () => {
      fixture = boxFixture();
      const directory = join(fixture.data, 'boxes');
      mkdirSync(directory);
      backend = await make(directory);
    });
    afterAll(() => fixture.remove());

    test('runs a box from creation to its end', async () => {
      await backend.create(spec('life', 'trap "echo bye; exit 5" TERM; echo hello; while :; do sleep 0.02; done'));
      expect(await backend.status('life')).toEqual({ state: 'created' });
      await backend.start('life');
      await backend.start('life');
      expect(await backend.status('life')).toMatchObject({ state: 'running' });
      let seen: readonly string[] = [];
      await until('the box has said hello', () => {
        void backend.logs('life', { lastLines: 10 }).then((lines) => {
          seen = lines;
        });
        return seen.includes('hello');
      });
      await backend.stop('life', { graceMs: 10_000 });
      expect(await backend.status('life')).toEqual({ state: 'stopped', exit: { code: 5, signal: null } });
      expect(await backend.logs('life', { lastLines: 1 })).toEqual(['bye']);
      await backend.stop('life', { graceMs: 0 });
      await backend.start('life');
      await backend.kill('life');
      expect(await isState('life', 'stopped')).toBe(true);
    });

    test('keeps the last lines of the log, of a box that ended by itself too', async () => {
      await backend.create(spec('log', 'for i in 1 2 3 4; do echo line $i; done'));
      await backend.start('log');
      await untilStopped('log');
      expect(await backend.logs('log', { lastLines: 2 })).toEqual(['line 3', 'line 4']);
    });

    test('runs commands beside the main program, with a limit', async () => {
      await backend.create(spec('exec', 'true'));
      expect(
        await backend.exec('exec', shell('echo out; echo err >&2; exit 3', fixture.own), { limitMs: 10_000 }),
      ).toEqual({
        exit: { code: 3, signal: null },
        stdout: 'out\n',
        stderr: 'err\n',
        timedOut: false,
      });
      expect(await backend.exec('exec', shell('sleep 60', fixture.own), { limitMs: 100 })).toMatchObject({
        timedOut: true,
      });
    });

    test('reads, writes and lists files of the workspace, bytes and names unchanged', async () => {
      await backend.create(spec('files', 'true'));
      const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
      await backend.writeFile('files', 'folder/with space/data', content);
      expect(readFileSync(join(fixture.own, 'folder/with space/data')).equals(content)).toBe(true);
      expect((await backend.readFile('files', 'folder/with space/data')).equals(content)).toBe(true);
      await backend.writeFile('files', 'folder/line\nbreak', Buffer.alloc(0));
      expect((await backend.readFile('files', 'folder/line\nbreak')).length).toBe(0);
      expect(await backend.listFiles('files', 'folder')).toEqual([
        { name: 'line\nbreak', kind: 'other' },
        { name: 'with space', kind: 'directory' },
      ]);
      await expect(backend.readFile('files', 'absent')).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('does not leave the workspace through a path or a link', async () => {
      await backend.create(spec('escape', 'true'));
      symlinkSync(fixture.secretFile, join(fixture.own, 'link'));
      symlinkSync(fixture.other, join(fixture.own, 'way-out'));
      for (const path of ['../other/notes', '/../../host/secret', 'link', 'way-out/notes']) {
        await expect(backend.readFile('escape', path)).rejects.toMatchObject({ code: 'invalid_request' });
      }
      await expect(backend.writeFile('escape', 'way-out/planted', Buffer.from('x'))).rejects.toMatchObject({
        code: 'invalid_request',
      });
    });

    test('isolates the box, and says so after trying', async () => {
      await backend.create(spec('isolated', 'true'));
      expect(await backend.isolation('isolated')).toMatchObject({
        filesystem: 'enforced',
        processes: 'enforced',
        network: 'enforced',
        user: 'enforced',
      });
    });

    test('forgets a removed box and keeps its folder', async () => {
      await backend.create(spec('gone', 'sleep 60'));
      await backend.start('gone');
      writeFileSync(join(fixture.own, 'kept'), 'kept');
      await backend.remove('gone');
      await expect(backend.status('gone')).rejects.toMatchObject({ code: 'workspace_not_found' });
      await expect(backend.start('gone')).rejects.toMatchObject({ code: 'workspace_not_found' });
      expect(readFileSync(join(fixture.own, 'kept'), 'utf8')).toBe('kept');
    });

    test('refuses an id that is a path', async () => {
      await expect(backend.create(spec('../x', 'true'))).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });
}
