export interface SeenEvent {
  readonly cursor: string;
  readonly type: string;
  readonly workspaceId: string | null;
  readonly taskId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: string;
}

/** Server-sent events of one connection, until it ends or `signal` aborts; the caller reconnects with the last cursor. */
export async function* streamEvents(
  url: string,
  token: string,
  signal: AbortSignal,
  lastId?: string,
): AsyncGenerator<SeenEvent> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'text/event-stream',
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  };
  const response = await fetch(url, { headers, signal });
  if (!response.ok || response.body === null) throw new Error(`the event stream answered ${response.status}`);
  let buffered = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    buffered += chunk;
    for (let end = buffered.indexOf('\n\n'); end >= 0; end = buffered.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(buffered.slice(0, end))?.[1];
      buffered = buffered.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data) as SeenEvent; // the server's own event
    }
  }
}
