import { newId } from '@molecule/contracts';
import type { ProtocolId } from '@molecule/models';
import { type ScriptedServer, type ScriptedServerOptions, startScriptedServer } from '@molecule/models/server';
import { mintToken } from '@molecule/store';
import { onTestFinished } from 'vitest';
import { call, type Plane, type PlaneOptions, startPlane } from '../plane.ts';
import { upstreamsOf } from './upstreams-of.ts';

export interface GatewayHouse extends Plane {
  readonly upstream: ScriptedServer;
  /** An ordinary workspace and the token that its box would have. */
  box(name: string, model?: string): Promise<TestCaller>;
}

export interface TestCaller {
  readonly workspaceId: string;
  readonly tokenId: string;
  readonly token: string;
}

/** A control plane whose providers are a scripted model server on loopback. */
export async function startGateway(
  options: ScriptedServerOptions = {},
  plane: PlaneOptions = {},
): Promise<GatewayHouse> {
  const upstream = await startScriptedServer(options);
  onTestFinished(() => upstream.close());
  const made = await startPlane({ upstreams: upstreamsOf(upstream.url), ...plane });
  // The tests have no box host: workspaces are rows.
  return { ...made, upstream, box: (name, model = 'anthropic/claude-sonnet-4-5') => boxOf(made, name, model) };
}

async function boxOf(plane: Plane, name: string, model: string): Promise<TestCaller> {
  const id = newId();
  const bootId = newId();
  await plane.db
    .insertInto('workspaces')
    .values({
      id,
      org_id: plane.orgId,
      name,
      kind: 'workspace',
      parent_id: plane.concierge,
      runtime: 'test-runtime',
      model,
      model_origin: 'customer',
      created_by: 'test',
      boot_id: bootId,
      status: 'online',
    })
    .execute();
  const made = await mintToken(plane.db, {
    orgId: plane.orgId,
    kind: 'box',
    name: 'box',
    scopes: ['box:run', 'llm:use'],
    box: { workspaceId: id, workspaceKind: 'workspace', bootId },
  });
  return { workspaceId: id, tokenId: made.id, token: made.value };
}

export interface ModelRequestLine {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
}

/** A plain request in a protocol, as a vendor's own client would send it. */
export function requestOf(
  protocol: ProtocolId,
  text: string,
  stream: boolean,
  model: string | null = null,
): ModelRequestLine {
  const named = (own: string): string => model ?? own;
  const messages = [{ role: 'user', content: text }];
  switch (protocol) {
    case 'anthropic':
      return {
        path: '/llm/anthropic/v1/messages',
        headers: { 'anthropic-version': '2023-06-01' },
        body: { model: named('claude-sonnet-4-5'), max_tokens: 64, stream, messages },
      };
    case 'openai-chat':
      return {
        path: '/llm/openai/v1/chat/completions',
        headers: {},
        body: { model: named('gpt-5.1'), stream, messages },
      };
    case 'openai-responses':
      return { path: '/llm/openai/v1/responses', headers: {}, body: { model: named('gpt-5.1'), stream, input: text } };
    case 'google':
      return {
        path: `/llm/google/v1beta/models/${named('gemini-2.5-flash')}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        headers: {},
        body: { contents: [{ role: 'user', parts: [{ text }] }] },
      };
  }
}

/** The model whose provider speaks a protocol. */
export const MODEL_FOR: Record<ProtocolId, string> = {
  anthropic: 'anthropic/claude-sonnet-4-5',
  'openai-chat': 'openai/gpt-5.1',
  'openai-responses': 'openai/gpt-5.1',
  google: 'google/gemini-2.5-flash',
};

export function send(url: string, token: string, line: ModelRequestLine, signal?: AbortSignal): Promise<Response> {
  return fetch(url + line.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...line.headers },
    body: JSON.stringify(line.body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The usage total that the API tells, of a workspace or of the org. */
export async function usageTotal(plane: Plane, workspaceId?: string): Promise<Record<string, number>> {
  const answer = await call(
    plane.url,
    plane.ownerToken,
    'GET',
    `/api/v1/usage${workspaceId === undefined ? '' : `?workspace=${workspaceId}`}`,
  );
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body.total;
}
