import { member, numberMember, textMember } from "../../../internal/json-shape";
import type { Api } from "./api";
import { readPreview } from "./preview";
import { ROUTES } from "./routes";
import type { Monitor, Sighting } from "./sighting";

/** Before the first preview of a task. */
const NO_PREVIEW = -1;

/** Looks after a task by the id that we gave it, whoever else uses the server. */
export function createTaskMonitor(api: Api, taskId: string): Monitor {
  let lastPreview = NO_PREVIEW;
  return {
    prepare: async () => {},
    async look(caller, wantsPreview) {
      const { json } = await api.post(caller, ROUTES.taskProgress, {
        id_task: taskId,
        id_live_preview: lastPreview,
        live_preview: wantsPreview,
      });
      if (member(json, "completed") === true) return { state: "done" };
      if (member(json, "queued") === true)
        return { state: "queued", ...placeIn(textMember(json, "textinfo")) };
      if (member(json, "active") !== true) return undefined;
      const fraction = Math.min(1, Math.max(0, numberMember(json, "progress") ?? 0));
      // Older servers send it unasked.
      const preview = wantsPreview ? readPreview(textMember(json, "live_preview")) : undefined;
      if (preview !== undefined) lastPreview = numberMember(json, "id_live_preview") ?? NO_PREVIEW;
      return { state: "running", fraction, ...(preview && { preview }) };
    },
  };
}

/** `In queue: 2/5` */
function placeIn(text = ""): Pick<Sighting, "place"> {
  const [, place] = /^In queue: (\d{1,6})\//.exec(text) ?? [];
  return place === undefined ? {} : { place: Number(place) };
}
