import type { Isolation } from '../api/wire.generated.ts';
import { plainText } from '../design/plain-text.ts';
import { Tag } from '../design/tag.tsx';

const WALLS = [
  ['filesystem', 'Files outside its folder'],
  ['processes', 'Other processes'],
  ['network', 'Addresses it is not allowed'],
  ['user', 'Other users'],
] as const;

/** What keeps the box apart from its machine. Before it was measured only the means are known, and nothing is claimed of them. */
export function IsolationWalls({ isolation }: { readonly isolation: Isolation }) {
  const means = isolation.mechanism === 'none' ? 'Nothing' : plainText(isolation.mechanism);
  return (
    <div className="hairline rounded-lg px-4 py-3">
      <p className="text-ink-2">
        By: {means}. {isolation.measured ? 'Measured by trying to break out.' : 'Not measured yet.'}
      </p>
      {isolation.measured && (
        <ul className="mt-2 flex flex-wrap gap-2">
          {WALLS.map(([wall, label]) => (
            <li key={wall}>
              <Tag tone={isolation[wall] === 'enforced' ? 'green' : 'red'}>
                {label}: {isolation[wall] === 'enforced' ? 'out of reach' : 'within reach'}
              </Tag>
            </li>
          ))}
        </ul>
      )}
      {!isolation.measured && isolation.shortfall !== null && (
        <p className="mt-1 break-words">{plainText(isolation.shortfall)}</p>
      )}
      {isolation.measured && isolation.reason !== undefined && (
        <p className="mt-2 break-words text-red">{plainText(isolation.reason)}</p>
      )}
      {isolation.measured && isolation.hint !== undefined && (
        <p className="mt-1 break-words">Next: {plainText(isolation.hint)}</p>
      )}
    </div>
  );
}
