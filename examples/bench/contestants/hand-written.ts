/**
 * The route that most people write: parse the body, check it, ask with axios, answer with `res.json`. Everything is held in memory,
 * events too: axios collects an answer unless it is told not to.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Ajv } from "ajv";
import axios from "axios";
import express, { type Request, type RequestHandler } from "express";

interface Generation {
  readonly model: string;
  readonly prompt: string;
  readonly response_format?: string;
  readonly stream?: boolean;
}

interface UploadedFile {
  readonly buffer: Buffer;
  readonly mimetype: string;
  readonly originalname: string;
}

interface Multer {
  (options: object): { single(name: string): RequestHandler };
  memoryStorage(): object;
}

const [upstream = "", thirdParty = ""] = process.argv.slice(2);
const headers = { authorization: "Bearer upstream-key" };
const pictures = join(tmpdir(), "pictures");
mkdirSync(pictures);

const isGeneration = new Ajv().compile<Generation>({
  type: "object",
  required: ["model", "prompt"],
  properties: {
    model: { type: "string" },
    prompt: { type: "string", minLength: 1, maxLength: 4000 },
    n: { type: "integer", minimum: 1, maximum: 10 },
    size: { type: "string" },
    response_format: { enum: ["url", "b64_json"] },
    stream: { type: "boolean" },
    partial_images: { type: "integer" },
  },
});

const authorize: RequestHandler = (req, res, next) => {
  if (req.get("authorization") === "Bearer bench") next();
  else res.status(401).json({ error: { message: "Unauthorized" } });
};

const app = express();
app.use("/pictures", express.static(pictures));
app.use(authorize, express.json());

app.post("/v1/images/generations", async (req, res) => {
  const body: unknown = req.body;
  if (!isGeneration(body)) {
    res.status(400).json({ error: { message: "Invalid request" } });
    return;
  }
  const answer = await axios.post(`${upstream}/images/generations`, body, { headers });
  if (body.stream === true) {
    res.type("text/event-stream").send(answer.data);
  } else if (body.response_format === "url") {
    const data = await Promise.all(
      answer.data.data.map(async ({ b64_json }: { b64_json: string }) => {
        const name = `${randomUUID()}.png`;
        await writeFile(join(pictures, name), Buffer.from(b64_json, "base64"));
        return { url: `${req.protocol}://${req.get("host")}/pictures/${name}` };
      }),
    );
    res.json({ created: answer.data.created, data });
  } else {
    res.json(answer.data);
  }
});

if (thirdParty !== "") {
  const multer: Multer = createRequire(join(thirdParty, "package.json"))("multer");
  const upload = multer({ storage: multer.memoryStorage() });
  app.post(
    "/v1/images/edits",
    upload.single("image"),
    async (req: Request & { file?: UploadedFile }, res) => {
      const { file } = req;
      if (file === undefined) {
        res.status(400).json({ error: { message: "Invalid request" } });
        return;
      }
      const form = new FormData();
      form.append("model", req.body.model);
      form.append("prompt", req.body.prompt);
      form.append("image", new Blob([file.buffer], { type: file.mimetype }), file.originalname);
      const answer = await axios.post(`${upstream}/images/edits`, form, { headers });
      res.json(answer.data);
    },
  );
}

app.listen(0, "127.0.0.1");
