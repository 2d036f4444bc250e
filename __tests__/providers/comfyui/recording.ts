import { readFileSync } from "node:fs";
import { join } from "node:path";

import { isObject, type JsonObject, member, textMember } from "../../../lib/internal/json-shape";

const FOLDER = join(__dirname, "../../fixtures/comfyui");

/** One line of a recording of a real server. */
export type Line = JsonObject;

export function readRecording(name: string): Line[] {
  return readFileSync(join(FOLDER, `${name}.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((text): Line => {
      const line: unknown = JSON.parse(text);
      if (!isObject(line)) throw new Error("a line that is no object");
      return line;
    });
}

export const readFixture = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));

/** What one `POST /prompt` of a recording led to. */
export interface RecordedRun {
  /** The id that the recorded server worked under; absent when it refused. */
  readonly promptId: string | undefined;
  readonly graph: JsonObject;
  readonly status: number;
  readonly answer: unknown;
  /** Raw answer where it was no JSON. */
  readonly text: string | undefined;
  /** Frames that went to whoever sent it, in order: text as it stood, or a whole binary message. */
  readonly messages: readonly (string | Buffer)[];
  readonly history: unknown;
  readonly job: unknown;
}

/** Every run of a recording, with the socket messages that belong to it. */
export function recordedRuns(lines: readonly Line[]): RecordedRun[] {
  const posts = lines.flatMap((line, at) => (isPost(line) ? [at] : []));
  return posts.map((at) => runAt(lines, at));
}

const isPost = (line: Line): boolean =>
  line["http"] === "req" && line["method"] === "POST" && line["path"] === "/prompt";

function runAt(lines: readonly Line[], at: number): RecordedRun {
  const request = lines[at] ?? {};
  const response = lines.slice(at).find((line) => line["http"] === "res" && line["path"] === "/prompt") ?? {};
  const promptId = textMember(response["json"], "prompt_id");
  const graph = member(request["json"], "prompt");
  const whos = new Set(sendersOf(lines, textMember(request["json"], "client_id")));
  const later = promptId === undefined ? [] : lines.slice(at);
  const history = later.find(
    (line) => line["http"] === "res" && line["path"] === `/history/${promptId}` && filled(line["json"]),
  );
  const job = later.find((line) => line["http"] === "res" && line["path"] === `/api/jobs/${promptId}`);
  return {
    promptId,
    graph: isObject(graph) ? graph : {},
    status: Number(response["status"]),
    answer: response["json"],
    text: textMember(response, "text"),
    messages: later
      .filter((line) => line["ws"] === "recv" && whos.has(String(line["who"])))
      .flatMap((line) => messageOf(line, String(promptId))),
    history: member(history?.["json"], String(promptId)),
    job: job?.["json"],
  };
}

const filled = (json: unknown): boolean => isObject(json) && Object.keys(json).length > 0;

/** Which sockets of the recording had this client id. */
const sendersOf = (lines: readonly Line[], clientId: string | undefined): string[] =>
  lines
    .filter((line) => line["ws"] === "connect")
    .filter((line) => clientId === undefined || String(line["path"]).includes(clientId))
    .map((line) => String(line["who"]));

/** Messages of other runs are left out; a binary one without its bytes, too. */
function messageOf(line: Line, promptId: string): (string | Buffer)[] {
  const json = line["json"];
  if (isObject(json)) {
    const id = member(json["data"], "prompt_id");
    return id === undefined || id === promptId ? [JSON.stringify(json)] : [];
  }
  const owner = member(member(line["binary"], "meta"), "prompt_id") ?? promptId;
  const bytes = textMember(line, "b64");
  return bytes === undefined || owner !== promptId ? [] : [Buffer.from(bytes, "base64")];
}

/** The bytes that `/view` gave for a file. */
export function viewed(lines: readonly Line[]): ReadonlyMap<string, Buffer> {
  return new Map(
    lines
      .filter(
        (line) => line["http"] === "res" && line["status"] === 200 && textMember(line, "b64") !== undefined,
      )
      .filter(
        (line) => String(line["path"]).startsWith("/view?") && !String(line["path"]).includes("preview="),
      )
      .map((line) => [
        new URLSearchParams(String(line["path"]).slice(6)).get("filename") ?? "",
        Buffer.from(String(line["b64"]), "base64"),
      ]),
  );
}

/** What was noted during a recording. */
export const notes = (lines: readonly Line[]): string[] =>
  lines.flatMap((line) => textMember(line, "note") ?? []);

/** The first answer to a request, as `GET /queue`. */
export function answerTo(lines: readonly Line[], request: string): Line {
  const answer = lines.find(
    (line) => line["http"] === "res" && `${line["method"]} ${line["path"]}` === request,
  );
  if (answer === undefined) throw new Error(`no answer to ${request}`);
  return answer;
}
