import { type Colour, tuned } from "./paint/colour";

/** The colours of one picture. */
export interface Palette {
  /** From the zenith down to the horizon. */
  readonly sky: readonly [Colour, Colour, Colour, Colour];
  /** The disc of sun or moon, and the light around it. */
  readonly sun: Colour;
  readonly glow: Colour;
  /** Hills from the farthest to the nearest. */
  readonly far: Colour;
  readonly middle: Colour;
  readonly near: Colour;
  /** Clouds where the light falls, and where it does not. */
  readonly cloud: Colour;
  readonly shade: Colour;
  readonly accents: readonly [Colour, Colour, Colour, Colour, Colour];
  readonly isNight: boolean;
  readonly hasSnow: boolean;
}

export type PaletteName =
  | "sunrise"
  | "sunset"
  | "day"
  | "night"
  | "cosmos"
  | "winter"
  | "autumn"
  | "spring"
  | "storm"
  | "tropical"
  | "neon";

export const PALETTES: Readonly<Record<PaletteName, Palette>> = {
  sunrise: {
    sky: ["#2c4a86", "#7f86b9", "#e9a79b", "#ffdfae"],
    sun: "#fff6dc",
    glow: "#ffc27d",
    far: "#c99ba4",
    middle: "#6d6390",
    near: "#161d38",
    cloud: "#ffd9b8",
    shade: "#9a86ad",
    accents: ["#ff9e7a", "#ffd18c", "#e5738a", "#8d7bb8", "#46598f"],
    isNight: false,
    hasSnow: true,
  },
  sunset: {
    sky: ["#271a4f", "#7a2f74", "#e35d68", "#ffbe68"],
    sun: "#fff0b8",
    glow: "#ff8f4d",
    far: "#bd5273",
    middle: "#5f2b66",
    near: "#140d2a",
    cloud: "#ff9f7a",
    shade: "#5b2f6e",
    accents: ["#ff7a59", "#ffc15e", "#d8456f", "#7d3c98", "#2f2a6b"],
    isNight: false,
    hasSnow: false,
  },
  day: {
    sky: ["#1f6fc4", "#5aa4e0", "#a9d3ee", "#e4f2f4"],
    sun: "#fffdf0",
    glow: "#fffbee",
    far: "#9dbfd4",
    middle: "#4f8794",
    near: "#12382f",
    cloud: "#ffffff",
    shade: "#a8c0d6",
    accents: ["#2f7fd1", "#ffb84d", "#3aa98f", "#f2695c", "#f4e3c1"],
    isNight: false,
    hasSnow: true,
  },
  night: {
    sky: ["#040817", "#0b1738", "#1c3263", "#42608f"],
    sun: "#f6f2dd",
    glow: "#9db8ea",
    far: "#36527f",
    middle: "#182b52",
    near: "#03060f",
    cloud: "#5d78a8",
    shade: "#16264a",
    accents: ["#ffd27a", "#7aa7ff", "#f2f4ff", "#4b5fc0", "#1d2a57"],
    isNight: true,
    hasSnow: true,
  },
  cosmos: {
    sky: ["#07051c", "#190f45", "#44257f", "#8a4aa8"],
    sun: "#fff3e0",
    glow: "#a9b8ff",
    far: "#6a4fa3",
    middle: "#2b1c5e",
    near: "#05030f",
    cloud: "#9a78d6",
    shade: "#1d1147",
    accents: ["#ff8fb1", "#ffcf8a", "#5fd0e6", "#6b5be0", "#b04fd1"],
    isNight: true,
    hasSnow: true,
  },
  winter: {
    sky: ["#7fa3c7", "#adc6dc", "#d9e3ea", "#f7ece1"],
    sun: "#fffaf0",
    glow: "#ffe9cf",
    far: "#bccddb",
    middle: "#7d99b5",
    near: "#20344e",
    cloud: "#ffffff",
    shade: "#b4c5d6",
    accents: ["#e9f2f8", "#9cc3dd", "#5c86ad", "#f0c9b0", "#2c4460"],
    isNight: false,
    hasSnow: true,
  },
  autumn: {
    sky: ["#5d8ba0", "#9fb9b4", "#e6d3a6", "#fbe6b6"],
    sun: "#fff7dd",
    glow: "#ffd88f",
    far: "#c9aa86",
    middle: "#a65a2e",
    near: "#37150f",
    cloud: "#fff2d8",
    shade: "#bfae98",
    accents: ["#d9682b", "#f0a93b", "#a8341f", "#6f7a3a", "#f7d98b"],
    isNight: false,
    hasSnow: false,
  },
  spring: {
    sky: ["#6db3e2", "#a9d2ee", "#dfe6f2", "#fde3e4"],
    sun: "#fffaf2",
    glow: "#ffe1dc",
    far: "#b3c8d6",
    middle: "#7ba58a",
    near: "#234639",
    cloud: "#ffffff",
    shade: "#cdbfd6",
    accents: ["#f7a8b8", "#ffd3a8", "#8fcfa8", "#84b6e8", "#c7a6e6"],
    isNight: false,
    hasSnow: true,
  },
  storm: {
    sky: ["#141e2b", "#2f4357", "#6b8193", "#d6cbb3"],
    sun: "#fff4da",
    glow: "#e9d3a2",
    far: "#75899a",
    middle: "#3a4f61",
    near: "#0b1219",
    cloud: "#a9b4bd",
    shade: "#223140",
    accents: ["#d8b26e", "#6f8ea6", "#a7bcc9", "#3b566d", "#e8e1d0"],
    isNight: false,
    hasSnow: true,
  },
  tropical: {
    sky: ["#0784b8", "#38b5d3", "#9fe0df", "#fff0cc"],
    sun: "#fffbe6",
    glow: "#ffe2a0",
    far: "#7fbcc4",
    middle: "#1f8a86",
    near: "#073c42",
    cloud: "#ffffff",
    shade: "#a9d2dc",
    accents: ["#ff7f6a", "#ffc857", "#2ec4b6", "#0b7fab", "#f4f1de"],
    isNight: false,
    hasSnow: false,
  },
  neon: {
    sky: ["#09031f", "#250a5c", "#8a1c95", "#ff4fa3"],
    sun: "#ffe45c",
    glow: "#ff4fa3",
    far: "#7a2aa8",
    middle: "#34137a",
    near: "#07021a",
    cloud: "#d14fd0",
    shade: "#2a0f63",
    accents: ["#00e5ff", "#ff2fa0", "#a44bff", "#ffe14a", "#3dffb0"],
    isNight: true,
    hasSnow: false,
  },
};

/** How a style or a medium changes every colour. */
export interface Tone {
  readonly chroma: number;
  /** Above 0 towards white, below towards black. */
  readonly lift: number;
}

export function tonedPalette(palette: Palette, tone: Tone): Palette {
  const toned = (colour: Colour): Colour => tuned(colour, tone);
  const [zenith, high, low, horizon] = palette.sky;
  const [first, second, third, fourth, fifth] = palette.accents;
  return {
    ...palette,
    sky: [toned(zenith), toned(high), toned(low), toned(horizon)],
    sun: toned(palette.sun),
    glow: toned(palette.glow),
    far: toned(palette.far),
    middle: toned(palette.middle),
    near: toned(palette.near),
    cloud: toned(palette.cloud),
    shade: toned(palette.shade),
    accents: [toned(first), toned(second), toned(third), toned(fourth), toned(fifth)],
  };
}
