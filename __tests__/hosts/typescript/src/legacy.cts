import express = require("express");
import gateway = require("express-image-gateway");
import providers = require("express-image-gateway/providers/openai");

const images: gateway.ImageGateway<gateway.Principal> = gateway.createImageRouter({
  authenticate: false,
  capabilities: () => true,
  providers: [providers.openai({ apiKey: "key" })],
});
const app = express();
app.use("/v1", images.router);

export = app;
