export interface StopSignal {
  readonly signal: AbortSignal;
  readonly reached: Promise<void>;
  /** Gives the signals back. */
  release(): void;
}

/** SIGINT and SIGTERM ask for a clean stop; a second one ends the process at once. */
export function stopSignal(): StopSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  const release = (): void => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return {
    signal: controller.signal,
    reached: new Promise((done) => controller.signal.addEventListener('abort', () => done())),
    release,
  };
}
