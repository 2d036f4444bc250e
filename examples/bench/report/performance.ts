import type { Options } from "../options";
import type { Findings } from "../summary";
import { floorsTable } from "./floors";
import { runFacts } from "./machine";
import { shapeTables } from "./tables";

const QUICK = "\nA run with `--quick` only shows that everything works: its figures mean nothing.\n";

/** The text of docs/performance.md. */
export const performanceReport = (findings: Findings, options: Options): string => `# Performance

What the gateway costs, beside other servers that stand in the same place: between the same callers and the same upstream, on one
machine. This page is written by the bench in [examples/bench](../examples/bench).

## Targets

A floor is the least we accept, an aim what we work towards.

${floorsTable(findings)}

## The run

${runFacts(findings, options)}
${options.isQuick ? QUICK : ""}
## The servers

- **bare pipe**: \`node:http\` in, \`node:http\` out, connections kept on both sides, nothing parsed and nothing checked. The least that a server in
  between can cost.
- **bare Express**: only beside small answers. A router of Express that collects the body, asks the upstream by undici and writes what that answers,
  with nothing parsed and nothing checked. No gateway that is mounted into Express can cost less.
- **hand-written**: the route that most people write: \`express.json()\`, a schema checked by ajv, \`axios.post\`, \`res.json\`. It collects event streams like
  any other answer, because axios does unless it is told otherwise; where addresses are wanted it writes files and serves them with
  \`express.static\`; uploads go through multer into memory.
- **Portkey**: the gateway of that name from npm, started as its package says, with \`x-portkey-provider\` and \`x-portkey-custom-host\` to reach
  the upstream.
- **express-image-gateway**: this package as a host mounts it: callers authenticated, capability asked, request validated, job queued and recorded,
  progress told, the Socket.IO namespace attached, pictures in the disk store where addresses are wanted. How many jobs may run at once, of one caller
  and of all, is set to 128; all else is as it comes.

## Results

${shapeTables(findings, options.isQuick)}

## How it is measured

- Upstream, callers and server are processes of their own and talk over loopback.
- Every figure comes from a fresh server that was first asked once, then warmed by a number of requests (not by time): a thousand small ones, so that
  what every request goes through is warm, and some of its own kind: of small and single large answers as many as it takes until more make no server faster. Rounds go through the servers in turn,
  so that what disturbs the machine disturbs all alike. A cell is the median of the rounds; brackets hold the slowest and fastest round.
- The callers are plain sockets that read into one buffer over and over: an HTTP library would take three to five times as long for a large answer, of
  processors that the servers need as well. After 15 s no new request is begun.
- **answers/s**: so many callers, each sending its next request when it has all of the last answer. **× the pipe** divides the column before it by
  the pipe's.
- **MB/s**: of pictures, decoded; a picture counts for three quarters of its base64 text. MB are 10⁶ bytes. The sizes in the headings are those of the text.
- **CPU ms/answer**: user and system time of the server's process, all threads, divided by the answers. The steadiest figure on a busy machine.
- **first byte**: from sending a request to the first byte of the answer's body, one request at a time; median.
- **memory**: the kernel's own peak of resident memory during the measurement, less what the warm server had at its beginning.
- **stall**: the longest time that the server's event loop did not turn, from \`monitorEventLoopDelay\`.
- **1st … finished** (P): from sending the request to the last byte of each picture, one request at a time.
- Every answer's pictures are counted and their lengths compared. Of one answer in sixteen each picture is hashed, or fetched from its address and
  compared; of one upload in sixteen what arrived is compared with what was sent. A server that gives a wrong answer gets no figures but the reason.
  One that takes more than 6 GB is ended.

## How to read it

- Compare within a table. Absolute figures are those of this machine; ratios and CPU carry over best.
- Upstream, callers and server share the processors. Throughput is therefore that of the whole row of them, and a ratio of it is nearer to 1 than that of the
  servers alone; CPU per answer is of the server only.
- A stall is also what the operating system did to the process: on few processors even the pipe has some.
- The hand-written route and Portkey hold whole answers in memory, several times over; how much of that is still resident when the peak is taken
  depends on when V8 collects.
- A hand-written route that pipes event streams (\`responseType: "stream"\`) would relay them like the pipe does, without looking into them.
- Portkey does more than this bench asks of it, and listens on every interface while it is measured.

## Measuring it yourself

\`npm run bench\` in a clone builds the package, installs the others below \`.cache\`, measures everything and writes this page anew. Behind
\`npm run bench --\` stands what it should do instead:

| option | does |
| --- | --- |
| \`--shapes=S,L\` | only these of the results above |
| \`--contestants=pipe,ours\` | only these of \`pipe\`, \`bare-express\`, \`hand-written\`, \`portkey\`, \`ours\` |
| \`--rounds=3\` | so many rounds instead of five |
| \`--quick\` | one round of a few requests, to see that everything works |
| \`--report=FILE\` | where the report goes besides standard output; by default here, when everything is measured |
`;
