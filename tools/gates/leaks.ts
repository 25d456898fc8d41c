interface Leak {
  readonly what: string;
  readonly pattern: RegExp;
}

// Written so that no pattern matches its own source.
const LEAKS: readonly Leak[] = [
  { what: 'a path of one machine', pattern: /(?<![\w./@-])\/(?:work|root)\/[\w.]/ },
  { what: 'a package registry host', pattern: /\bregistry\.(?:npmjs|yarnpkg|npmmirror)\.(?:org|com)/ },
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/]{16}/ },
  { what: 'an Anthropic key', pattern: /\bsk-ant-(?:api|oat|admin)\d\d-[\w-]{24,}/ },
  { what: 'an OpenAI key', pattern: /\bsk-(?:proj-)?[A-Za-z0-9]{32,}/ },
  { what: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,})/ },
  { what: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { what: 'a GitLab token', pattern: /\bglpat-[\w-]{20}\b/ },
  { what: 'an AWS key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a Google key', pattern: /\bAIza[\w-]{35}\b/ },
  { what: 'a Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}/ },
];

/** Places where tracked text names a machine's own path, a registry host, or something that looks like a secret (B37, T46). */
export function checkLeaks(files: ReadonlyMap<string, string>): string[] {
  const violations: string[] = [];
  for (const [path, text] of files) {
    for (const { what, pattern } of LEAKS) {
      const found = pattern.exec(text);
      if (found === null) continue;
      const line = text.slice(0, found.index).split('\n').length;
      violations.push(`${path}:${line}: looks like ${what}`);
    }
  }
  return violations;
}
