import { createImageRouter, type ImageGateway, type Logger } from "express-image-gateway";
import { standardWebhooks } from "express-image-gateway/webhooks";

import { type Account, readAccounts } from "./accounts";
import { makeProviders } from "./providers";
import type { Settings } from "./settings";
import { makeStore, type Shared, shareOverRedis } from "./shared";

export interface Gateway {
  readonly images: ImageGateway<Account>;
  /** `undefined`: one process does it all. */
  readonly shared: Shared | undefined;
}

/** The gateway as the environment wants it, the same in every process. */
export function makeGateway(settings: Settings, logger: Logger): Gateway {
  const findAccount = readAccounts(settings.keys);
  const shared = settings.shared && shareOverRedis(settings.shared, logger);
  const store = makeStore(settings, logger);
  const { webhooks } = settings;
  const { connectMs, firstByteMs, idleMs, totalMs, maxBytes } = settings.upstream;
  const images = createImageRouter({
    authenticate: ({ token }) => (token === undefined ? null : findAccount(token)),
    capabilities: { has: (who, capability) => who.capabilities.has(capability) },
    providers: makeProviders(settings),
    logger,
    limits: {
      runningPerPrincipal: settings.runningPerKey,
      // The demo provider steps quickly, and a page may have several jobs and tabs open.
      previewsPerSecond: 10,
      socketsPerPrincipal: 64,
      connectMs,
      firstByteMs,
      idleMs,
      attemptMs: totalMs,
      imageBytes: maxBytes,
    },
    ...(settings.publicUrl === undefined ? {} : { publicUrl: settings.publicUrl }),
    ...(store === undefined ? {} : { store }),
    ...(shared === undefined ? {} : { jobs: shared.jobs }),
    ...(webhooks === undefined
      ? {}
      : { webhooks: standardWebhooks({ secret: webhooks.secret }), webhookHosts: webhooks.hosts }),
    ...(settings.signingSecret === undefined
      ? {}
      : { links: { keys: [{ id: "env", secret: settings.signingSecret }] } }),
  });
  return { images, shared };
}
