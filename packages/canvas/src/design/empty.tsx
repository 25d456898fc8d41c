import type { ReactNode } from 'react';

/** What stands where nothing is yet: what this place is for, and the way to fill it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-12 text-center">
      {icon !== undefined && <div className="mb-1 text-ink-3">{icon}</div>}
      <p className="text-base font-medium text-ink">{title}</p>
      {children !== undefined && <div className="text-sm text-ink-2">{children}</div>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  );
}
