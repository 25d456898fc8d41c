/** The control plane gave no usable answer: it is down, restarting, or something else listens at its address. Trying again later can help. */
export class ControlPlaneUnavailable extends Error {
  override readonly name = 'ControlPlaneUnavailable';
  /** True when the request certainly had no effect, so that even one that must not run twice may be sent again. */
  readonly isUnsent: boolean;

  constructor(detail: string, options: { readonly cause?: unknown; readonly isUnsent: boolean }) {
    super(`The control plane cannot be reached: ${detail}`, { cause: options.cause });
    this.isUnsent = options.isUnsent;
  }
}
