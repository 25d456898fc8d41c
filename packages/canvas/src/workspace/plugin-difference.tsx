import type { PluginDifference } from '../api/wire.generated.ts';
import { plainText } from '../design/plain-text.ts';

/** What a version of a plugin brings, takes away and changes, for people to read before they say yes. */
export function PluginDifferenceView({ difference }: { readonly difference: PluginDifference }) {
  const { version, servers, permissions, skills, files } = difference;
  const changedFiles = [
    ...files.added.map((path) => ['+', path] as const),
    ...files.removed.map((path) => ['−', path] as const),
    ...files.changed.map((path) => ['~', path] as const),
  ];
  const groups = [
    ['Asks for', signed(permissions)],
    [
      'Servers',
      [...signed(servers), ...servers.changed.map(({ name, what }) => ['~', `${name}: ${what.join('; ')}`] as const)],
    ],
    ['Skills', signed(skills)],
    ['Instructions', difference.instructionsChanged ? [['~', 'the text that the agent is given'] as const] : []],
  ] as const;
  const empty = groups.every(([, lines]) => lines.length === 0) && changedFiles.length === 0;
  return (
    <div className="hairline divide-y divide-line rounded-lg text-xs">
      {version.from !== version.to && version.from !== null && (
        <p className="px-3.5 py-2">
          Version {plainText(version.from)} becomes {plainText(version.to ?? 'one without a number')}.
        </p>
      )}
      {empty && <p className="px-3.5 py-2 text-ink-2">Nothing changes: it is there in this very version.</p>}
      {groups
        .filter(([, lines]) => lines.length > 0)
        .map(([title, lines]) => (
          <div key={title} className="flex gap-3 px-3.5 py-2 max-md:flex-col max-md:gap-0.5">
            <p className="w-20 shrink-0 text-ink-2">{title}</p>
            <Lines lines={lines} />
          </div>
        ))}
      {changedFiles.length > 0 && (
        <details className="px-3.5 py-2">
          <summary className="text-ink-2">
            {changedFiles.length + files.more} {changedFiles.length + files.more === 1 ? 'file' : 'files'}
          </summary>
          <div className="mt-1.5 max-h-48 overflow-y-auto" tabIndex={0} role="region" aria-label="Files">
            <Lines lines={changedFiles} />
            {files.more > 0 && <p className="text-ink-2">and {files.more} more</p>}
          </div>
        </details>
      )}
    </div>
  );
}

const WORD = { '+': 'added', '−': 'removed', '~': 'changed' } as const;
const TONE = { '+': 'text-green', '−': 'text-red', '~': 'text-amber' } as const;

function Lines({ lines }: { readonly lines: readonly (readonly [keyof typeof WORD, string])[] }) {
  return (
    <ul className="min-w-0 flex-1 font-mono">
      {lines.map(([sign, text]) => (
        <li key={`${sign}${text}`} className="flex gap-2 break-all">
          <span className={TONE[sign]}>
            <span aria-hidden="true">{sign}</span>
            <span className="sr-only">{WORD[sign]}</span>
          </span>
          {plainText(text)}
        </li>
      ))}
    </ul>
  );
}

function signed({ added, removed }: { readonly added: readonly string[]; readonly removed: readonly string[] }) {
  return [...added.map((each) => ['+', each] as const), ...removed.map((each) => ['−', each] as const)];
}
