import { useState } from 'react';

export interface Bar {
  /** When or what it stands for, in words. */
  readonly label: string;
  readonly value: number;
}

const WIDTH = 640;
const HEIGHT = 132;
const GAP = 0.22;

/** Bars over time, with the value under the pointer in words. For screen readers it is a table. */
export function BarChart({
  title,
  bars,
  format,
}: {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
}) {
  const [pointed, setPointed] = useState<number | null>(null);
  const highest = niceCeiling(Math.max(...bars.map(({ value }) => value)));
  const step = WIDTH / Math.max(1, bars.length);
  const shown = pointed === null ? undefined : bars[pointed];
  return (
    <figure>
      <div className="flex items-baseline justify-between gap-4 text-xs text-ink-2">
        <span className="tabular">{format(highest)}</span>
        <span aria-hidden="true" className="tabular text-ink">
          {shown !== undefined && `${shown.label}: ${format(shown.value)}`}
        </span>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="mt-1 block h-33 w-full"
        onPointerLeave={() => setPointed(null)}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const at = Math.floor(((event.clientX - box.left) / box.width) * bars.length);
          setPointed(Math.min(bars.length - 1, Math.max(0, at)));
        }}
      >
        {[0, 0.5].map((part) => (
          <line
            key={part}
            x1="0"
            x2={WIDTH}
            y1={HEIGHT * part + 0.5}
            y2={HEIGHT * part + 0.5}
            vectorEffect="non-scaling-stroke"
            className="stroke-line"
          />
        ))}
        <line
          x1="0"
          x2={WIDTH}
          y1={HEIGHT - 0.5}
          y2={HEIGHT - 0.5}
          vectorEffect="non-scaling-stroke"
          className="stroke-line-strong"
        />
        {bars.map(({ label, value }, index) => {
          const height = highest === 0 ? 0 : Math.max(value > 0 ? 2 : 0, (value / highest) * (HEIGHT - 1));
          return (
            <rect
              key={label}
              x={index * step + (step * GAP) / 2}
              width={step * (1 - GAP)}
              y={HEIGHT - height}
              height={height}
              className={index === pointed ? 'fill-ink' : 'fill-blue'}
            />
          );
        })}
      </svg>
      <div aria-hidden="true" className="mt-1 flex justify-between text-2xs text-ink-2">
        <span>{bars[0]?.label}</span>
        <span>{bars.at(-1)?.label}</span>
      </div>
      <table className="sr-only">
        <caption>{title}</caption>
        <tbody>
          {bars
            .filter(({ value }) => value > 0)
            .map(({ label, value }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td>{format(value)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}

/** The next of 1, 2 and 5 times a power of ten, so that the top of the scale reads well. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}
