import {
  Conversation,
  ConversationId,
  HEADER,
  Message,
  MessageId,
  MoleculeError,
  PageQuery,
  PostMessage,
  PostMessageReply,
  pageOf,
} from '@molecule/contracts';
import {
  type ConversationRow,
  type Executor,
  findConversation,
  listConversations,
  listMessages,
  publicConversation,
  publicMessage,
} from '@molecule/store';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { MessageIntake, workspaceOf } from './message-intake.ts';

const WorkspaceParams = z.object({ id: z.string().min(1).max(200) });
const ConversationParams = z.object({ id: ConversationId });
/** `order=newest` reads a conversation from its end backwards; the cursor goes on in the same direction. */
const MessagesQuery = PageQuery.extend({ order: z.enum(['oldest', 'newest']).default('oldest') });
const Key = z.string().min(1).max(255);
const READ = { access: { scope: 'work:read' } } as const;
const WRITE = { access: { scope: 'work:write' } } as const;

/** Messages and conversations of a workspace, named by id or name. Messages are listed oldest first, or newest first when asked, and go on after the cursor. */
export function conversationRoutes(app: App, services: Services): void {
  const intake = new MessageIntake(services);
  app.route({
    method: 'POST',
    url: '/api/v1/workspaces/:id/messages',
    config: WRITE,
    schema: { params: WorkspaceParams, body: PostMessage, response: { 201: PostMessageReply } },
    handler: async (request, reply) =>
      reply.code(201).send(await post(request, request.params.id, request.body.text, request.body.conversationId)),
  });

  app.route({
    method: 'POST',
    url: '/api/v1/conversations/:id/messages',
    config: WRITE,
    schema: {
      params: ConversationParams,
      body: PostMessage.omit({ conversationId: true }),
      response: { 201: PostMessageReply },
    },
    handler: async (request, reply) => {
      const conversation = await conversationOf(services.db, principalOf(request).orgId, request.params.id);
      return reply.code(201).send(await post(request, conversation.workspace_id, request.body.text, conversation.id));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/messages',
    config: READ,
    schema: { params: WorkspaceParams, querystring: MessagesQuery, response: { 200: pageOf(Message) } },
    handler: async (request) => {
      const workspace = await workspaceOf(services.db, principalOf(request).orgId, request.params.id);
      return messagePage(services.db, { workspaceId: workspace.id }, request.query);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/conversations/:id/messages',
    config: READ,
    schema: { params: ConversationParams, querystring: MessagesQuery, response: { 200: pageOf(Message) } },
    handler: async (request) => {
      const conversation = await conversationOf(services.db, principalOf(request).orgId, request.params.id);
      return messagePage(services.db, { conversationId: conversation.id }, request.query);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/conversations',
    config: READ,
    schema: { params: WorkspaceParams, querystring: PageQuery, response: { 200: pageOf(Conversation) } },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      if (cursor !== undefined && !ConversationId.safeParse(cursor).success) throw new MoleculeError('cursor_invalid');
      const workspace = await workspaceOf(services.db, principalOf(request).orgId, request.params.id);
      const rows = await listConversations(services.db, workspace.id, cursor, limit);
      return {
        items: rows.map(publicConversation),
        nextCursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/conversations/:id',
    config: READ,
    schema: { params: ConversationParams, response: { 200: Conversation } },
    handler: async (request) =>
      publicConversation(await conversationOf(services.db, principalOf(request).orgId, request.params.id)),
  });

  async function post(
    request: FastifyRequest,
    ref: string,
    text: string,
    conversationId: string | undefined,
  ): Promise<PostMessageReply> {
    const { orgId, actor } = principalOf(request);
    const idempotencyKey = keyOf(request);
    return intake.take(orgId, ref, {
      text,
      idempotencyKey,
      actor,
      ...(conversationId === undefined ? {} : { conversationId }),
    });
  }
}

function keyOf(request: FastifyRequest): string | null {
  const given = request.headers[HEADER.idempotencyKey];
  if (given === undefined) return null;
  const key = Key.safeParse(given);
  if (!key.success)
    throw new MoleculeError('invalid_request', { params: { detail: 'idempotency-key must have 1 to 255 characters' } });
  return key.data;
}

async function messagePage(
  db: Executor,
  where: { readonly workspaceId: string } | { readonly conversationId: string },
  { limit, cursor, order }: z.infer<typeof MessagesQuery>,
) {
  if (cursor !== undefined && !MessageId.safeParse(cursor).success) throw new MoleculeError('cursor_invalid');
  const rows = await listMessages(db, { ...where, limit, order, ...(cursor === undefined ? {} : { after: cursor }) });
  return { items: rows.map(publicMessage), nextCursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
}

async function conversationOf(db: Executor, orgId: string, id: string): Promise<ConversationRow> {
  const row = await findConversation(db, orgId, id);
  if (row === undefined) throw new MoleculeError('conversation_not_found', { params: { conversation: id } });
  return row;
}
