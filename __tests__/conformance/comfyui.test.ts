import { WebSocket } from "ws";

import { resolveOptions } from "../../lib/providers/comfyui/options";
import { createProvider } from "../../lib/providers/comfyui/provider";
import { testProvider } from "../../lib/testing/provider";
import { createHttpClient } from "../../lib/transport/http-client";
import { QUICK } from "../providers/comfyui/bench";
import { KEY, startComfyUI } from "./comfyui-upstream";
import { theFirst } from "./variants";

/** Pictures as files, pictures over the socket; previews that name no run, and a server without the routes for jobs. */
const servers = [
  { recording: "04-preview-metadata-previewimage", isOld: false },
  { recording: "05-save-image-websocket-metadata-client", isOld: false },
  { recording: "02-success-n1", isOld: true },
];

const timing = { ...QUICK, unreachableMs: 150 };

describe.each(theFirst(servers))("comfyui against $recording", ({ recording, isOld }) => {
  const http = createHttpClient();
  afterAll(() => http.close());

  testProvider(
    { describe, it },
    {
      upstream: () => startComfyUI(recording, isOld),
      create: ({ server: { url, graph } }) => {
        const headers = { authorization: `Bearer ${KEY}` };
        const options = resolveOptions({ url, headers, workflows: { m: graph } });
        return { provider: createProvider(options, WebSocket, timing), http };
      },
    },
  );
});
