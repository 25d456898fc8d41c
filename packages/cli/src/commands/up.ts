import { resolve } from 'node:path';
import { dataDir, defaultDataDir } from '../installation/data-dir.ts';
import { startInstallation } from '../installation/start-installation.ts';
import { stopSignal } from '../installation/stop-signal.ts';
import type { Printer } from '../output/printer.ts';
import { Steps } from '../output/steps.ts';

export interface UpFlags {
  readonly port: number;
  readonly host: string;
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  readonly runtime?: string;
  readonly model?: string;
  readonly concierge: boolean;
}

/**
 * Starts everything and stays in the foreground until SIGINT or SIGTERM. A second start on the same data directory finds everything as it was; a box
 * host that outlived a killed control plane is adopted with its boxes.
 */
export async function up(flags: UpFlags, printer: Printer): Promise<void> {
  const started = performance.now();
  const stop = stopSignal();
  const steps = new Steps(printer);
  try {
    const installation = await startInstallation(
      { ...flags, dir: dataDir(resolve(flags.dataDir ?? defaultDataDir())), env: process.env, signal: stop.signal },
      steps,
    );
    try {
      const { url, tokens, signInUrl, choice, concierge } = installation;
      const seconds = (performance.now() - started) / 1000;
      printer.value({
        type: 'ready',
        url,
        token: tokens.owner,
        signInUrl,
        runtime: concierge?.runtime ?? choice.runtime,
        model: choice.model,
        demo: choice.model?.startsWith('demo/') === true,
        modelNote: choice.sentence,
        concierge: concierge === null ? null : { id: concierge.id, status: concierge.status, reason: concierge.reason },
        steps: steps.taken,
        seconds: Number(seconds.toFixed(2)),
      });
      printer.line(`\nMolecule is up at ${url} (${seconds.toFixed(1)} s)`);
      printer.line(`  Runtime  ${concierge?.runtime ?? choice.runtime}`);
      printer.line(`  Model    ${choice.sentence}`);
      if (concierge !== null && concierge.status !== 'online')
        printer.line(
          `  The concierge is ${concierge.status}: ${concierge.message ?? 'see `./molecule ws why Concierge`'}`,
        );
      printer.line(`\nSign in (works once): ${signInUrl}`);
      if (concierge?.status === 'online')
        printer.line('Or talk to the concierge here: ./molecule chat "create a workspace called research"');
      printer.line('Ctrl-C stops everything; what was made stays.');
      await stop.reached;
      printer.note('Stopping');
    } finally {
      await installation.stop();
    }
  } finally {
    stop.release();
  }
}
