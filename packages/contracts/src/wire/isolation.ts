import { z } from 'zod';

const Enforcement = z.enum(['enforced', 'not_enforced']);

/** What a wall keeps apart: the machine's files, other processes, the network, other users. */
export const WALLS = ['filesystem', 'processes', 'network', 'user'] as const;

/** How a box is separated from its machine: by which means at first, and what is really in force once somebody tried to break out. */
export const Isolation = z
  .discriminatedUnion('measured', [
    z.object({
      measured: z.literal(false),
      backend: z.string().max(50),
      mechanism: z.string().max(50),
      /** What the means cannot do on this machine, in words. */
      shortfall: z.string().max(2000).nullable(),
    }),
    z.object({
      measured: z.literal(true),
      backend: z.string().max(50),
      mechanism: z.string().max(50),
      filesystem: Enforcement,
      processes: Enforcement,
      network: Enforcement,
      user: Enforcement,
      /** What was possible and should not have been. */
      reason: z.string().max(4000).optional(),
      /** What the operator can do about it. */
      hint: z.string().max(2000).optional(),
    }),
  ])
  .meta({ id: 'Isolation' });
export type Isolation = z.infer<typeof Isolation>;
export type MeasuredIsolation = Extract<Isolation, { measured: true }>;
