import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'react';
import { theme } from '../../shell/layout-state.ts';
import { styleByObjects } from './style-objects.ts';
import { type LineState, TerminalLine } from './terminal-line.ts';

const SCROLLBACK_LINES = 5_000;
const RESIZE_SETTLE_MS = 120;

/** A terminal on the screen, for as long as it is shown; the shell lives on in its box. */
export function TerminalScreen({
  workspaceId,
  terminalId,
  onState,
  onLeave,
}: {
  readonly workspaceId: string;
  readonly terminalId: string;
  readonly onState: (state: LineState) => void;
  /** Asked for by key, because all other keys go to the shell. */
  readonly onLeave: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const told = useRef({ onState, onLeave });
  told.current = { onState, onLeave };
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const unstyle = styleByObjects();
    const screen = new Terminal({
      scrollback: SCROLLBACK_LINES,
      fontFamily: '"Geist Mono", ui-monospace, Menlo, monospace',
      fontSize: 13,
      lineHeight: 1.25,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      // Colours of programs are made for dark screens; this keeps them readable on both.
      minimumContrastRatio: 4.5,
      theme: themeOf(element),
      // Links that an agent wrote lead nowhere.
      linkHandler: { activate: () => undefined },
    });
    const fit = new FitAddon();
    screen.loadAddon(fit);
    screen.open(element);
    const line = new TerminalLine({
      workspaceId,
      terminalId,
      onState: (state) => told.current.onState(state),
      onOutput: (bytes, missed) =>
        new Promise((resolve) => {
          if (missed) screen.write('\r\n\u001b[2m[older output is no longer kept]\u001b[22m\r\n');
          screen.write(bytes, resolve);
        }),
    });
    screen.attachCustomKeyEventHandler((event) => {
      if (event.type !== 'keydown' || !event.ctrlKey || !event.shiftKey || event.code !== 'KeyE') return true;
      event.preventDefault();
      told.current.onLeave();
      return false;
    });
    screen.onData((text) => line.type(text));
    screen.onResize(({ cols, rows }) => line.resize(cols, rows));
    const fitNow = (): void => {
      if (element.clientWidth > 0) fit.fit();
    };
    // Keys belong to the shell while it has the focus; the page's own shortcuts rest.
    const keep = (event: KeyboardEvent): void => event.stopPropagation();
    element.addEventListener('keydown', keep);
    let settle: ReturnType<typeof setTimeout> | undefined;
    const sizes = new ResizeObserver(() => {
      clearTimeout(settle);
      settle = setTimeout(fitNow, RESIZE_SETTLE_MS);
    });
    sizes.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    let frame = 0;
    // The choice is told before the page has its new colours.
    const repaint = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        screen.options.theme = themeOf(element);
      });
    };
    dark.addEventListener('change', repaint);
    const leaveTheme = theme.subscribe(repaint);
    void document.fonts.ready.then(() => {
      fitNow();
      line.resize(screen.cols, screen.rows);
    });
    screen.focus();
    return () => {
      clearTimeout(settle);
      sizes.disconnect();
      dark.removeEventListener('change', repaint);
      leaveTheme();
      cancelAnimationFrame(frame);
      element.removeEventListener('keydown', keep);
      line.close();
      screen.dispose();
      unstyle();
    };
  }, [workspaceId, terminalId]);
  return (
    <div
      ref={place}
      data-terminal=""
      className="h-full min-h-0 w-full overflow-hidden bg-sunken px-2 py-1.5 text-ink"
    />
  );
}

/** The page's own colours, as the browser has worked them out for the theme in force. */
function themeOf(element: HTMLElement) {
  const { backgroundColor, color } = getComputedStyle(element);
  return { background: backgroundColor, foreground: color, cursor: color, cursorAccent: backgroundColor };
}
