import { z } from 'zod';

/** A named bundle of configuration, persona and plugin declarations from which a workspace is created. */
export const Template = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    kind: z.enum(['workspace', 'platform']),
    runtime: z.string().nullable(),
    model: z.string().nullable(),
    plugins: z.array(z.object({ name: z.string(), source: z.string() })),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof Template>;
