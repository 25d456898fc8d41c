import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { newId } from '@molecule/contracts';
import {
  authHeader,
  callCostMicroUsd,
  codecOf,
  type ModelRoute,
  modelRouteOf,
  type ProtocolCodec,
  settleUsage,
} from '@molecule/models';
import type { Logger } from '../kernel/logger.ts';
import type { Principal } from '../kernel/principal.ts';
import type { CallPlan, PlannedEndpoint } from '../models/call-plan.ts';
import { type LiveAnswer, type Relayed, relayAnswer } from './answer-relay.ts';
import { CallAddresses } from './call-addresses.ts';
import { type CallLedger, NOTHING_USED } from './call-ledger.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { relayDemo } from './demo-relay.ts';
import { kindOfError, protocolOfPath, readErrorText, sendError } from './error-answer.ts';
import { failureText } from './failure-text.ts';
import { FairQueue, QueueFull, type QueueLimits } from './fair-queue.ts';
import type { LiveCalls } from './live-calls.ts';
import { type ModelCall, readCall } from './model-call.ts';
import { modelListBody } from './model-list.ts';
import { headersToBox, headersToProvider } from './passing-headers.ts';
import { type RefusalReason, refusalReason, refusalText } from './provider-refusal.ts';
import type { UpstreamAgents } from './upstream-agents.ts';
import { callUpstream, type UpstreamOutcome, type UpstreamTimes } from './upstream-call.ts';

export interface GatewayDeps {
  readonly ledger: CallLedger;
  readonly live: LiveCalls;
  readonly agents: UpstreamAgents;
  readonly log: Logger;
  readonly limits: QueueLimits;
  readonly times: UpstreamTimes;
  /** Told when a provider refuses the access itself. */
  readonly onRefusal: (plan: CallPlan, reason: Exclude<RefusalReason, 'model_refused'>, message: string) => void;
}

export interface BoxRequest {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Passes model calls of boxes on to providers, with the key that is held here. One call: read → place in the queue → leave of the budgets → provider (again before the
 * first byte, where that is right) → answer passed on and metered → settled. Whatever ends it, it is settled once, and errors of ours have the protocol's own shape. Bodies are
 * never logged.
 */
export class Gateway {
  readonly #deps: GatewayDeps;
  /** By address: what one org does to a provider concerns the others. */
  readonly #queues = new Map<string, FairQueue>();
  readonly #addresses = new CallAddresses();
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
  }

  /** Answers a request of a box; never throws. */
  async serve(plan: CallPlan, principal: Principal, request: BoxRequest, to: ServerResponse): Promise<void> {
    const route = modelRouteOf(request.method, request.path, request.headers);
    const codec = codecOf(route?.protocol ?? protocolOfPath(request.path));
    try {
      if (route === null)
        return sendError(to, codec, 'not_found', `The gateway has no ${request.method} ${bare(request.path)}.`);
      if (route.operation === 'list_models') return sendModelList(to, plan, route, request);
      const endpoint = plan.endpoints[route.protocol];
      if (endpoint === undefined) {
        return sendError(
          to,
          codec,
          'not_found',
          `${plan.vendor.name} does not speak this protocol. It speaks ${Object.keys(plan.endpoints).join(', ')}.`,
        );
      }
      const read = readCall(plan, route, codec, request.path, request.body);
      if (!read.ok) return sendError(to, codec, read.kind, read.message);
      await this.#queued(plan, endpoint, principal, request, read.call, to);
    } catch (error) {
      if (to.destroyed) return;
      const { kind, message } = kindOfError(error);
      if (kind === 'upstream')
        this.#deps.log.error({ err: error, workspaceId: principal.workspaceId }, 'a model call failed');
      sendError(to, codec, kind, message);
    }
  }

  async #queued(
    plan: CallPlan,
    endpoint: PlannedEndpoint,
    principal: Principal,
    request: BoxRequest,
    call: ModelCall,
    to: ServerResponse,
  ): Promise<void> {
    const gone = new AbortController();
    to.on('close', () => {
      if (!to.writableFinished) gone.abort(new Error('the box has gone'));
    });
    const watched = this.#deps.live.add(principal, (message) => {
      gone.abort(new Error(message));
      sendError(to, call.codec, 'auth', message);
    });
    try {
      const queue = kept(this.#queues, endpoint.baseUrl, () => new FairQueue(this.#deps.limits));
      const entered = queue.enter(plan.workspaceId ?? plan.orgId, gone.signal);
      const leave = typeof entered === 'function' ? entered : await entered;
      try {
        if (call.route.operation === 'generate')
          await this.#metered(plan, endpoint, request, call, to, gone.signal, watched);
        else await this.#plain(plan, endpoint, request, call, to, gone.signal);
      } finally {
        leave();
      }
    } catch (error) {
      if (gone.signal.aborted) return;
      if (error instanceof QueueFull)
        return sendError(to, call.codec, 'rate_limit', 'Too many calls of this workspace wait already.', 1);
      throw error;
    } finally {
      watched.end();
    }
  }

  async #metered(
    plan: CallPlan,
    endpoint: PlannedEndpoint,
    request: BoxRequest,
    call: ModelCall,
    to: ServerResponse,
    signal: AbortSignal,
    watched: ReturnType<LiveCalls['add']>,
  ): Promise<void> {
    const price = call.entry?.price ?? null;
    const opening = this.#deps.ledger.open({
      id: newId(),
      orgId: plan.orgId,
      workspaceId: plan.workspaceId ?? '',
      provider: plan.provider,
      model: call.modelId,
      startedAt: new Date(),
      signal,
      forecast: () => ({ inputTokens: call.countInput(), maxOutputTokens: call.maxOutputTokens, price }),
    });
    const entry = opening instanceof Promise ? await opening : opening;
    let counted: number | null = entry.forecastInput;
    const input = (): number => (counted ??= call.countInput());
    const settleWith = (relayed: Relayed, failed: boolean): void => {
      const { usage, source } = settleUsage(relayed.reading, relayed.reading.inputTokens ?? input());
      this.#deps.ledger.close(entry, {
        input: usage.inputTokens,
        output: usage.outputTokens,
        cached: usage.cacheReadTokens,
        cacheWrite: usage.cacheWriteTokens,
        reasoning: usage.reasoningTokens,
        cost: price === null ? null : callCostMicroUsd(usage, price),
        requests: 1,
        estimated: source === 'estimated' ? 1 : 0,
        failed: failed ? 1 : 0,
      });
    };
    const onLive = (live: LiveAnswer): void => {
      watched.live(live);
      entry.progress = () => ({
        input: live.reading().inputTokens ?? counted ?? 0,
        output: live.reading().outputTokens ?? 0,
      });
    };
    if (signal.aborted) return this.#deps.ledger.close(entry, NOTHING_USED);
    if (plan.isDemo) {
      const relayed = await relayDemo(
        { method: request.method, path: request.path, headers: request.headers, body: call.body.toString('utf8') },
        to,
        call.codec,
        onLive,
      );
      return settleWith(relayed, relayed.end !== 'complete');
    }
    const outcome = await this.#call(plan, endpoint, request, call, signal);
    if (outcome.kind !== 'answer') {
      // It may have been worked on: what was asked is counted, as far as that is known.
      const used = outcome.sent
        ? {
            ...NOTHING_USED,
            input: input(),
            cost: price === null ? null : Math.ceil(input() * price.input),
            requests: 1,
            estimated: 1,
            failed: 1,
          }
        : { ...NOTHING_USED, requests: 1, failed: 1 };
      this.#deps.ledger.close(entry, outcome.kind === 'cancelled' && !outcome.sent ? NOTHING_USED : used);
      return this.#sendFailure(plan, call.codec, to, outcome);
    }
    if ((outcome.response.statusCode ?? 502) >= 400) {
      this.#deps.ledger.close(entry, { ...NOTHING_USED, requests: 1, failed: 1 });
      return this.#sendRefusal(plan, call.codec, to, outcome);
    }
    const relayed = await relayAnswer(outcome, to, call.codec, onLive, (meter) => {
      // While the answer runs there is time; a stream that is cut must be charged for its prompt, and its request need not be kept.
      if (meter.reading().inputTokens === null) setImmediate(input);
    });
    settleWith(relayed, relayed.end !== 'complete' && relayed.end !== 'cut by box');
  }

  /** Counts and the like: nothing to meter. */
  async #plain(
    plan: CallPlan,
    endpoint: PlannedEndpoint,
    request: BoxRequest,
    call: ModelCall,
    to: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    if (plan.isDemo)
      return void (await relayDemo(
        { method: request.method, path: request.path, headers: request.headers, body: call.body.toString('utf8') },
        to,
        call.codec,
        () => {},
      ));
    const outcome = await this.#call(plan, endpoint, request, call, signal);
    if (outcome.kind !== 'answer') return this.#sendFailure(plan, call.codec, to, outcome);
    if ((outcome.response.statusCode ?? 502) >= 400) return this.#sendRefusal(plan, call.codec, to, outcome);
    to.writeHead(outcome.response.statusCode ?? 200, headersToBox(outcome.response.headers));
    await new Promise<void>((resolve) => {
      outcome.response.on('error', () => to.destroy());
      to.on('close', () => {
        outcome.request.destroy();
        resolve();
      });
      outcome.response.pipe(to);
    });
  }

  #call(
    plan: CallPlan,
    endpoint: PlannedEndpoint,
    request: BoxRequest,
    call: ModelCall,
    signal: AbortSignal,
  ): Promise<UpstreamOutcome> {
    const { url, options } = this.#addresses.of(endpoint.baseUrl, call, request.path);
    const headers = {
      ...headersToProvider(request.headers),
      ...authHeader(endpoint.auth, endpoint.key),
      'accept-encoding': 'identity',
      'content-length': String(call.body.length),
    };
    const breaker = kept(this.#breakers, `${plan.vendor.id} ${endpoint.baseUrl}`, () => new CircuitBreaker());
    return callUpstream(
      { url, options, method: 'POST', headers, body: call.body, guarded: endpoint.guarded },
      { agents: this.#deps.agents, breaker, times: this.#deps.times, random: Math.random },
      signal,
    );
  }

  #sendFailure(
    plan: CallPlan,
    codec: ProtocolCodec,
    to: ServerResponse,
    outcome: Exclude<UpstreamOutcome, { kind: 'answer' }>,
  ): void {
    if (outcome.kind === 'cancelled') return;
    const { kind, message } = failureText(plan.vendor.name, outcome);
    sendError(to, codec, kind, message, outcome.retryAfterSeconds);
  }

  async #sendRefusal(
    plan: CallPlan,
    codec: ProtocolCodec,
    to: ServerResponse,
    outcome: Extract<UpstreamOutcome, { kind: 'answer' }>,
  ): Promise<void> {
    const status = outcome.response.statusCode ?? 502;
    const passed = headersToBox(outcome.response.headers);
    const text = await readErrorText(outcome.response);
    const reason = refusalReason(status, text);
    if (reason === 'credential_refused' || reason === 'quota_ended') {
      const message = refusalText(reason, plan.vendor.name, status);
      this.#deps.onRefusal(plan, reason, message);
      // Not the provider's own words: they may repeat a part of the key, and "log in again" is not for the agent to do.
      return sendError(
        to,
        codec,
        reason === 'quota_ended' ? 'budget' : 'forbidden',
        `${message} \`molecule ws why\` says what to do.`,
      );
    }
    if (to.headersSent || to.destroyed) return;
    const body = Object.values(plan.endpoints).reduce(
      (clean, endpoint) => (endpoint.key === '' ? clean : clean.replaceAll(endpoint.key, '[redacted]')),
      text,
    );
    to.writeHead(status, { ...passed, 'content-length': Buffer.byteLength(body) });
    to.end(body);
  }
}

function sendModelList(to: ServerResponse, plan: CallPlan, route: ModelRoute, request: BoxRequest): void {
  const body = modelListBody(route.protocol, plan);
  to.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  to.end(request.method === 'HEAD' ? undefined : body);
}

function bare(path: string): string {
  return (path.split('?', 1)[0] ?? '').slice(0, 200);
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
