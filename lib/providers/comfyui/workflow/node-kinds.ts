import type { Phase } from "../../../ports/provider";
import type { GraphNode } from "./graph";

/** How a node hands out what it made. */
export type OutputKind = "files" | "frames";

const FILE_OUTPUTS = new Set([
  "SaveImage",
  "PreviewImage",
  "SaveAnimatedWEBP",
  "SaveAnimatedPNG",
  "Image Save",
]);
/** Ships with ComfyUI as a custom node: the finished pictures come over the socket and are kept nowhere. */
const FRAME_OUTPUT = "SaveImageWebsocket";
/** Output nodes of the core whose results are no pictures. */
const NOT_SERVED = /^Save(?:Video|WEBM|Audio|GLB|SVG|Latent|Text)|^Preview(?:Video|Audio|3D)|VideoCombine$/;

export const outputKind = ({ classType }: GraphNode): OutputKind =>
  classType === FRAME_OUTPUT ? "frames" : "files";

/** Does it certainly hand out pictures? */
export const isPictureOutput = ({ classType }: GraphNode): boolean =>
  FILE_OUTPUTS.has(classType) || classType === FRAME_OUTPUT;

/** Does it hand out something that is certainly no picture? */
export const isOtherOutput = ({ classType }: GraphNode): boolean => NOT_SERVED.test(classType);

/** A picture for looking at while working, beside one that is saved. */
export const isPreviewOutput = ({ classType }: GraphNode): boolean => classType === "PreviewImage";

/** An empty canvas: carries the size and how many pictures are made at once. */
export const isCanvas = ({ classType }: GraphNode): boolean => /^Empty\w*Latent/.test(classType);

/** Sizes that a canvas takes are multiples of this; what it does not say is rounded down in silence. */
export const canvasStep = (classType: string): number => (classType === "EmptyLatentImage" ? 8 : 16);

export const isImageLoader = ({ classType }: GraphNode): boolean => classType === "LoadImage";
export const isMaskLoader = ({ classType }: GraphNode): boolean => classType === "LoadImageMask";

/** Core loaders that read the folder for temporary files when the name ends in ` [temp]`; it is emptied at each start. */
export const readsTemporary = (node: GraphNode): boolean => isImageLoader(node) || isMaskLoader(node);

/** What a run is doing while it is at this node; `undefined`: nothing worth a word. */
export function phaseOf(node: GraphNode, isOutput: boolean): Phase | undefined {
  if (isOutput) return "saving";
  if (/Sampler/.test(node.classType) && !/Select/.test(node.classType)) return "sampling";
  if (/Decode/.test(node.classType)) return "decoding";
  if (/Load|Encode|Empty/.test(node.classType)) return "loading";
  return undefined;
}
