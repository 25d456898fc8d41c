/** Declared per runtime and compared with what the tests observed; a claim that was not observed fails the build. */
export interface RuntimeCapabilities {
  /** Structured stream of events during a turn. */
  readonly streaming: boolean;
  readonly resume: boolean;
  readonly cancel: boolean;
  /** The session's process can be kept alive between turns. */
  readonly warm: boolean;
  /** How a changed MCP configuration reaches a running session. */
  readonly reload: 'live' | 'next_turn' | 'new_session';
  /** How a secret is referred to in its configuration; `inherit` = by leaving it in the environment. */
  readonly envReference: '${VAR}' | '{env:VAR}' | 'env_vars' | 'inherit';
  /** The runtime itself fails when a required server is broken. */
  readonly requiredServers: boolean;
  readonly httpServers: boolean;
  /** Wire protocols of models that it can speak, best first. */
  readonly protocols: readonly ('anthropic' | 'openaiResponses' | 'openaiChat' | 'google')[];
  /** `run`: tested with the real binary; `format`: rendered, read and launched by its documented format only. */
  readonly tested: 'run' | 'format';
  /** What makes it load servers and call their tools without asking a person, in a few words for people. */
  readonly trustSwitch?: string;
  readonly testedVersion: string | null;
}
