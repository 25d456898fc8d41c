import type { ErrorKind } from '@molecule/models';
import type { UpstreamOutcome } from './upstream-call.ts';

/** A provider that gave no answer, in the words of the protocols and for people. */
export function failureText(
  name: string,
  failed: Extract<UpstreamOutcome, { kind: 'failed' }>,
): { readonly kind: ErrorKind; readonly message: string } {
  const { reason, detail } = failed;
  switch (reason) {
    case 'paused':
      return { kind: 'overload', message: `${name} is left alone for a moment: ${detail}.` };
    case 'timeout':
      return { kind: 'timeout', message: `${name} gave ${detail}.` };
    case 'address':
      return { kind: 'forbidden', message: `The address of ${name} is refused: ${detail}.` };
    case 'unreachable':
      return { kind: 'upstream', message: `${name} cannot be reached (${detail}).` };
    case 'broken':
      return { kind: 'upstream', message: `The connection to ${name} broke (${detail}).` };
  }
}
