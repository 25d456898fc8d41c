import { verifies } from '@molecule/testkit/verifies';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Markdown } from '../src/chat/markdown.tsx';
import { plainText } from '../src/design/plain-text.ts';

const shown = (text: string): string => renderToStaticMarkup(createElement(Markdown, { text }));

test.for([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<iframe src="https://evil.example"></iframe>',
  '<style>body{display:none}</style>',
  '<svg onload=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:msgbox)',
  '![x](https://evil.example/pixel.png)',
  '![x](javascript:alert(1))',
  '<form action="https://evil.example"><input name=a></form>',
  '[x][r]\n\n[r]: javascript:alert(1)',
  '```html\n<script>alert(1)</script>\n```',
  '| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:1) |',
])(verifies('I6-bad-content', 'is inert in markdown: %s'), (text) => {
  const html = shown(text);
  expect(html).not.toMatch(/<(script|img|iframe|style|svg|form|object|embed|link|meta|base)\b(?![^>]*octicon)/i);
  expect(html).not.toMatch(/<[^>]+\son\w+=/i);
  expect(html).not.toMatch(/(href|src|action)="(javascript|data|vbscript):/i);
});

test(verifies('I6-bad-content', 'a link opens apart and tells the other side nothing'), () => {
  expect(shown('[x](https://a.example/y)')).toContain(
    'href="https://a.example/y" target="_blank" rel="noopener noreferrer nofollow"',
  );
});

test(
  verifies('I6-bad-content', 'terminal sequences, control characters and turned reading direction are taken out'),
  () => {
    expect(
      plainText(
        '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007 \u001b[2J\u001b[1;1Hgone\u0008\u0008',
      ),
    ).toBe('red link gone');
    expect(plainText('invoice\u202efdp.exe')).toBe('invoicefdp.exe');
    expect(plainText('tab\tand\nline\r\n stay')).toBe('tab\tand\nline\r\n stay');
  },
);
