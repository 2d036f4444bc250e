// @ts-check

/**
 * A completed job of this key from before, whose pictures are asked for only when their place in the gallery comes into view.
 *
 * @typedef {{
 *   id: string, key: string, model: string, request: Record<string, any> | null, finishedAt: number,
 *   images: readonly { index: number, content_type: string, width: number, height: number }[],
 *   pictures: readonly import("./state.mjs").Picture[] | null,
 *   isAsked: boolean,
 * }} RecentJob
 */

/**
 * @param {any} object
 * @param {string} key
 * @param {Record<string, any> | null} request
 * @returns {RecentJob}
 */
export const recentJob = (object, key, request) => ({
  id: object.id,
  key,
  model: object.model,
  request,
  finishedAt: (object.completed_at ?? object.created_at) * 1000,
  images: object.images,
  pictures: null,
  isAsked: false,
});
