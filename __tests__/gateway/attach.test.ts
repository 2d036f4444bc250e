import { createServer } from "node:http";

import { createImageRouter } from "express-image-gateway";
import { scriptedProvider } from "../support/scripted-provider";

it.each([undefined, null, createServer(), "io"])(
  "refuses to attach to %p, and says what it takes",
  async (io) => {
    const images = createImageRouter({
      authenticate: () => null,
      capabilities: () => true,
      providers: [scriptedProvider()],
    });
    // As a host without types would call it.
    expect(() => Reflect.apply(images.attach, images, [io])).toThrow(/attach\(\) takes a Socket\.IO server/);
    await images.close();
  },
);
