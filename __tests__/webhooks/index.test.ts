import { standardWebhooks } from "express-image-gateway/webhooks";
import { Webhook } from "standardwebhooks";

const secretOf = (fill: number, bytes = 32) => `whsec_${Buffer.alloc(bytes, fill).toString("base64")}`;
const notice = { id: "msg_1", at: new Date(), body: '{"type":"image.job.completed"}' };

it("signs for each of its secrets", () => {
  const headers = standardWebhooks({ secret: [secretOf(1), secretOf(2)] }).headers(notice);
  for (const secret of [secretOf(1), secretOf(2)]) {
    expect(new Webhook(secret).verify(notice.body, headers)).toEqual({ type: "image.job.completed" });
  }
  expect(() => new Webhook(secretOf(3)).verify(notice.body, headers)).toThrow();
  expect(() => new Webhook(secretOf(1)).verify(`${notice.body} `, headers)).toThrow();
});

it.each([[24], [25], [26], [64]])("takes a secret of %i bytes", (bytes) => {
  expect(() => standardWebhooks({ secret: secretOf(1, bytes) })).not.toThrow();
});

it.each([[""], ["whsec_"], [secretOf(1, 23)], [secretOf(1, 65)], ["topsecret".repeat(9)], [[]]])(
  "refuses %p without showing it",
  (secret) => {
    expect(() => standardWebhooks({ secret })).toThrow(/^standardWebhooks: 'secret' must be/);
    if (secret.length > 10) expect(() => standardWebhooks({ secret })).not.toThrow(String(secret));
  },
);
