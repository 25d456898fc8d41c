import { readFileSync } from 'node:fs';

/**
 * Where the control plane is: a fixed address, or a file `{"url": "http://…"}` that the control plane writes at its start. It may come back
 * on another port, so the file is read again whenever a connection fails.
 */
export class ControlPlaneAddress {
  readonly #file: string | null;
  #url: string | null;

  constructor(source: { readonly url: string } | { readonly file: string }) {
    this.#file = 'file' in source ? source.file : null;
    this.#url = 'url' in source ? withoutSlash(source.url) : null;
  }

  /** Address without a trailing slash; null while the file does not exist or is not whole. */
  current(): string | null {
    if (this.#url === null) this.refresh();
    return this.#url;
  }

  /** Reads the file again. True when the address changed. */
  refresh(): boolean {
    if (this.#file === null) return false;
    const before = this.#url;
    try {
      const { url } = JSON.parse(readFileSync(this.#file, 'utf8')) as { url?: unknown };
      if (typeof url === 'string' && URL.canParse(url)) this.#url = withoutSlash(url);
    } catch {
      // Not there yet, or half written: the next attempt reads it again.
    }
    return this.#url !== before;
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
