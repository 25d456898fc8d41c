import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** This close to the end counts as reading along. */
const NEAR_PX = 80;

/** Keeps a growing list at its end while the reader is there, and where the reader is otherwise, also when older entries come in above. */
export function useBottomScroll(
  key: string | null,
  length: number,
  loadingAbove: boolean,
): { readonly ref: RefObject<HTMLDivElement | null>; readonly away: boolean; onScroll(): void; toBottom(): void } {
  const ref = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const heightBefore = useRef(0);
  const [away, setAway] = useState(false);
  const toBottom = useCallback(() => {
    following.current = true;
    setAway(false);
    ref.current?.scrollTo({ top: ref.current.scrollHeight });
  }, []);

  useLayoutEffect(() => {
    if (loadingAbove) heightBefore.current = ref.current?.scrollHeight ?? 0;
  }, [loadingAbove]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when these change, and only then
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    if (following.current) element.scrollTop = element.scrollHeight;
    else if (heightBefore.current > 0) element.scrollTop += element.scrollHeight - heightBefore.current;
    heightBefore.current = 0;
  }, [length]);
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
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    setAway(!following.current);
  }, []);
  return { ref, away, onScroll, toBottom };
}
