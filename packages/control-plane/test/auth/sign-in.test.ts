import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE } from '../../src/auth/session-cookie.ts';
import { mintSignIn } from '../../src/index.ts';
import { type Plane, startPlane } from '../plane.ts';

async function signIn(
  plane: Plane,
): Promise<{ readonly link: string; readonly cookie: string; readonly csrf: string }> {
  const owner = await plane.db.selectFrom('users').select('id').where('role', '=', 'owner').executeTakeFirstOrThrow();
  const link = await mintSignIn(plane.plane.services, plane.orgId, owner.id, plane.url);
  const response = await fetch(link, { redirect: 'manual' });
  expect(response.status).toBe(303);
  const cookies = response.headers.getSetCookie();
  expect(cookies.find((each) => each.startsWith(SESSION_COOKIE))).toMatch(/HttpOnly.*SameSite=Strict/);
  const value = (name: string): string => cookies.find((each) => each.startsWith(`${name}=`))?.split(/[=;]/)[1] ?? '';
  return { link, cookie: cookies.map((each) => each.split(';')[0]).join('; '), csrf: value(CSRF_COOKIE) };
}

test(verifies(['I2-story-1'], 'a sign-in link works once and starts a session of its user'), async () => {
  const plane = await startPlane();
  const { link, cookie } = await signIn(plane);
  const who = await fetch(`${plane.url}/api/v1/session`, { headers: { cookie } });
  expect(await who.json()).toMatchObject({ orgId: plane.orgId, kind: 'session' });
  const again = await fetch(link, { redirect: 'manual' });
  expect(again.status).toBe(401);
});

test('a change with the cookie alone is refused: another site could have made the browser send it', async () => {
  const plane = await startPlane();
  const { cookie, csrf } = await signIn(plane);
  const post = (headers: Record<string, string>) =>
    fetch(`${plane.url}/api/v1/tokens`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name: 'x', scopes: ['workspaces:read'] }),
    });
  const refused = await post({});
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: 'csrf_failed' });
  expect((await post({ [CSRF_HEADER]: csrf })).status).toBe(201);
});

test(
  verifies('I6-sign-in', 'signing out everywhere ends every session of the user and every open stream at once'),
  async () => {
    const plane = await startPlane();
    const [one, two] = [await signIn(plane), await signIn(plane)];
    const streams = await Promise.all(
      [one, two].map(({ cookie }) =>
        fetch(`${plane.url}/api/v1/events`, { headers: { cookie, accept: 'text/event-stream' } }),
      ),
    );
    const out = await fetch(`${plane.url}/api/v1/session/sign-out`, {
      method: 'POST',
      headers: { cookie: one.cookie, 'content-type': 'application/json', [CSRF_HEADER]: one.csrf },
      body: JSON.stringify({ everywhere: true }),
    });
    expect(await out.json()).toEqual({ ended: 2 });
    for (const { cookie } of [one, two])
      expect((await fetch(`${plane.url}/api/v1/session`, { headers: { cookie } })).status).toBe(401);
    // What they listened to is over as well: a stream that goes on is a session that goes on.
    for (const stream of streams) expect(await stream.text()).not.toContain('workspace.');
  },
);
