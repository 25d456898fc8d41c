import { z } from 'zod';
import { ModelCheck } from './model.ts';

/** Name of an environment variable. */
export const SecretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'a secret is named like an environment variable')
  .meta({ id: 'SecretName' });

/** What the environment of a process can hold. */
export const SecretValue = z
  .string()
  .min(1)
  .max(65_536)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the zero byte is what is looked for
  .regex(/^[^\u0000]*$/, 'a value cannot hold a zero byte: no process could be given it');

/** A secret as the API shows it: everything but the value. */
export const SecretInfo = z
  .object({
    id: z.uuid(),
    name: SecretName,
    /** Null = a secret of the org, which goes to the workspaces it was granted to. */
    workspaceId: z.uuid().nullable(),
    /** `platform`: written by the control plane itself, e.g. the provider pin. */
    origin: z.enum(['customer', 'platform']),
    /** `box`: in the agent's environment. `gateway`: a model provider's key or address, used on the server alone. */
    use: z.enum(['box', 'gateway']),
    /** Rises with each new value. */
    version: z.int(),
    /** Workspaces that get a secret of the org. */
    grants: z.array(z.uuid()),
    createdBy: z.string(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'SecretInfo' });
export type SecretInfo = z.infer<typeof SecretInfo>;

export const SetSecret = z
  .object({
    name: SecretName,
    value: SecretValue,
    /** Workspaces that get it, by id or name; for secrets of the org. Absent = the grants stay as they are. */
    grants: z.array(z.string().min(1).max(200)).max(500).optional(),
    /** Store a provider's key even when the trial call says that it does not work. */
    force: z.boolean().default(false),
  })
  .strict()
  .meta({ id: 'SetSecret' });
export type SetSecret = z.input<typeof SetSecret>;

/** Answer to a set: `check` is the trial call, when the secret is a model provider's. */
export const StoredSecret = SecretInfo.extend({ check: ModelCheck.nullable() }).meta({ id: 'StoredSecret' });
export type StoredSecret = z.infer<typeof StoredSecret>;

/** What a box fetches when its desired state has changed. */
export const BoxSecrets = z.object({ secrets: z.record(z.string(), z.string()) }).meta({ id: 'BoxSecrets' });
export type BoxSecrets = z.infer<typeof BoxSecrets>;
