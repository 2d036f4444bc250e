"use strict";

/** What a host writes in its own test suite: the gateway in the same process, with a provider that answers at once. */
const { createServer } = require("node:http");
const express = require("express");
const { createImageRouter, GatewayError, ProviderError } = require("express-image-gateway");
const { memoryStore } = require("express-image-gateway/stores/memory");
const { Server } = require("socket.io");

const picture =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const provider = {
  id: "double",
  models: () => [{ id: "test-model" }],
  async run({ prompt }) {
    if (prompt === "forbidden") throw new ProviderError("content_policy", "Not this.", { started: "no" });
    const data = {
      as: "base64",
      async *open() {
        yield Buffer.from(picture);
      },
    };
    return { images: [{ data }], meta: () => ({}) };
  },
};

const images = createImageRouter({
  authenticate: false,
  capabilities: () => true,
  providers: [provider],
  store: memoryStore(),
});
const server = createServer(express().use("/v1", images.router));
const io = new Server(server);
images.attach(io);

beforeAll(async () => {
  await images.ready();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await images.close();
  await io.close();
});

const generate = (prompt) =>
  images.generate({ id: "ann" }, { model: "test-model", prompt, response_format: "b64_json" });

test("generates", async () => {
  const { data, size } = await generate("a red cube");
  expect(data).toEqual([{ b64_json: picture }]);
  expect(size).toBe("1x1");
});

test("recognises errors", async () => {
  const error = await generate("forbidden").catch((caught) => caught);
  expect(error).toBeInstanceOf(GatewayError);
  expect(error.code).toBe("content_policy_violation");
});
