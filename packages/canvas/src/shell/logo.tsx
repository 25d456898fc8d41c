export function Logo({ size = 28 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="shrink-0">
      <rect width="32" height="32" rx="8" className="fill-solid" />
      <g className="stroke-on-solid" strokeWidth="2">
        <path d="M16 15 9 21.5M16 15l7 6.500M16 15V8" />
      </g>
      <g className="fill-on-solid">
        <circle cx="16" cy="15" r="4" />
        <circle cx="9" cy="21.5" r="2.6" />
        <circle cx="23" cy="21.5" r="2.6" />
        <circle cx="16" cy="7.5" r="2.6" />
      </g>
    </svg>
  );
}
