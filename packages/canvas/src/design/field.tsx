import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes } from 'react';
import { classes } from './classes.ts';

const BOX = 'h-9 w-full rounded-md border border-field bg-surface pl-2.5 text-sm text-ink max-md:h-11 max-md:text-lg';

export function Field({
  label,
  hint,
  children,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child that is given
    <label className="flex flex-col gap-1">
      <span className="text-xs font-medium text-ink">{label}</span>
      {children}
      {hint !== undefined && <span className="text-xs text-ink-2">{hint}</span>}
    </label>
  );
}

export function TextInput({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return (
    <input type="text" autoComplete="off" spellCheck={false} {...rest} className={classes(BOX, 'pr-2.5', className)} />
  );
}

export function Choice({ className, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return <select {...rest} className={classes(BOX, className)} />;
}
