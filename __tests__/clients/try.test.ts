import { runClient } from "./bench";
it("x", async () => {

  for (const [script, ...args] of JSON.parse(process.env["TRY"] ?? "[]")) {
    const t = performance.now();
    const run = await runClient(script, ...args).catch((e) => { console.log(e.stdout, e.stderr ?? e); throw e; });
    const calls: Record<string, unknown> = {};
    for (const p of ["url","b64","many","abort","timeout","limited","broken","policy","size","refused","gpt","foreign"]) calls[p] = run.callsFor(p).map((c) => [Math.round(c.at), c.stopped]);
    console.log(script, args, Math.round(performance.now()-t), JSON.stringify(run.seen, (k, v) => typeof v === "string" && v.length > 300 ? v.slice(0, 300) + "…" : v, 1), JSON.stringify(calls));
  }
}, 100000);
