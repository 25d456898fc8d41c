import type { ServerDescriptor } from '@molecule/contracts';

/** What the different files say, before it is brought into the normal form. */
export interface ManifestShape {
  /** Null: it follows from the source (B29). */
  readonly name: string | null;
  readonly version: string | null;
  readonly title: string | null;
  readonly description: string;
  readonly servers: Readonly<Record<string, ServerDescriptor>>;
  /** Folders that hold skill folders. */
  readonly skillFolders: readonly string[];
  readonly entitlement: 'ordinary' | 'privileged';
  readonly required: boolean;
  readonly serverSettings: Readonly<
    Record<string, { readonly required: boolean; readonly requiredTools: readonly string[] }>
  >;
  readonly instructions: readonly string[];
  readonly setup: {
    readonly command: string;
    readonly args: readonly string[];
    readonly secrets: readonly string[];
  } | null;
  readonly runtimes: readonly string[];
  /** Parts of the package that no workspace can be given; named so that nobody has to guess. */
  readonly dropped: readonly string[];
}

export const PLAIN_SHAPE: ManifestShape = {
  name: null,
  version: null,
  title: null,
  description: '',
  servers: {},
  skillFolders: ['skills'],
  entitlement: 'ordinary',
  required: false,
  serverSettings: {},
  instructions: [],
  setup: null,
  runtimes: [],
  dropped: [],
};
