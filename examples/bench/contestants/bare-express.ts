/**
 * The least that a small answer costs behind Express: its body collected, the upstream asked by undici, the answer written in one piece. Checks
 * nothing, and streams nothing.
 */
import { createServer } from "node:http";

import express, { type Response } from "express";
import { Agent, type Dispatcher } from "undici";

const { origin, pathname } = new URL(process.argv[2] ?? "");
const agent = new Agent();

function answerWith(res: Response): Dispatcher.DispatchHandler {
  const pieces: Buffer[] = [];
  return {
    onRequestStart() {},
    onResponseStart(_controller, status) {
      res.statusCode = status;
    },
    onResponseData(_controller, piece) {
      pieces.push(piece);
    },
    onResponseEnd() {
      const whole = Buffer.concat(pieces);
      res.setHeader("content-type", "application/json");
      res.setHeader("content-length", whole.length);
      res.end(whole.toString("utf8"));
    },
    onResponseError: () => void res.destroy(),
  };
}

const router = express.Router();
router.post("/images/generations", (req, res) => {
  const pieces: Buffer[] = [];
  req.on("data", (piece: Buffer) => pieces.push(piece));
  req.on("end", () => {
    const headers = { "content-type": "application/json", authorization: "Bearer upstream-key" };
    const path = `${pathname}/images/generations`;
    agent.dispatch({ origin, path, method: "POST", headers, body: Buffer.concat(pieces) }, answerWith(res));
  });
});

createServer(express().use("/v1", router)).listen(0, "127.0.0.1");
