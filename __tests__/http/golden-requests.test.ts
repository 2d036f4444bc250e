import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";

import { editingProvider } from "../support/edits";
import { startHost, type TestHost } from "../support/host";

/** One request of a published client, as it went over the wire. */
interface Recorded {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const folder = join(__dirname, "../fixtures/clients");
const fixture = (name: string): Buffer => readFileSync(join(folder, name));
const recorded: readonly Recorded[] = JSON.parse(fixture("requests.json").toString());

const CAT = fixture("cat.png");
const DOG = fixture("dog.webp");
const MASK = fixture("mask.png");

let host: TestHost;
const provider = editingProvider(undefined, { aliases: ["dall-e-2"] });
beforeAll(async () => {
  host = await startHost({ providers: [provider] });
});
beforeEach(() => {
  provider.calls.length = 0;
  provider.seen.length = 0;
});
afterAll(() => host.close());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends it as it was sent, but for the key, and in pieces of any size. */
function replay({ name, method, path, headers }: Recorded, pieceBytes: number): Promise<Answer> {
  const body = fixture(`${name}.body`);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${host.url}${path}`, { method });
    for (const [header, value] of Object.entries(headers)) {
      if (!/^(?:authorization|connection)$/i.test(header)) outgoing.setHeader(header, value);
    }
    outgoing.setHeader("authorization", "Bearer sk-ann");
    outgoing.on("error", reject).on("response", async (incoming) => {
      let text = "";
      for await (const chunk of incoming) text += chunk;
      resolve({ status: incoming.statusCode ?? 0, type: incoming.headers["content-type"] ?? "", text });
    });
    for (let at = 0; at < body.length; at += pieceBytes) outgoing.write(body.subarray(at, at + pieceBytes));
    outgoing.end();
  });
}

/** What each kind of request asks for. */
const MEANINGS: Readonly<Record<string, { readonly task: object; readonly images: readonly Buffer[] }>> = {
  one: { task: { op: "edit", prompt: "make it blue" }, images: [CAT] },
  fromdisk: { task: { op: "edit", prompt: "make it blue", n: 1 }, images: [CAT] },
  json: { task: { op: "edit", prompt: "make it blue" }, images: [CAT] },
  several: { task: { op: "edit", prompt: expect.stringMatching(/^a café ☕/) }, images: [CAT, DOG] },
  stream: { task: { op: "edit", prompt: "make it blue", partialImages: 1 }, images: [CAT] },
  variation: { task: { op: "variation" }, images: [CAT] },
};

const kindOf = ({ name }: Recorded): string => name.slice(name.lastIndexOf("-") + 1);
const clientOf = ({ name }: Recorded): string => name.slice(0, name.lastIndexOf("-"));

it("are of every client that is supported", () => {
  expect([...new Set(recorded.map(clientOf))]).toEqual([
    "ai-6",
    "ai-7",
    "ai-sdk-openai-4",
    "curl",
    "litellm1",
    "openai-node6",
    "openai-node7",
    "openai-python2",
  ]);
});

describe.each(recorded.map((each) => [each.name, each] as const))("the request %s", (_name, each) => {
  const kind = kindOf(each);
  const meaning = MEANINGS[kind] ?? { task: {}, images: [] };

  it.each([1, 100, 65_536])("is understood, in pieces of %i bytes", async (pieceBytes) => {
    const { status, type, text } = await replay(each, pieceBytes);
    expect([status, status === 200 ? "" : text]).toEqual([200, ""]);
    if (kind === "stream") {
      expect(type).toMatch(/^text\/event-stream/);
      expect(text).toContain("event: image_edit.completed");
    } else {
      const [asked] = provider.calls;
      expect(JSON.parse(text).data).toHaveLength(asked?.n ?? 0);
    }
    expect(provider.calls).toMatchObject([meaning.task]);
    expect(provider.seen).toEqual([{ images: meaning.images, mask: kind === "several" ? MASK : undefined }]);
  });
});

it("say numbers as each client does", async () => {
  const counts: Record<string, number> = {};
  for (const each of recorded) {
    await replay(each, 65_536);
    counts[each.name] = provider.calls.at(-1)?.n ?? 0;
  }
  expect(
    Object.entries(counts)
      .filter(([, n]) => n === 2)
      .map(([name]) => name),
  ).toEqual([
    "ai-6-several",
    "ai-7-several",
    "ai-sdk-openai-4-several",
    "litellm1-one",
    "openai-node6-one",
    "openai-node6-variation",
    "openai-node7-one",
    "openai-node7-variation",
    "openai-python2-one",
    "openai-python2-variation",
  ]);
});
