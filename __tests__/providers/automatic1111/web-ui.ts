import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";

import { json, type Reply, type SeenRequest, type Upstream, upstream } from "../../support/upstream";

/** One pixel, as PNG. */
export const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

export const CHECKPOINT = {
  title: "sd_xl_base_1.0.safetensors [31e35c80fc]",
  model_name: "sd_xl_base_1.0",
  hash: "31e35c80fc",
  sha256: "31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b",
  filename: "/srv/models/Stable-diffusion/sd_xl_base_1.0.safetensors",
  config: null,
};

const SAMPLERS = [
  { name: "Euler a", aliases: ["k_euler_a", "k_euler_ancestral"], options: {} },
  { name: "DPM++ 2M", aliases: ["k_dpmpp_2m"], options: {} },
];

const SCHEDULERS = [
  { name: "automatic", label: "Automatic", aliases: null, default_rho: -1, need_inner_model: false },
  { name: "sgm_uniform", label: "SGM Uniform", aliases: ["SGMUniform"], default_rho: -1 },
];

const STEPS = 3;

/** Work that nobody has looked at ends by itself. */
const UNSEEN_MS = 250;

export interface WebUIOptions {
  /** `false` plays a server without its page (`--nowebui`), which knows no tasks by id. */
  readonly page?: boolean;
  /** `user:password`. */
  readonly auth?: string;
  readonly options?: object;
}

interface Task {
  readonly id: string;
  readonly n: number;
  readonly prompt: string;
  step: number;
  readonly end: (images: readonly string[], info: object) => void;
}

/** What the server does with work: its pace is that of whoever looks, one step a look. */
export interface WebUI extends Upstream {
  /** Requests for pictures so far. */
  calls(): number;
  /** Bodies of those. */
  readonly asked: readonly Readonly<Record<string, unknown>>[];
  /** Interrupts that came, each with the id of the task that they hit. */
  readonly interrupts: (string | undefined)[];
  /** Work under way stands still until `interrupt` or `finish`. */
  isHeld: boolean;
  /** How many pictures come of a call; default: as many as it asks for. */
  images: number | undefined;
  /** Answers calls for pictures in place of the server. */
  failure: Reply | undefined;
  /** Answers any path in place of the server. */
  readonly routes: Map<string, Reply>;
  /** Somebody at the page begins work of his own. */
  work(id: string): void;
  /** Ends what is under way. */
  finish(): void;
  /** As a click on the page does. */
  interrupt(): void;
  running(): string | undefined;
}

/** A web UI as its sources describe it: one lock for all work, one state for whatever is worked on. */
export async function startWebUI({ page = true, auth, options = {} }: WebUIOptions = {}): Promise<WebUI> {
  const pending: Task[] = [];
  const finished: string[] = [];
  const asked: Record<string, unknown>[] = [];
  const interrupts: (string | undefined)[] = [];
  const routes = new Map<string, Reply>();
  let current: Task | undefined;
  let isInterrupted = false;
  let began = 0;
  let unseen: NodeJS.Timeout | undefined;

  const fraction = ({ step }: Task) => Math.min(1, step / STEPS);

  function take(task: Task): void {
    if (current !== undefined) {
      pending.push(task);
      return;
    }
    current = task;
    // A mark of the task before is wiped out.
    isInterrupted = false;
    began += 1;
    unseen = setTimeout(() => web.isHeld || finish(), UNSEEN_MS);
  }

  function finish(): void {
    const task = current;
    if (task === undefined) return;
    clearTimeout(unseen);
    current = undefined;
    finished.push(task.id);
    const count = web.images ?? task.n;
    const images = Array.from({ length: count }, (_, at) => paint(task.prompt, at, isInterrupted));
    task.end(images, { all_seeds: images.map((_, at) => 100 + at), index_of_first_image: 0 });
    const next = pending.shift();
    if (next !== undefined) take(next);
  }

  function interrupt(): void {
    interrupts.push(current?.id);
    isInterrupted = true;
    if (current !== undefined) finish();
  }

  function advance(): void {
    if (current === undefined || web.isHeld) return;
    clearTimeout(unseen);
    current.step += 1;
    if (current.step > STEPS) finish();
  }

  const draw: Reply = (request, response) => {
    const body = Object(request.json());
    asked.push(body);
    if (web.failure !== undefined) return web.failure(request, response);
    take({
      id: String(body.force_task_id),
      n: Number(body.batch_size ?? 1),
      prompt: `${body.prompt} ${body.init_images ?? ""}`,
      step: 0,
      end: (images, info) => reply(response, { images, parameters: {}, info: JSON.stringify(info) }),
    });
  };

  const taskProgress: Reply = (request, response) => {
    const { id_task: id, id_live_preview: last, live_preview: wanted } = Object(request.json());
    const place = pending.findIndex((task) => task.id === id);
    const active = current?.id === id && current !== undefined;
    const about = { active, queued: place >= 0, completed: finished.includes(id) };
    if (!active || current === undefined) {
      const textinfo = place >= 0 ? `In queue: ${place + 1}/${pending.length}` : "Waiting...";
      return json(200, { ...about, id_live_preview: -1, textinfo })(request, response);
    }
    const preview =
      wanted && last !== current.step ? `data:image/png;base64,${PIXEL.toString("base64")}` : null;
    json(200, {
      ...about,
      progress: fraction(current),
      eta: null,
      live_preview: preview,
      id_live_preview: current.step,
      textinfo: null,
    })(request, response);
    advance();
  };

  const progress: Reply = (request, response) => {
    const skips = request.path.includes("skip_current_image=true");
    const done = current === undefined ? 0 : current.step;
    const state = {
      job: current === undefined ? "" : "scripts_txt2img",
      job_count: current === undefined ? 0 : current.step === 0 ? -1 : 1,
      job_no: Math.floor(done / STEPS),
      job_timestamp: String(began),
      sampling_step: done % STEPS,
      sampling_steps: STEPS,
      interrupted: isInterrupted,
      skipped: false,
    };
    const picture = current === undefined || skips ? null : PIXEL.toString("base64");
    json(200, {
      progress: current ? 0.01 : 0,
      eta_relative: 0,
      state,
      current_image: picture,
      textinfo: null,
    })(request, response);
    if (!page) advance();
  };

  const GET: Record<string, Reply> = {
    "/sdapi/v1/sd-models": json(200, [CHECKPOINT]),
    "/sdapi/v1/samplers": json(200, SAMPLERS),
    "/sdapi/v1/schedulers": json(200, SCHEDULERS),
    "/sdapi/v1/options": json(200, { samples_format: "png", live_previews_enable: true, ...options }),
    "/sdapi/v1/progress": progress,
    ...(page && {
      "/internal/pending-tasks": (request: SeenRequest, response: ServerResponse) =>
        json(200, { size: pending.length, tasks: pending.map(({ id }) => id) })(request, response),
    }),
  };
  const POST: Record<string, Reply> = {
    "/sdapi/v1/txt2img": draw,
    "/sdapi/v1/img2img": draw,
    "/sdapi/v1/interrupt": (request, response) => {
      interrupt();
      return json(200, {})(request, response);
    },
    ...(page && { "/internal/progress": taskProgress }),
  };

  const server = await upstream((request, response) => {
    const [path = ""] = request.path.split("?");
    const scripted = routes.get(path);
    if (scripted !== undefined) return scripted(request, response);
    const known = request.method === "POST" ? POST : GET;
    const found = known[path];
    if (found === undefined) {
      const exists = Object.hasOwn(GET, path) || Object.hasOwn(POST, path);
      const detail = exists ? "Method Not Allowed" : "Not Found";
      return json(exists ? 405 : 404, { detail })(request, response);
    }
    const isOpen = auth === undefined || path.startsWith("/internal/");
    if (isOpen || request.headers.authorization === `Basic ${Buffer.from(auth).toString("base64")}`) {
      return found(request, response);
    }
    return json(401, { detail: `Incorrect username or password, not ${auth}` })(request, response);
  });

  const { close } = server;
  const web: WebUI = Object.assign(server, {
    calls: () => asked.length,
    asked,
    interrupts,
    routes,
    isHeld: false,
    images: undefined,
    failure: undefined,
    work: (id: string) => take({ id, n: 1, prompt: "", step: 0, end: () => {} }),
    finish,
    interrupt,
    running: () => current?.id,
    async close() {
      clearTimeout(unseen);
      await close();
    },
  });
  return web;
}

const reply = (response: ServerResponse, body: object): unknown => {
  if (response.destroyed) return undefined;
  response.writeHead(200, { "content-type": "application/json" });
  return response.end(JSON.stringify(body));
};

/** A picture that follows from the prompt; an unfinished one is another. */
const paint = (prompt: string, at: number, isUnfinished: boolean): string => {
  const own = createHash("sha256").update(`${at} ${isUnfinished} ${prompt}`).digest();
  return Buffer.concat([PIXEL, own]).toString("base64");
};
