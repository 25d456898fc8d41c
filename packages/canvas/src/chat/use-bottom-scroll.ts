import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** This close to the end counts as reading along. */
const NEAR_PX = 80;
/** Where the entry that is read is looked for, from the upper edge. */
const LOOK_AT_PX = [8, 48, 96, 160, 240];

/**
 * Keeps a growing list at its end while the reader is there, and the entry that is read where it is otherwise, whatever comes in or goes above and below it. Entries carry
 * `data-entry`.
 * @param entries changes whenever entries came or went
 * @param atEnd false when later entries exist that are not in the list: its end is not the end
 */
export function useBottomScroll(
  key: string | null,
  entries: string,
  atEnd: boolean,
): {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly away: boolean;
  readonly nearEnd: boolean;
  onScroll(): void;
  toBottom(): void;
} {
  const ref = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const read = useRef<{ readonly id: string; readonly top: number }>(null);
  const [away, setAway] = useState(false);
  const [nearEnd, setNearEnd] = useState(true);
  const toBottom = useCallback(() => {
    following.current = true;
    setAway(false);
    ref.current?.scrollTo({ top: ref.current.scrollHeight });
  }, []);
  const note = useCallback(() => {
    const element = ref.current;
    if (element === null) return;
    const { left, top, width } = element.getBoundingClientRect();
    for (const below of LOOK_AT_PX) {
      const hit = document.elementFromPoint(left + width / 2, top + below)?.closest<HTMLElement>('[data-entry]');
      if (hit == null || !element.contains(hit)) continue;
      read.current = { id: hit.dataset['entry'] ?? '', top: hit.getBoundingClientRect().top };
      return;
    }
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when these change, and only then
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    if (following.current && atEnd) element.scrollTop = element.scrollHeight;
    else if (read.current !== null) {
      const entry = element.querySelector(`[data-entry="${CSS.escape(read.current.id)}"]`);
      if (entry !== null) element.scrollTop += entry.getBoundingClientRect().top - read.current.top;
    }
    setNearEnd(isNearEnd(element));
    note();
  }, [entries]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when these change, and only then
  useLayoutEffect(toBottom, [key, toBottom]);
  // Text that streams in, cards that open and fonts that arrive change the height without a new entry.
  useEffect(() => {
    const content = ref.current?.firstElementChild;
    if (content == null) return;
    const observer = new ResizeObserver(() => {
      if (following.current && ref.current !== null) ref.current.scrollTop = ref.current.scrollHeight;
    });
    observer.observe(content);
    return () => observer.disconnect();
  }, []);

  const onScroll = useCallback(() => {
    const element = ref.current;
    if (element === null) return;
    const near = isNearEnd(element);
    following.current = near && atEnd;
    setNearEnd(near);
    setAway(!following.current);
    note();
  }, [note, atEnd]);
  return { ref, away, nearEnd, onScroll, toBottom };
}

function isNearEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight < NEAR_PX;
}
