/** Rows as columns of equal width, for people. Control characters of agents are shown, never obeyed. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => inert(cell)));
  const widths = header.map((title, column) => Math.max(title.length, ...clean.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(header), ...clean.map(line)].join('\n');
}

/** Replaces control characters, so that a name or a message cannot steer the terminal. Line ends and tabs stay when `keepLines` is set. */
export function inert(text: string, keepLines = false): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => (keepLines && (c === '\n' || c === '\t') ? c : '\ufffd'));
}
