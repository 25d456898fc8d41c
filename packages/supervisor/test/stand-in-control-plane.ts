import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BootEvent,
  BootEventsRequest,
  type DesiredState,
  EnrolReply,
  EnrolRequest,
  type ErrorCode,
  HeartbeatReply,
  HeartbeatRequest,
  HostConnect,
  HostOrder,
  Lease,
  LeaseRequest,
  MoleculeError,
  newId,
  RegisterRequest,
  TaskEventsRequest,
  TaskResultReply,
  TaskResultRequest,
  toProblem,
} from '@molecule/contracts';
import { create } from 'tar';

export interface StandInTask {
  readonly taskId: string;
  readonly prompt: string;
  readonly conversationId: string | null;
  deadlineMs: number;
  attempt: number;
  state: 'queued' | 'running' | 'done';
  events: unknown[];
  result: TaskResultRequest | null;
  resultCount: number;
}

export interface StandInWorkspace {
  readonly id: string;
  bootId: string;
  desired: DesiredState;
  secrets: Record<string, string>;
  orgApiKey: string | null;
  enrolmentToken: string;
  apiKey: string;
  nonce: string | null;
  wanted: boolean;
  registers: RegisterRequest[];
  beats: HeartbeatRequest[];
  bootEvents: (BootEvent & { seq: number })[];
  tasks: StandInTask[];
  prove: { proofNonce: string; reason: 'repair' | 'periodic' } | null;
  /** Tasks that somebody has cancelled. */
  cancel: string[];
  /** Overrides what the heartbeats say of the attempt in progress. */
  stop: HeartbeatReply['stop'];
  generation: number;
}

/** What the tests talk to in place of the control plane. Every request is checked against the wire schemas; what does not fit is kept in `violations`. */
export class StandInControlPlane {
  readonly workspaces = new Map<string, StandInWorkspace>();
  readonly violations: string[] = [];
  readonly connects: HostConnect[] = [];
  readonly requests: string[] = [];
  /** Digest → folder. */
  readonly artifacts = new Map<string, string>();
  /** Path fragment → refusal. */
  readonly refusals = new Map<string, ErrorCode | 'drop'>();
  #server: Server | null = null;
  #streams = new Set<ServerResponse>();
  /** Headers of the requests to the HTTP form of an MCP server that this server plays. */
  readonly mcpHeaders: Record<string, unknown>[] = [];
  url = '';

  async start(port = 0): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#streams.clear();
    server?.closeAllConnections();
    await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  }

  add(workspace: StandInWorkspace): StandInWorkspace {
    this.workspaces.set(workspace.id, workspace);
    if (workspace.wanted)
      this.order({
        type: 'start',
        workspaceId: workspace.id,
        bootId: workspace.bootId,
        enrolmentToken: workspace.enrolmentToken,
        runtime: workspace.desired.runtime,
      });
    return workspace;
  }

  order(order: unknown): void {
    for (const stream of this.#streams) this.#push(stream, order);
  }

  addTask(
    workspace: StandInWorkspace,
    prompt: string,
    options: { deadlineMs?: number; conversationId?: string } = {},
  ): StandInTask {
    const task: StandInTask = {
      taskId: newId(),
      prompt,
      conversationId: options.conversationId ?? null,
      deadlineMs: options.deadlineMs ?? 60_000,
      attempt: 0,
      state: 'queued',
      events: [],
      result: null,
      resultCount: 0,
    };
    workspace.tasks.push(task);
    this.order({ type: 'work', workspaceId: workspace.id });
    return task;
  }

  /** A new boot of the same workspace, as after a restart; running tasks are given out again. */
  reboot(workspace: StandInWorkspace): void {
    workspace.bootId = newId();
    workspace.desired = { ...workspace.desired, bootId: workspace.bootId as DesiredState['bootId'] };
    workspace.enrolmentToken = randomUUID();
    for (const task of workspace.tasks) if (task.state === 'running') task.state = 'queued';
  }

  #push(stream: ServerResponse, order: unknown): void {
    stream.write(`data: ${JSON.stringify(HostOrder.parse(order))}\n\n`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request) text += String(part);
    const path = request.url ?? '';
    this.requests.push(`${request.method} ${path}`);
    try {
      if (path === '/mcp') return this.#mcp(request, JSON.parse(text), response);
      const refusal = [...this.refusals].find(([fragment]) => path.includes(fragment));
      if (refusal?.[1] === 'drop') return void request.socket.destroy();
      if (refusal !== undefined)
        throw new MoleculeError(refusal[1] as ErrorCode, { params: { detail: 'by the test' } });
      const reply = await this.#route(
        path,
        text === '' ? null : JSON.parse(text),
        (request.headers.authorization ?? '').replace('Bearer ', ''),
        response,
      );
      if (reply === undefined) return;
      if (reply === null) return void response.writeHead(204).end();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    } catch (error) {
      const known =
        error instanceof MoleculeError
          ? error
          : new MoleculeError('invalid_request', { params: { detail: String(error) } });
      if (!(error instanceof MoleculeError)) this.violations.push(`${path}: ${String(error)}`);
      response
        .writeHead(known.status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify(toProblem(known)));
    }
  }

  async #route(path: string, body: unknown, token: string, response: ServerResponse): Promise<unknown> {
    if (path === '/api/v1/hosts/connect') return this.#connect(HostConnect.parse(body), response);
    if (path === '/api/v1/registry/enrol') {
      const { workspaceId, bootId } = EnrolRequest.parse(body);
      const workspace = this.workspaces.get(workspaceId);
      if (workspace === undefined || token !== workspace.enrolmentToken || token === '' || bootId !== workspace.bootId)
        throw new MoleculeError('enrolment_invalid');
      workspace.enrolmentToken = '';
      workspace.apiKey = `box-${randomUUID()}`;
      return EnrolReply.parse({
        orgId: workspace.desired.orgId,
        apiKey: workspace.apiKey,
        orgApiKey: workspace.orgApiKey,
        proofNonce: workspace.nonce,
        secrets: workspace.secrets,
        desired: workspace.desired,
      });
    }
    const workspace = [...this.workspaces.values()].find(({ apiKey }) => apiKey === token && token !== '');
    if (workspace === undefined) throw new MoleculeError('token_revoked');
    if (path === '/api/v1/registry/desired-state') return workspace.desired;
    if (path.startsWith('/api/v1/artifacts/'))
      return this.#artifact(decodeURIComponent(path.slice('/api/v1/artifacts/'.length)), response);
    if (path === '/api/v1/registry/register') {
      workspace.registers.push(RegisterRequest.parse(body));
      return this.#reply(workspace);
    }
    if (path === '/api/v1/registry/heartbeat') {
      workspace.beats.push(HeartbeatRequest.parse(body));
      return this.#reply(workspace);
    }
    if (path === '/api/v1/registry/boot-events') {
      const { events } = BootEventsRequest.parse(body);
      for (const event of events)
        if (!workspace.bootEvents.some(({ seq, at }) => seq === event.seq && at === event.at))
          workspace.bootEvents.push(event);
      return {};
    }
    if (path === '/api/v1/registry/tasks/lease') {
      LeaseRequest.parse(body);
      return this.#lease(workspace);
    }
    return this.#task(workspace, path, body);
  }

  #lease(workspace: StandInWorkspace): Lease | null {
    const task = workspace.tasks.find(({ state }) => state === 'queued');
    if (task === undefined) return null;
    task.state = 'running';
    task.attempt += 1;
    return Lease.parse({
      taskId: task.taskId,
      attempt: task.attempt,
      prompt: task.prompt,
      conversationId: task.conversationId,
      sessionId: null,
      history: [],
      leaseUntil: new Date(Date.now() + 60_000).toISOString(),
      generation: workspace.generation,
      deadlineMs: task.deadlineMs,
    });
  }

  #mcp(request: IncomingMessage, message: { id?: number; method: string }, response: ServerResponse): void {
    this.mcpHeaders.push({ method: message.method, ...request.headers });
    if (message.id === undefined) return void response.writeHead(202).end();
    const result =
      message.method === 'initialize'
        ? { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'stand-in', version: '1' } }
        : { tools: [{ name: 'provision_workspace', inputSchema: { type: 'object' } }] };
    const answer = JSON.stringify({ jsonrpc: '2.0', id: message.id, result });
    // One of the two forms that the transport allows for each method, so that both are met.
    if (message.method === 'initialize')
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 's-1' })
        .end(`event: message\ndata: ${answer}\n\n`);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  }

  #reply(workspace: StandInWorkspace): HeartbeatReply {
    const { prove, stop, cancel } = workspace;
    workspace.prove = null;
    const cancelled = workspace.tasks.find(({ taskId }) => cancel.includes(taskId));
    return HeartbeatReply.parse({
      status: 'online',
      generation: workspace.generation,
      stop:
        stop ??
        (cancelled === undefined
          ? null
          : { taskId: cancelled.taskId, attempt: cancelled.attempt, reason: 'cancelled' }),
      prove,
      work: workspace.tasks.some(({ state }) => state === 'queued'),
    });
  }

  #task(workspace: StandInWorkspace, path: string, body: unknown): unknown {
    const match = /^\/api\/v1\/registry\/tasks\/([^/]+)\/(events|result)$/.exec(path);
    const task = workspace.tasks.find(({ taskId }) => taskId === match?.[1]);
    if (match === null || task === undefined) throw new MoleculeError('task_not_found');
    if (match[2] === 'events') {
      const { from, events, attempt } = TaskEventsRequest.parse(body);
      if (attempt !== task.attempt || task.state !== 'running') throw new MoleculeError('task_not_leased');
      task.events.splice(from, events.length, ...events);
      return { cancel: workspace.cancel.includes(task.taskId) };
    }
    const result = TaskResultRequest.parse(body);
    task.resultCount += 1;
    if (result.attempt !== task.attempt) throw new MoleculeError('task_not_leased');
    task.result = result;
    task.state = 'done';
    const next = result.next === true ? this.#lease(workspace) : null;
    return TaskResultReply.parse({ accepted: true, status: result.ok ? 'completed' : 'failed', next });
  }

  #connect(connect: HostConnect, response: ServerResponse): undefined {
    this.connects.push(connect);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
    for (const workspace of this.workspaces.values()) {
      const isRunning = connect.running.some(
        ({ workspaceId, bootId }) => workspaceId === workspace.id && bootId === workspace.bootId,
      );
      if (workspace.wanted && !isRunning && workspace.enrolmentToken !== '') {
        this.#push(response, {
          type: 'start',
          workspaceId: workspace.id,
          bootId: workspace.bootId,
          enrolmentToken: workspace.enrolmentToken,
          runtime: workspace.desired.runtime,
        });
      }
    }
  }

  #artifact(digest: string, response: ServerResponse): undefined {
    const folder = this.artifacts.get(digest);
    if (folder === undefined)
      throw new MoleculeError('plugin_fetch_failed', { params: { plugin: digest, detail: 'not found' } });
    response.writeHead(200, { 'content-type': 'application/x-tar' });
    create({ cwd: folder, portable: true }, ['.']).pipe(response);
  }
}
