import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Section } from '../design/section.tsx';
import { useStore } from '../live/store.ts';
import { chooseTheme, sheet, theme } from '../shell/layout-state.ts';

/** How the page looks to this person. */
export function PageSection() {
  const chosen = useStore(theme);
  return (
    <Section title="Appearance" hint="Kept in this browser.">
      <div className="flex flex-wrap items-center gap-3">
        <div role="group" aria-label="Theme" className="inline-flex rounded-md border border-line-strong p-0.5">
          {(['system', 'light', 'dark'] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={chosen === each}
              onClick={() => chooseTheme(each)}
              className={classes(
                'h-7 rounded-sm px-3 text-sm capitalize max-md:h-9',
                chosen === each ? 'bg-hover font-medium text-ink' : 'text-ink-2 hover:text-ink',
              )}
            >
              {each}
            </button>
          ))}
        </div>
        <Button look="quiet" onClick={() => sheet.set('help')}>
          Keyboard shortcuts
        </Button>
      </div>
    </Section>
  );
}
