import { fieldsOf } from '../loose-json.ts';

/**
 * The body with `stream_options.include_usage` set: a Chat Completions stream carries no usage unless asked. The same object comes
 * back when it already asks or does not stream. Clients that did not ask get one extra chunk without choices, which the protocol allows.
 */
export function withStreamUsage(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const options = fieldsOf(body['stream_options']);
  if (body['stream'] !== true || options['include_usage'] === true) return body;
  return { ...body, stream_options: { ...options, include_usage: true } };
}
