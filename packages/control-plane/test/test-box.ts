import { HEADER, type HostOrder, MANAGEMENT_REQUIRED_TOOL, MANAGEMENT_SERVER_NAME } from '@molecule/contracts';
import { recordWitnessedProof } from '../src/readiness/witnessed-proof.ts';
import { type Answer, call, type Replica } from './plane.ts';

/** A box as the control plane sees one: the calls that a supervisor makes, one method each. */
export class TestBox {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly #replica: Replica;
  apiKey = '';
  orgApiKey: string | null = null;
  nonce: string | null = null;

  constructor(replica: Replica, order: Extract<HostOrder, { type: 'start' }>) {
    this.#replica = replica;
    this.workspaceId = order.workspaceId;
    this.bootId = order.bootId;
  }

  /** Enrols a box for a start order. */
  static async enrol(replica: Replica, order: Extract<HostOrder, { type: 'start' }>): Promise<TestBox> {
    const box = new TestBox(replica, order);
    const answer = await call(replica.url, order.enrolmentToken, 'POST', '/api/v1/registry/enrol', {
      workspaceId: order.workspaceId,
      bootId: order.bootId,
    });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    box.apiKey = answer.body.apiKey;
    box.orgApiKey = answer.body.orgApiKey;
    box.nonce = answer.body.proofNonce;
    return box;
  }

  post(path: string, body: unknown, on: Replica = this.#replica): Promise<Answer> {
    return call(on.url, this.apiKey, 'POST', `/api/v1/registry/${path}`, body);
  }

  register(more: Record<string, unknown> = {}): Promise<Answer> {
    return this.post('register', {
      bootId: this.bootId,
      generation: 1,
      runtime: 'test-runtime',
      runtimeVersion: '1',
      proofs: [],
      configuration_status: 'ready',
      ...more,
    });
  }

  beat(more: Record<string, unknown> = {}, on: Replica = this.#replica): Promise<Answer> {
    return this.post('heartbeat', { bootId: this.bootId, generation: 1, configuration_status: 'ready', ...more }, on);
  }

  lease(on: Replica = this.#replica): Promise<Answer> {
    return this.post('tasks/lease', { bootId: this.bootId }, on);
  }

  result(
    taskId: string,
    attempt: number,
    more: Record<string, unknown> = {},
    on: Replica = this.#replica,
  ): Promise<Answer> {
    return this.post(
      `tasks/${taskId}/result`,
      {
        bootId: this.bootId,
        attempt,
        ok: true,
        text: 'done',
        failure: null,
        message: null,
        sessionId: null,
        usage: null,
        events: [],
        ...more,
      },
      on,
    );
  }

  /** What `/mcp` does when a launcher of this boot presents a nonce. */
  async witness(nonce: string | null = this.nonce): Promise<{ readonly status: string }> {
    const { services } = this.#replica.plane;
    return services.db.transaction().execute((trx) =>
      recordWitnessedProof(services, trx, {
        workspaceId: this.workspaceId,
        bootId: this.bootId,
        server: MANAGEMENT_SERVER_NAME,
        nonce: nonce ?? '',
        tools: [MANAGEMENT_REQUIRED_TOOL],
      }),
    );
  }

  /** The same over the wire: the launcher's `tools/list`. */
  async witnessOverHttp(nonce: string | null = this.nonce): Promise<number> {
    const response = await fetch(`${this.#replica.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.orgApiKey ?? ''}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
        [HEADER.proof]: nonce ?? '',
        [HEADER.mcpMode]: 'management',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    await response.text();
    return response.status;
  }
}
