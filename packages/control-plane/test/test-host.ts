import { type HostOrder, newId } from '@molecule/contracts';
import { onTestFinished } from 'vitest';

type Start = Extract<HostOrder, { type: 'start' }>;

export interface TestHost {
  readonly hostId: string;
  readonly orders: readonly HostOrder[];
  /** The next order of a type, also one that came before; each is given once. Waits at most a minute. */
  next<T extends HostOrder['type']>(type: T, workspaceId?: string): Promise<Extract<HostOrder, { type: T }>>;
  readonly ended: Promise<void>;
  close(): void;
}

export interface TestHostOptions {
  readonly hostId?: string;
  readonly running?: readonly Pick<Start, 'workspaceId' | 'bootId'>[];
  readonly available?: boolean;
  /** Default: the one of the tests. */
  readonly runtimes?: readonly string[];
}

/** A box host as the control plane sees one: a connection that says what runs and reads orders. It starts no boxes. */
export async function openHost(url: string, token: string, options: TestHostOptions = {}): Promise<TestHost> {
  const hostId = options.hostId ?? newId();
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const runtimes = (options.runtimes ?? ['test-runtime']).map((runtime) => ({
    runtime,
    available: options.available ?? true,
    version: '1',
    path: null,
    problem: options.available === false ? 'not installed' : null,
    hasLogin: false,
  }));
  const response = await fetch(`${url}/api/v1/hosts/connect`, {
    method: 'POST',
    signal: gone.signal,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      hostId,
      hostname: 'test',
      pid: process.pid,
      version: '0',
      running: options.running ?? [],
      runtimes,
      isolation: {},
    }),
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`the host was not connected: ${response.status} ${await response.text()}`);
  const orders: HostOrder[] = [];
  const taken = new Set<HostOrder>();
  let wake = (): void => {};
  const ended = read(response.body, (order) => {
    orders.push(order);
    wake();
  }).finally(() => wake());
  return {
    hostId,
    orders,
    ended,
    close: () => gone.abort(),
    next: async <T extends HostOrder['type']>(type: T, workspaceId?: string) => {
      const end = Date.now() + 60_000;
      for (;;) {
        const found = orders.find(
          (order): order is Extract<HostOrder, { type: T }> =>
            order.type === type &&
            !taken.has(order) &&
            (workspaceId === undefined || ('workspaceId' in order && order.workspaceId === workspaceId)),
        );
        if (found !== undefined) {
          taken.add(found);
          return found;
        }
        if (Date.now() > end)
          throw new Error(
            `no order ${type} for ${workspaceId}; got ${JSON.stringify(orders.map((order) => order.type))}`,
          );
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 500).unref();
        });
      }
    },
  };
}

async function read(body: ReadableStream<Uint8Array>, onOrder: (order: HostOrder) => void): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) if (part.startsWith('data: ')) onOrder(JSON.parse(part.slice(6)) as HostOrder);
    }
  } catch {
    // aborted by the test, or cut off by the server
  }
}
