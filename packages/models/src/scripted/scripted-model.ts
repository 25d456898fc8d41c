import { codecOf } from '../protocols/codec-of.ts';
import { parseJson } from '../protocols/loose-json.ts';
import type { ModelRequest } from '../protocols/model-request.ts';
import { type ModelRoute, modelRouteOf } from '../protocols/model-route.ts';
import type { EncodeContext } from '../protocols/protocol-codec.ts';
import { type Reply, type ReplyPart, stopReasonOf, type TokenUsage } from '../protocols/reply.ts';
import type { ReplySink } from '../protocols/reply-sink.ts';
import { sendReply } from '../protocols/send-reply.ts';
import { estimateRequestTokens, estimateTokens, replyCharacters } from '../protocols/token-estimate.ts';
import { assistantReply } from './assistant.ts';
import { encodeModelList } from './model-list.ts';
import { authHeaderOf, marksIn, type RequestHeaders, type RequestRecord } from './request-record.ts';
import { type Script, type ScriptStep, stepOfScript } from './script.ts';
import { scriptReply } from './script-reply.ts';

/**
 * The scripted model. Without a script it keeps no state that matters to an answer. With one it counts, per conversation and step,
 * how often a step has failed on purpose, and a list of records; both are lost with the process, and nothing else depends on them.
 */
export interface ScriptedModel {
  handle(request: ScriptedHttpRequest, sink: ReplySink): Promise<void>;
  /** Every request so far, oldest first. */
  readonly records: readonly RequestRecord[];
  /** Tokens served by all requests together, cut ones with what was generated before the cut. */
  totals(): TokenUsage;
}

export interface ScriptedHttpRequest {
  readonly method: string;
  /** Path with or without query; anything before the protocol's own path is ignored. */
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly body: string;
}

export interface ScriptedModelOptions {
  readonly script?: Script;
  readonly newId?: (prefix: string) => string;
  readonly nowMs?: () => number;
  /** Waits, or ends early when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** False keeps no records: for a server that lives long. */
  readonly keepRecords?: boolean;
}

const NO_TOKENS: TokenUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
};

export function createScriptedModel(options: ScriptedModelOptions = {}): ScriptedModel {
  const records: RequestRecord[] = [];
  const failures = new Map<string, number>();
  const newId =
    options.newId ?? ((prefix: string) => `${prefix}_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`);
  const nowMs = options.nowMs ?? Date.now;
  const sleep = options.sleep ?? sleepFor;
  let count = 0;
  let served = NO_TOKENS;

  const note = (
    http: ScriptedHttpRequest,
    route: ModelRoute,
    request: ModelRequest,
  ): ((change: Partial<RequestRecord>) => void) => {
    count += 1;
    if (options.keepRecords === false) return () => {};
    const at = records.length;
    records.push({
      number: count,
      protocol: route.protocol,
      operation: route.operation,
      path: http.path.split('?', 1)[0] ?? '',
      model: request.model,
      stream: request.stream,
      auth: authHeaderOf(http.headers),
      userAgent: String(http.headers['user-agent'] ?? ''),
      offeredTools: request.tools.map((tool) =>
        tool.namespace === undefined ? tool.name : `${tool.namespace}/${tool.name}`,
      ),
      deferredTools: request.deferredToolNames,
      marks: marksIn(http.body),
      prompt: request.prompt,
      results: request.results.length,
      bytes: Buffer.byteLength(http.body),
      reply: '',
      served: NO_TOKENS,
      outcome: 'pending',
    });
    return (change) => {
      const known = records[at];
      if (known !== undefined) records[at] = { ...known, ...change };
    };
  };

  const failing = (step: ScriptStep | undefined, request: ModelRequest): ScriptStep['fail'] => {
    if (step?.fail === undefined || step.fail.times === undefined) return step?.fail;
    const key = `${request.prompt}\n${request.results.length}`;
    const before = failures.get(key) ?? 0;
    failures.set(key, before + 1);
    return before < step.fail.times ? step.fail : undefined;
  };

  const handle = async (http: ScriptedHttpRequest, sink: ReplySink): Promise<void> => {
    // Clients probe a base address with HEAD before their first call.
    if (http.method === 'HEAD') return answer(sink, { status: 200, headers: {}, body: '' });
    const route = modelRouteOf(http.method, http.path, http.headers);
    if (route === null)
      return answer(
        sink,
        codecOf('openai-chat').encodeError(
          'not_found',
          `The scripted model has no ${http.method} ${http.path.split('?', 1)[0] ?? ''}.`,
        ),
      );
    const codec = codecOf(route.protocol);
    if (route.operation === 'list_models')
      return answer(sink, {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: encodeModelList(route.protocol),
      });
    const body = parseJson(http.body);
    if (typeof body !== 'object' || body === null)
      return answer(sink, codec.encodeError('bad_request', 'The request body is not a JSON object.'));
    const request = codec.readRequest(body, http.path);
    const record = note(http, route, request);
    if (route.operation === 'count_tokens') {
      record({ outcome: 'complete' });
      return answer(sink, {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: codec.encodeTokenCount(estimateRequestTokens(request)),
      });
    }
    const step = options.script === undefined ? undefined : stepOfScript(options.script, request);
    if (step?.delayMs !== undefined) await sleep(step.delayMs, sink.signal);
    const fail = failing(step, request);
    if (fail !== undefined) {
      record({ outcome: 'error', reply: `error:${fail.kind}` });
      return answer(
        sink,
        codec.encodeError(fail.kind, fail.message ?? `Scripted ${fail.kind} error.`, fail.retryAfterSeconds),
      );
    }
    const parts = step === undefined ? assistantReply(request) : scriptReply(step, request);
    const usage = usageOf(request, parts, step);
    const reply: Reply = { parts, stopReason: step?.isRefused === true ? 'refusal' : stopReasonOf(parts), usage };
    record({ reply: parts.map(label).join(' ') });
    const context: EncodeContext = { newId, nowMs: nowMs() };
    let cut = false;
    const written = await sendReply(codec, request, reply, sink, context, async (index) => {
      if (index > 0 && step?.deltaDelayMs !== undefined) await sleep(step.deltaDelayMs, sink.signal);
      if (step?.hangAfterDeltas !== undefined && index >= step.hangAfterDeltas) await goneOf(sink.signal);
      cut ||= (step?.cutAfterDeltas !== undefined && index >= step.cutAfterDeltas) || sink.signal.aborted;
      return !cut;
    });
    const own = cut
      ? { ...usage, reasoningTokens: 0, outputTokens: estimateTokens(replyCharacters(parts.slice(0, written))) }
      : usage;
    served = add(served, own);
    record({ outcome: cut ? 'cut' : 'complete', served: own });
  };

  return { handle, records, totals: () => served };
}

const shared = createScriptedModel({ keepRecords: false });

/** Answers one request to the model `demo/scripted`, whatever HTTP framework it came through. */
export function handleScriptedRequest(request: ScriptedHttpRequest, sink: ReplySink): Promise<void> {
  return shared.handle(request, sink);
}

function usageOf(request: ModelRequest, parts: readonly ReplyPart[], step: ScriptStep | undefined): TokenUsage {
  return {
    ...NO_TOKENS,
    inputTokens: estimateRequestTokens(request),
    outputTokens: Math.max(1, estimateTokens(replyCharacters(parts))),
    ...step?.usage,
  };
}

async function answer(
  sink: ReplySink,
  response: { status: number; headers: Readonly<Record<string, string>>; body: string },
): Promise<void> {
  sink.head(response.status, response.headers);
  await sink.write(response.body);
  await sink.end();
}

function label(part: ReplyPart): string {
  return part.type === 'tool_call' ? `tool:${part.call.name}` : `text:${part.text.slice(0, 60)}`;
}

function add(left: TokenUsage, right: TokenUsage): TokenUsage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
  };
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

function goneOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
