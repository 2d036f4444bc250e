import { createHandover } from "../../../lib/core/pictures/handover";
import type { PreviewFeed } from "../../../lib/core/progress/preview-feed";
import { createOrders } from "../../../lib/core/running/orders";
import { scriptedProvider } from "../../support/scripted-provider";
import { request } from "../bench";

it("holds nothing of a job that it could not follow", async () => {
  let held = 0;
  const hold = () => {
    held += 1;
    return () => {
      held -= 1;
    };
  };
  const previews: PreviewFeed = {
    isShared: true,
    listen: hold,
    attend: hold,
    wanted: () => false,
    publish: () => {},
  };
  const away = () => Promise.reject(new Error("the queue is away"));
  const orders = createOrders({ get: away, follow: away }, previews);
  const job = { id: "imgjob_1", owner: "owner", request: request({ stream: { partialImages: 2 } }) };
  const handover = createHandover({ inOrder: false });
  const order = { provider: scriptedProvider(), handover, inputs: undefined };
  await expect(orders.open(job, order)).rejects.toThrow("away");
  expect(held).toBe(0);
  expect(orders.of(job.id)).toBeUndefined();
});
