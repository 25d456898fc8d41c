import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { call, startPlane } from '../plane.ts';

test(
  verifies(['B31', 'I6-org'], 'the audit log is read page by page, and its chain tells a changed and a cut entry'),
  async () => {
    const plane = await startPlane();
    await plane.host();
    for (const name of ['a', 'b', 'c']) await plane.create(name);
    const get = (query: string) => call(plane.url, plane.ownerToken, 'GET', `/api/v1/audit?${query}`);
    const verify = (body: unknown) => call(plane.url, plane.ownerToken, 'POST', '/api/v1/audit/verify', body);

    const seen: number[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await get(`limit=2${cursor}`);
      seen.push(...body.items.map((each: { seq: number }) => each.seq));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => seen.length - index));
    const created = (await get('action=workspace.create')).body.items;
    expect(created.map((each: { data: { name: string } }) => each.data.name)).toEqual(
      expect.arrayContaining(['c', 'b', 'a']),
    );
    expect((await get('cursor=nonsense')).body.code).toBe('cursor_invalid');

    const whole = (await verify({})).body;
    expect(whole).toMatchObject({ whole: true, entries: seen.length, brokenAt: null, witnessFound: null });
    expect((await verify({ witness: whole.head })).body).toMatchObject({ whole: true, witnessFound: true });

    // Somebody with the rights of the table's owner takes the newest entry away: only the witness can tell.
    await sql`alter table audit disable trigger audit_append_only`.execute(plane.db);
    await plane.db.deleteFrom('audit').where('seq', '=', whole.head.seq).execute();
    expect((await verify({})).body).toMatchObject({ whole: true });
    expect((await verify({ witness: whole.head })).body).toMatchObject({
      whole: false,
      brokenAt: null,
      witnessFound: false,
    });
    await plane.db.updateTable('audit').set({ actor: 'nobody' }).where('seq', '=', 2).execute();
    expect((await verify({})).body).toMatchObject({ whole: false, entries: 1, brokenAt: 2 });
  },
);
