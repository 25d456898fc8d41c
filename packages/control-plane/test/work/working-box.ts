import type { Replica } from '../plane.ts';
import { type Answer, call, type Plane, startPlane } from '../plane.ts';
import { beat, type Calm, calmFleet } from '../registry/fleet.ts';

export interface WorkingBox {
  readonly plane: Plane;
  readonly box: Calm;
  send(text: string, headers?: Record<string, string>, more?: Record<string, unknown>): Promise<Answer>;
  lease(on?: Replica): Promise<Answer>;
  events(taskId: string, attempt: number, from: number, events: readonly unknown[], on?: Replica): Promise<Answer>;
  result(taskId: string, attempt: number, more?: Record<string, unknown>, on?: Replica): Promise<Answer>;
  get(path: string): Promise<Answer>;
}

/** A control plane with one ordinary workspace that is online. */
export async function workingBox(): Promise<WorkingBox> {
  const plane = await startPlane();
  const [box] = await calmFleet(plane, 1);
  if (box === undefined) throw new Error('no box');
  await beat(plane, box);
  const post = (on: Replica, path: string, body: unknown) =>
    call(on.url, box.apiKey, 'POST', `/api/v1/registry/tasks/${path}`, body);
  return {
    plane,
    box,
    send: (text, headers = {}, more = {}) =>
      call(
        plane.url,
        plane.ownerToken,
        'POST',
        `/api/v1/workspaces/${box.workspaceId}/messages`,
        { text, ...more },
        headers,
      ),
    lease: (on = plane) => post(on, 'lease', { bootId: box.bootId }),
    events: (taskId, attempt, from, events, on = plane) =>
      post(on, `${taskId}/events`, { bootId: box.bootId, attempt, from, events }),
    result: (taskId, attempt, more = {}, on = plane) =>
      post(on, `${taskId}/result`, {
        bootId: box.bootId,
        attempt,
        ok: true,
        text: 'done',
        failure: null,
        message: null,
        sessionId: null,
        usage: null,
        events: [],
        ...more,
      }),
    get: (path) => call(plane.url, plane.ownerToken, 'GET', `/api/v1/${path}`),
  };
}
