/** A workspace the user asked for; absent fields were not mentioned. */
export interface WantedWorkspace {
  readonly name: string;
  readonly template?: string;
  readonly runtime?: string;
  readonly model?: string;
  readonly parent?: string;
}

/** One thing the user asked the built-in assistant to do, in the order of the prompt. */
export type AssistantAction =
  | { readonly kind: 'provision'; readonly workspace: WantedWorkspace }
  | { readonly kind: 'provision-unnamed' }
  | { readonly kind: 'list' }
  | { readonly kind: 'templates' }
  | { readonly kind: 'why' | 'status' | 'restart' | 'pause' | 'resume' | 'remove'; readonly name: string }
  | { readonly kind: 'send'; readonly name: string; readonly text: string };
