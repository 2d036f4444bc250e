import { closedLoop } from "../../../../examples/bench/load/closed-loop";
import { answer, json, type Reply, raw, upstream } from "../../../support/upstream";

const request = Buffer.from("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n");
const judge = ({ status }: { readonly status: number }) =>
  status === 200 ? undefined : `answered ${status}`;

/** Runs a loop against a server that replies so. */
async function loop(script: readonly [Reply, ...Reply[]], inFlight: number, count: number) {
  const server = await upstream(...script);
  try {
    const tally = await closedLoop({ port: server.port, inFlight, count, request, judge });
    return { tally, requests: server.requests.length, connections: server.connections() };
  } finally {
    await server.close();
  }
}

it("sends as many requests as it is told, over as many connections", async () => {
  const { tally, requests, connections } = await loop(
    [json(200, { data: [{ b64_json: "aGk=" }, { b64_json: "aGk=" }] })],
    3,
    40,
  );
  expect({ requests, connections }).toEqual({ requests: 40, connections: 3 });
  expect(tally).toMatchObject({ done: 40, failure: "", addresses: [] });
  expect(tally.pictureMs).toHaveLength(2);
  expect(tally.firstByteMs).toBeGreaterThan(0);
});

it("notes the address of the first answer and of each sixteenth after it", async () => {
  const { tally } = await loop([json(200, { data: [{ url: "http://127.0.0.1/a?b=1&c=2" }] })], 1, 17);
  expect(tally.addresses).toEqual(["http://127.0.0.1/a?b=1&c=2", "http://127.0.0.1/a?b=1&c=2"]);
});

it("ends with the first answer that is wrong", async () => {
  const { tally, requests } = await loop([answer(200, "1"), answer(500, "2"), answer(503, "3")], 1, 10);
  expect({ failure: tally.failure, requests }).toEqual({ failure: "answered 500", requests: 2 });
});

it("tells of a connection that breaks, in an answer and between two", async () => {
  const half = raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
  expect((await loop([half], 2, 4)).tally.failure).toBe("the connection broke");
  const last = raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  expect((await loop([last], 1, 4)).tally.failure).toBe("the connection broke");
});

it("tells of a server that is not there", async () => {
  const server = await upstream(answer(200, ""));
  await server.close();
  const { failure } = await closedLoop({ port: server.port, inFlight: 2, count: 2, request, judge });
  expect(failure).toContain("ECONNREFUSED");
});
