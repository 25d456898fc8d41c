import { z } from 'zod';
import { UserId } from '../names/ids.ts';

/** A person of the org, with the browsers in which they are signed in. */
export const Member = z
  .object({
    id: UserId,
    name: z.string(),
    role: z.string(),
    createdAt: z.iso.datetime(),
    /** Live sessions; `current` is the one that asks. */
    sessions: z.array(
      z.object({
        id: z.uuid(),
        createdAt: z.iso.datetime(),
        lastUsedAt: z.iso.datetime().nullable(),
        expiresAt: z.iso.datetime().nullable(),
        current: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;
