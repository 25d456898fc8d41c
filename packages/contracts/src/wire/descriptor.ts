import { z } from 'zod';

/**
 * Runtime-neutral description of an MCP server (B64). Values may hold `${VAR}` and `${secret:NAME}` references and never a
 * secret itself (B37).
 */
export const StdioDescriptor = z
  .object({
    type: z.literal('stdio').default('stdio'),
    command: z.string().min(1),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
  })
  .strict();
export const HttpDescriptor = z
  .object({
    type: z.literal('http'),
    url: z.string().min(1),
    headers: z.record(z.string(), z.string()).default({}),
  })
  .strict();
export const ServerDescriptor = z.union([HttpDescriptor, StdioDescriptor]).meta({ id: 'ServerDescriptor' });
export type ServerDescriptor = z.infer<typeof ServerDescriptor>;
export type StdioDescriptor = z.infer<typeof StdioDescriptor>;
export type HttpDescriptor = z.infer<typeof HttpDescriptor>;
