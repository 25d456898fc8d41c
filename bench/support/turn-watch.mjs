import { within } from './within.mjs';

/** No turn of a bench takes longer, on whatever machine. */
const TURN_LIMIT_MS = 60_000;

/** Follows the events of an installation from now on; `ended(taskId)` resolves with the time at which the end of a task was heard. */
export async function watchTurns({ url, token }) {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/v1/events?types=task.started,task.ended`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    signal: stop.signal,
  });
  const seen = new Map();
  const waiting = new Map();
  const read = async () => {
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop();
      for (const block of blocks) {
        const data = block.split('\n').find((line) => line.startsWith('data: '));
        if (data === undefined) continue;
        const { type, taskId } = JSON.parse(data.slice(6));
        const key = `${type} ${taskId}`;
        seen.set(key, performance.now());
        waiting.get(key)?.(seen.get(key));
      }
    }
  };
  read().catch((error) => {
    if (!stop.signal.aborted) console.error(`the event stream broke: ${error.message}`);
  });
  const when = (type, taskId) =>
    seen.has(`${type} ${taskId}`)
      ? Promise.resolve(seen.get(`${type} ${taskId}`))
      : new Promise((resolve) => waiting.set(`${type} ${taskId}`, resolve));
  return {
    started: (taskId) => when('task.started', taskId),
    ended: (taskId) => when('task.ended', taskId),
    close: () => stop.abort(),
  };
}

/** One turn: message → end of its task heard. @returns milliseconds in all, and until it was leased. @throws Error when it did not end well */
export async function turn(installation, watch, workspaceId, text) {
  const from = performance.now();
  const { taskId } = await installation.call('POST', `/workspaces/${workspaceId}/messages`, { text });
  const posted = performance.now() - from;
  const leased = (await within(TURN_LIMIT_MS, `the lease of ${taskId}`, watch.started(taskId))) - from;
  const ms = (await within(TURN_LIMIT_MS, `the end of ${taskId}`, watch.ended(taskId))) - from;
  const task = await installation.call('GET', `/tasks/${taskId}`);
  if (task.status !== 'completed') throw new Error(`the turn ${task.status}: ${task.failureMessage}`);
  return { ms, posted, leased, result: task.result };
}

/** Creates a workspace as soon as a box host has connected. @returns its id */
export async function create(installation, name) {
  for (let tries = 0; ; tries += 1) {
    try {
      return (await installation.call('POST', '/workspaces', { name })).id;
    } catch (error) {
      if (tries > 500 || !error.message.includes('no box host')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Waits until a workspace is online. */
export async function online(installation, workspaceId, limitMs = 60_000) {
  const until = performance.now() + limitMs;
  for (;;) {
    const workspace = await installation.call('GET', `/workspaces/${workspaceId}`);
    if (workspace.status === 'online') return workspace;
    if (performance.now() > until) throw new Error(`still ${workspace.status}: ${JSON.stringify(workspace.signals)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a box has nothing to do after its boot: it has noted nothing for half a second. */
export async function atRest(installation, workspaceId) {
  for (let [before, since] = [-1, 0]; performance.now() - since < 500; ) {
    const { items } = await installation.call('GET', `/workspaces/${workspaceId}/boot-events?limit=100`);
    if (items.length !== before) [before, since] = [items.length, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
