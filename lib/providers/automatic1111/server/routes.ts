/**
 * The addresses below a server's own. Those of `/internal` belong to its page: a server that runs without the page does not have them.
 *
 * @see AUTOMATIC1111/stable-diffusion-webui, modules/api/api.py and modules/progress.py
 */
export const ROUTES = {
  txt2img: "/sdapi/v1/txt2img",
  img2img: "/sdapi/v1/img2img",
  models: "/sdapi/v1/sd-models",
  samplers: "/sdapi/v1/samplers",
  schedulers: "/sdapi/v1/schedulers",
  options: "/sdapi/v1/options",
  interrupt: "/sdapi/v1/interrupt",
  /** Of whatever the server works on. */
  progress: "/sdapi/v1/progress",
  /** Of one task, by its id. */
  taskProgress: "/internal/progress",
  pendingTasks: "/internal/pending-tasks",
} as const;
