import type { App } from './app.ts';

const LOOK_INTERVAL_MS = 20;

/**
 * Lets the server close as soon as no request is in progress. Node counts a connection on which no request ever came as
 * busy, and clients open such connections in advance: without this, each would hold a stop up for its whole limit.
 */
export function installDraining(app: App): void {
  let inProgress = 0;
  app.addHook('onRequest', async (_request, reply) => {
    inProgress += 1;
    reply.raw.once('close', () => {
      inProgress -= 1;
    });
  });
  app.addHook('preClose', async () => {
    const timer = setInterval(() => {
      if (inProgress === 0) app.server.closeAllConnections();
    }, LOOK_INTERVAL_MS);
    app.server.once('close', () => clearInterval(timer));
    timer.unref();
  });
}
