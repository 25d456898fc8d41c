import type { Signal, Workspace } from '../api/wire.generated.ts';

export type Tone = 'green' | 'amber' | 'red' | 'blue' | 'grey';

export const STATUS: Readonly<
  Record<Workspace['status'], { readonly label: string; readonly tone: Tone; readonly meaning: string }>
> = {
  provisioning: { label: 'Provisioning', tone: 'blue', meaning: 'A box is being made.' },
  booting: { label: 'Booting', tone: 'blue', meaning: 'The box runs and proves what it can do.' },
  online: { label: 'Online', tone: 'green', meaning: 'Everything it needs was proved.' },
  degraded: { label: 'Degraded', tone: 'amber', meaning: 'It runs, but something it needs is missing.' },
  failed: { label: 'Failed', tone: 'red', meaning: 'It could not start.' },
  offline: { label: 'Offline', tone: 'red', meaning: 'Its box has not been heard of.' },
  paused: { label: 'Paused', tone: 'grey', meaning: 'Somebody paused it; it stays so until resumed.' },
  hibernated: { label: 'Asleep', tone: 'grey', meaning: 'Idle; a message wakes it.' },
  removed: { label: 'Removed', tone: 'grey', meaning: 'Deleted for good.' },
};

/** It does not run, because somebody or something put it to rest. */
export function isResting(status: Workspace['status']): boolean {
  return status === 'paused' || status === 'hibernated' || status === 'removed';
}

export const SIGNALS = [
  { key: 'responsiveness', label: 'Responsiveness', question: 'Can it run a turn?' },
  { key: 'capability', label: 'Capability', question: 'Are its tools there and live?' },
  { key: 'identity', label: 'Identity', question: 'Did its persona arrive?' },
] as const;

export const SIGNAL_TONE: Readonly<Record<Signal['status'], Tone>> = {
  ok: 'green',
  warning: 'amber',
  failed: 'red',
  unknown: 'grey',
};
export const SIGNAL_LABEL: Readonly<Record<Signal['status'], string>> = {
  ok: 'ok',
  warning: 'with a reservation',
  failed: 'failed',
  unknown: 'not known yet',
};

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  green: 'text-green',
  amber: 'text-amber',
  red: 'text-red',
  blue: 'text-blue',
  grey: 'text-ink-3',
};
export const TONE_SOFT: Readonly<Record<Tone, string>> = {
  green: 'bg-green-soft',
  amber: 'bg-amber-soft',
  red: 'bg-red-soft',
  blue: 'bg-blue-soft',
  grey: 'bg-hover',
};

/** A reason code for people: `mcp_server_missing` reads "mcp server missing". */
export function readable(code: string): string {
  return code.replaceAll(/[._]/g, ' ');
}
