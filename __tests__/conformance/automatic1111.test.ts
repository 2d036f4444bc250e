import { createHash } from "node:crypto";

import { type Automatic1111Options, resolveOptions } from "../../lib/providers/automatic1111/options";
import { PACE } from "../../lib/providers/automatic1111/pace";
import { createProvider } from "../../lib/providers/automatic1111/provider";
import { type ScriptedUpstream, testProvider } from "../../lib/testing/provider";
import { createHttpClient } from "../../lib/transport/http-client";
import { QUICK } from "../providers/automatic1111/bench";
import { recording, replayed, startSdCpp } from "../providers/automatic1111/sdcpp";
import { PIXEL, startWebUI, type WebUIOptions } from "../providers/automatic1111/web-ui";
import { answer, json, type Reply, silence } from "../support/upstream";
import { theFirst } from "./variants";

type Scripted = ScriptedUpstream & { readonly url: string };

const PASSWORD = "conformance-0123456789";

const CONTROLS = [
  "<lora:style:1>",
  "<hypernet:ink:0.5>",
  "<lyco:глаза:1>",
  '<sd_cpp_extra_args>{"batch_count":3}</sd_cpp_extra_args>',
];

/** What a server says of itself is asked for each call, or once for all. */
type Memory = "none" | "long";

async function webUI(options: WebUIOptions, memory: Memory): Promise<Scripted> {
  const web = await startWebUI({ ...options, auth: `gateway:${PASSWORD}` });
  const failing = (reply: Reply) => () => {
    web.failure = reply;
  };
  const listing = (reply: Reply) => () => void web.routes.set("/sdapi/v1/sd-models", reply);
  const other = json(200, [{ title: "other", model_name: "other" }]);
  return {
    url: web.url,
    succeed({ images } = {}) {
      web.images = images;
      web.failure = undefined;
    },
    hang() {
      web.isHeld = true;
    },
    failures: {
      auth: failing(json(401, { detail: `not ${PASSWORD}` })),
      bad_request: failing(json(400, { detail: "Sampler not found" })),
      ...(memory === "none" && { unknown_model: listing(other) }),
      crash: failing(answer(500, "Internal Server Error")),
      unknown_answer: failing(json(200, { status: "pending" })),
    },
    calls: () => web.calls(),
    secrets: [PASSWORD, web.url],
    controls: CONTROLS,
    close: () => web.close(),
  };
}

async function sdcpp(): Promise<Scripted> {
  let calls = 0;
  let reply: Reply;
  const succeed: Scripted["succeed"] = ({ images } = {}) => {
    reply = (request, response) => {
      const body = Object(request.json());
      const drawn = Array.from({ length: images ?? body.batch_size }, (_, at) => {
        const own = createHash("sha256").update(`${at} ${body.prompt}`).digest();
        return Buffer.concat([PIXEL, own]).toString("base64");
      });
      return json(200, { images: drawn, parameters: body, info: "" })(request, response);
    };
  };
  succeed();
  const failing = (failure: Reply) => () => {
    reply = failure;
  };
  const server = await startSdCpp((request, response) => {
    calls += 1;
    return reply(request, response);
  });
  return {
    url: server.url,
    succeed,
    hang: failing(silence),
    failures: {
      bad_request: failing(replayed("sdapi width zero")),
      crash: failing(json(500, { error: "generate_image returned no results" })),
      unknown_answer: failing(json(202, recording("sdapi options").response.json)),
    },
    calls: () => calls,
    secrets: [PASSWORD, server.url],
    controls: CONTROLS,
    close: server.close,
  };
}

interface Server {
  readonly name: string;
  readonly start: () => Promise<Scripted>;
  readonly options: Partial<Automatic1111Options>;
  readonly memory: Memory;
}

const servers: readonly Server[] = [
  {
    name: "a web UI",
    start: () => webUI({}, "none"),
    memory: "none",
    options: { models: [{ id: "sdxl", upstream: "31e35c80fc", limits: { n: 4 } }] },
  },
  {
    name: "a server without its page",
    start: () => webUI({ page: false }, "long"),
    options: {},
    memory: "long",
  },
  {
    name: "a server of our own without its page",
    start: () => webUI({ page: false }, "long"),
    options: { exclusive: true },
    memory: "long",
  },
  { name: "stable-diffusion.cpp", start: sdcpp, options: {}, memory: "long" },
];

describe.each(theFirst(servers))("automatic1111 with $name", ({ start, options, memory }) => {
  const http = createHttpClient();
  const pace = memory === "none" ? QUICK : { ...QUICK, holdMs: PACE.holdMs };
  afterAll(() => http.close());

  testProvider(
    { describe, it },
    {
      upstream: start,
      create({ url }) {
        const resolved = resolveOptions({ ...options, url, username: "gateway", password: PASSWORD });
        return { provider: createProvider(resolved, pace), http };
      },
    },
  );
});
