import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { TONE_SOFT, TONE_TEXT, type Tone } from './status.ts';

export function Tag({
  tone = 'grey',
  children,
  title,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly title?: string;
}) {
  return (
    <span
      title={title}
      className={classes(
        'inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-2xs font-medium whitespace-nowrap',
        TONE_SOFT[tone],
        tone === 'grey' ? 'text-ink-2' : TONE_TEXT[tone],
      )}
    >
      {children}
    </span>
  );
}
