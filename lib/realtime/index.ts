export * from "./events";
export { createRealtime, type RealtimeDeps } from "./realtime";
