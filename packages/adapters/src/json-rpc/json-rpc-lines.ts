import { z } from 'zod';

/** One JSON-RPC message of a line. Answers carry `id` without `method`; requests of the other side carry both. */
const Message = z.object({
  id: z.union([z.string(), z.number()]).nullish(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number().optional(), message: z.string(), data: z.unknown().optional() }).optional(),
});
export type RpcMessage = z.infer<typeof Message>;

/** Null for a line that is no JSON-RPC message: some runtimes print other things as well. */
export function parseRpcLine(text: string): RpcMessage | null {
  try {
    return Message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function rpcRequest(id: string, method: string, params: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
}

export function rpcNotification(method: string, params: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`;
}

export function rpcResult(id: string | number, result: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`;
}

/** Answer to a request of the other side that we do not serve. */
export function rpcRefusal(id: string | number, method: string): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: `${method} is not available here` } })}\n`;
}
