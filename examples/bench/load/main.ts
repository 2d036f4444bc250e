/** The callers of all contestants, in a process of their own. */
import { isLike, WORK, type Work } from "../processes/messages";
import { SHAPE_IDS, type Shape, shapeOf } from "../shapes";
import { closedLoop } from "./closed-loop";
import { requestOf } from "./requests";
import { type Judge, judgeOf } from "./verdict";

/** Of the latest shape: making its pictures anew for each question would take longer than the question. */
let latest: { readonly shape: Shape; readonly judge: Judge } | undefined;

process.on("message", async (question) => {
  if (isLike(WORK, question)) process.send?.(await carryOut(question));
});

async function carryOut({ port, shape: name, inFlight, count, headers }: Work) {
  const id = SHAPE_IDS.find((each) => each === name);
  if (id === undefined) throw new Error(`there is no shape ${name}`);
  if (latest?.shape.id !== id) {
    const shape = shapeOf(id, false);
    latest = { shape, judge: judgeOf(shape) };
  }
  const { shape, judge } = latest;
  return closedLoop({ port, inFlight, count, judge, request: requestOf(shape, port, headers) });
}
