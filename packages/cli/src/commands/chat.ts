import { randomUUID } from 'node:crypto';
import {
  type Message,
  MoleculeError,
  type MoleculeEvent,
  type PostMessageReply,
  type Task,
  TurnEvent,
} from '@molecule/contracts';
import { z } from 'zod';
import type { ApiClient } from '../client/api-client.ts';
import type { Printer } from '../output/printer.ts';
import { inert } from '../output/table.ts';
import { UsageError } from '../output/usage-error.ts';
import { workspaceGiven } from './workspace-given.ts';

const Batch = z.object({ attempt: z.int(), from: z.int(), events: z.array(TurnEvent) });

/**
 * Sends one message and streams the answer. A lost connection is taken up again at the last event; what is shown at the end is
 * the stored answer. Exit: an error is thrown when the task failed.
 * @param ref workspace by id or name; undefined = the concierge
 */
export async function chat(client: ApiClient, printer: Printer, ref: string | undefined, text: string): Promise<void> {
  if (text.trim() === '') throw new UsageError('There is nothing to send.');
  const workspace = await workspaceGiven(client, ref);
  const done = new AbortController();
  const sent = await client.call<PostMessageReply>(
    'POST',
    `/api/v1/workspaces/${workspace.id}/messages`,
    { text },
    { 'idempotency-key': randomUUID() },
  );
  if (workspace.status !== 'online') {
    const signal = Object.values(workspace.signals).find((each) => each.status === 'failed');
    printer.note(
      `  · ${inert(workspace.name)} is ${workspace.status}${signal === undefined ? '.' : `: ${inert(signal.message)}`} The message waits until it can work; Ctrl-C leaves it in the queue.`,
    );
  }
  const shown = new TurnText(printer);
  try {
    // From the beginning of the task on: an event between the answer to the post and this stream is not lost.
    for await (const { data } of client.events(
      `/api/v1/events?workspaceId=${workspace.id}&types=turn.events,task.started,task.ended&cursor=0-0`,
      done.signal,
    )) {
      const event = JSON.parse(data) as MoleculeEvent; // built by the server from the same schema
      if (event.taskId !== sent.taskId) continue;
      if (event.type === 'turn.events') {
        const batch = Batch.parse(event.data);
        shown.show(batch.attempt, batch.from, batch.events);
        if (printer.json) for (const each of batch.events) printer.value({ ...each, taskId: sent.taskId });
      }
      if (event.type === 'task.ended') break;
    }
  } finally {
    done.abort();
  }
  const task = await client.call<Task>('GET', `/api/v1/tasks/${sent.taskId}`);
  const answer = await finalMessage(client, workspace.id, sent);
  shown.finish(answer?.text ?? task.result ?? '');
  printer.value({
    type: 'answer',
    taskId: task.id,
    status: task.status,
    text: answer?.text ?? task.result,
    failure: task.failure,
    conversationId: sent.conversationId,
  });
  if (task.status !== 'completed') {
    throw MoleculeError.fromProblem(
      'turn_failed',
      `The task ${task.status}${task.failure === null ? '' : ` (${task.failure})`}: ${task.failureMessage ?? 'no reason was given'}`,
      task.advice ?? '`molecule ws why` says more.',
    );
  }
}

async function finalMessage(
  client: ApiClient,
  workspaceId: string,
  sent: PostMessageReply,
): Promise<Message | undefined> {
  for await (const message of client.items<Message>(`/api/v1/conversations/${sent.conversationId}/messages`)) {
    if (message.taskId === sent.taskId && message.role === 'agent' && message.workspaceId === workspaceId)
      return message;
  }
  return undefined;
}

/** Writes text as it comes; each event once, in order, also when a batch is repeated or a second attempt begins. */
class TurnText {
  readonly #printer: Printer;
  #attempt = 0;
  #next = 0;
  #text = '';
  #lineOpen = false;

  constructor(printer: Printer) {
    this.#printer = printer;
  }

  show(attempt: number, from: number, events: readonly TurnEvent[]): void {
    if (attempt > this.#attempt) {
      if (this.#attempt > 0) this.#note('the first attempt was lost; the agent starts again');
      this.#attempt = attempt;
      this.#next = 0;
      this.#text = '';
    }
    for (const event of events.slice(Math.max(0, this.#next - from))) this.#one(event);
    this.#next = Math.max(this.#next, from + events.length);
  }

  /** What was stored and not yet shown, e.g. when the stream was cut. */
  finish(stored: string): void {
    if (stored !== '' && this.#text.trim() === '') this.#printer.part(inert(stored, true));
    else if (stored.startsWith(this.#text)) this.#printer.part(inert(stored.slice(this.#text.length), true));
    this.#printer.line('');
  }

  #one(event: TurnEvent): void {
    if (event.type === 'text') {
      this.#text += event.text;
      this.#lineOpen = true;
      this.#printer.part(inert(event.text, true));
    } else if (event.type === 'tool_call')
      this.#note(
        `calls ${inert(event.server === null ? event.tool : `${event.server}/${event.tool}`)} ${inert(JSON.stringify(event.input) ?? '').slice(0, 200)}`,
      );
    else if (event.type === 'tool_result')
      this.#note(`${event.ok ? 'got' : 'failed'}: ${inert(event.output).slice(0, 160)}`);
    else if (event.type === 'permission_denied') this.#note(`was not permitted to use ${inert(event.tool)}`);
    else if (event.type === 'error') this.#note(`error ${event.code}: ${inert(event.message)}`);
  }

  #note(text: string): void {
    if (this.#lineOpen) this.#printer.line('');
    this.#lineOpen = false;
    this.#printer.note(`  · ${text}`);
  }
}
