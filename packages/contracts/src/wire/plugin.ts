import { z } from 'zod';
import { PluginName, ServerName } from '../names/ids.ts';
import { ServerDescriptor } from './descriptor.ts';

/** A plugin's manifest in our one normal form, whatever file it was read from. Stored with the artifact. */
export const PluginManifest = z
  .object({
    name: PluginName,
    version: z.string().max(100).nullable(),
    title: z.string().max(200),
    description: z.string().max(4000),
    /** `privileged`: only the concierge may have it. The catalogue decides; a manifest can only ask for more guard, never for less. */
    entitlement: z.enum(['ordinary', 'privileged']),
    /** The workspace fails closed without it. */
    required: z.boolean(),
    servers: z.array(
      z.object({
        name: ServerName,
        descriptor: ServerDescriptor,
        required: z.boolean(),
        requiredTools: z.array(z.string()),
      }),
    ),
    /** Skill folders inside the package, each with a SKILL.md. */
    skills: z.array(z.object({ name: z.string(), path: z.string() })),
    /** Instruction files of the package with their text. */
    instructions: z.array(z.object({ path: z.string(), text: z.string() })),
    setup: z.object({ command: z.string(), args: z.array(z.string()), secrets: z.array(z.string()) }).nullable(),
    /** Runtimes it is made for; empty = any. */
    runtimes: z.array(z.string()),
    /** Parts of the package that a workspace cannot be given, e.g. hooks of one runtime. */
    dropped: z.array(z.string()).default([]),
  })
  .meta({ id: 'PluginManifest' });
export type PluginManifest = z.infer<typeof PluginManifest>;
