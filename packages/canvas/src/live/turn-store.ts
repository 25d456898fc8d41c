import { useSyncExternalStore } from 'react';
import type { TurnEvent } from '../api/wire.generated.ts';
import { foldTurn, type Turn } from './turns.ts';

/** Running turns by task. Kept until the finished message has arrived, so that the text never blinks. */
const turns = new Map<string, Turn>();
const listeners = new Map<string, Set<() => void>>();
const dirty = new Set<string>();
// biome-ignore lint/correctness/noUnusedVariables: read by `??=`: one frame at a time
let frame: number | undefined;

/** Takes in a batch; those who watch are told once per frame, however many events a second come. */
export function noteTurn(
  taskId: string,
  batch: { readonly attempt: number; readonly from: number; readonly events: readonly TurnEvent[] },
): void {
  turns.set(taskId, foldTurn(turns.get(taskId), batch));
  tell(taskId);
}

export function dropTurn(taskId: string): void {
  if (turns.delete(taskId)) tell(taskId);
}

export function dropAllTurns(): void {
  for (const taskId of [...turns.keys()]) dropTurn(taskId);
}

export function useTurn(taskId: string | null): Turn | undefined {
  return useSyncExternalStore(
    (listener) => {
      if (taskId === null) return () => {};
      const own = listeners.get(taskId) ?? new Set();
      listeners.set(taskId, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0) listeners.delete(taskId);
      };
    },
    () => (taskId === null ? undefined : turns.get(taskId)),
  );
}

function tell(taskId: string): void {
  if (!listeners.has(taskId)) return;
  dirty.add(taskId);
  // A hidden page gets no frames; it is told when it is looked at again.
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    const told = [...dirty];
    dirty.clear();
    for (const id of told) for (const listener of listeners.get(id) ?? []) listener();
  });
}
