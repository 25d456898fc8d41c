// Error catalogue → the text of docs/reference/errors.md. Pure: the same catalogue gives the same text.

const INTRODUCTION = `# Errors

Generated from the catalogue in \`packages/contracts/src/errors/catalogue.ts\` by \`npm test -- tests/gates/error-reference.test.ts -u\`. On the wire an
error is \`application/problem+json\` with \`code\`, \`detail\` (the message), \`hint\` and \`requestId\`; on the command line it is the message and the
hint, with \`--json\` \`{"type":"error","code","message","hint"}\`. Codes are stable; the words are not. \`{name}\` is filled in.

| Code | Status | Message | What to do |
|---|---|---|---|
`;

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|');

/** @param {Readonly<Record<string, readonly [status: number, message: string, hint: string]>>} catalogue */
export function errorTable(catalogue) {
  const rows = Object.entries(catalogue).map(
    ([code, [status, message, hint]]) => `| \`${code}\` | ${status} | ${cell(message)} | ${cell(hint)} |\n`,
  );
  return INTRODUCTION + rows.join('');
}
