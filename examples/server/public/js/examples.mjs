// @ts-check

/** Prompts to start from. */
export const EXAMPLES = [
  {
    name: "Lighthouse",
    prompt: "A lighthouse on a rocky coast at dusk, long exposure, the sea like mist",
  },
  {
    name: "Alpine dawn",
    prompt: "A cabin in a snowy alpine valley at sunrise, smoke rising, wide view, soft watercolour",
  },
  { name: "Neon street", prompt: "A rainy Tokyo street at night, neon signs mirrored in the wet asphalt" },
  { name: "Night cat", prompt: "A black cat on a rooftop in front of a huge full moon" },
  { name: "Dunes", prompt: "Desert dunes in golden evening light, a line of camels far away" },
  { name: "Nebula", prompt: "A ringed planet before a violet nebula, fine stars, deep space" },
];

/** Keys that the example server knows unless it is told otherwise. */
export const DEMO_KEYS = [
  { name: "demo", key: "aigw_sk_demo" },
  { name: "other", key: "aigw_sk_other" },
  { name: "no capability", key: "aigw_sk_nocap" },
];
