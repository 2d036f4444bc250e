export * from "./events";
export { createRealtime, type Realtime, type RealtimeDeps, type RealtimeLimits } from "./realtime";
