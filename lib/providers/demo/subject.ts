import { Random } from "./paint/random";
import type { PaletteName, Tone } from "./palette";

export type SceneName =
  | "landscape"
  | "desert"
  | "city"
  | "sea"
  | "forest"
  | "space"
  | "cat"
  | "silk"
  | "paper"
  | "tiles";

/** What the words of a prompt ask for. */
export interface Subject {
  readonly scene: SceneName;
  readonly palette: PaletteName;
  readonly tone: Tone;
}

const SCENE_WORDS: Readonly<Record<SceneName, string>> = {
  landscape:
    "mountain alps alpine peak hill valley lake landscape fjord volcano river meadow cabin countryside",
  desert: "desert dune sahara canyon mesa camel oasis sand",
  city: "city skyline town street building skyscraper downtown urban cyberpunk tower tokyo york london metropolis car",
  sea: "sea ocean beach wave coast island sail sailboat boat ship harbor lighthouse surf otter whale dolphin fish",
  forest: "forest tree wood woodland jungle pine deer fox bear owl path bamboo garden",
  space:
    "space planet star galaxy nebula cosmos universe astronaut rocket orbit saturn mars spaceship cosmic",
  cat: "cat kitten kitty feline siamese tabby",
  silk: "silk fabric fluid liquid gradient smoke flow marble",
  paper: "paper origami cutout layered",
  tiles: "geometric geometry pattern shape bauhaus mosaic tile logo icon circle triangle cube",
};

const PALETTE_WORDS: Readonly<Record<PaletteName, string>> = {
  sunrise: "sunrise dawn morning",
  sunset: "sunset dusk evening golden",
  day: "day noon sunny bright summer",
  night: "night midnight moon moonlight moonlit dark",
  cosmos: "galaxy nebula cosmic cosmos universe space planet star starry stars",
  winter: "winter snow snowy ice frozen arctic cold",
  autumn: "autumn fall october maple rust",
  spring: "spring blossom cherry sakura flower pink",
  storm: "storm stormy rain rainy fog foggy mist misty moody gloomy",
  tropical: "tropical paradise palm turquoise caribbean lagoon",
  neon: "neon cyberpunk synthwave vaporwave retrowave futuristic",
};

/** What a scene is shown in when the prompt names no light; the seed picks one. */
const USUAL: Readonly<Record<SceneName, readonly [PaletteName, ...PaletteName[]]>> = {
  landscape: ["sunrise", "day", "sunset", "autumn", "spring", "winter", "storm"],
  desert: ["sunset", "autumn", "sunrise", "night"],
  city: ["night", "sunset", "neon", "sunrise"],
  sea: ["sunset", "tropical", "day", "sunrise", "storm"],
  forest: ["sunrise", "autumn", "storm", "day", "winter"],
  space: ["cosmos"],
  cat: ["sunset", "night", "autumn", "sunrise", "neon"],
  silk: ["sunset", "tropical", "neon", "spring", "cosmos", "sunrise", "day"],
  paper: ["sunset", "tropical", "neon", "spring", "autumn", "sunrise", "cosmos"],
  tiles: ["sunset", "tropical", "spring", "autumn", "day", "night"],
};

const MEDIA: readonly { readonly words: string; readonly tone: Tone }[] = [
  { words: "watercolor watercolour pastel soft gentle", tone: { chroma: 0.72, lift: 0.24 } },
  { words: "noir monochrome grayscale greyscale charcoal pencil sketch", tone: { chroma: 0.04, lift: 0 } },
  { words: "vintage faded film muted", tone: { chroma: 0.62, lift: 0.06 } },
];

/** The two styles that OpenAI names; any other leaves the colours alone. */
const STYLE_CHROMA: ReadonlyMap<string, number> = new Map([
  ["natural", 0.78],
  ["vivid", 1.16],
]);

/** Reads a prompt like a child would: by the words it knows. */
export function subjectOf(prompt: string, style: string | undefined, seed: number): Subject {
  const words = wordsOf(prompt);
  const random = new Random(`${prompt}#${seed}`).fork("subject");
  const scene = bestMatch(words, SCENE_WORDS) ?? random.pick("silk", "paper", "tiles");
  const palette = bestMatch(words, PALETTE_WORDS) ?? random.pick(...USUAL[scene]);
  const medium = MEDIA.find((candidate) => candidate.words.split(" ").some((word) => words.includes(word)));
  return {
    scene,
    palette,
    tone: {
      chroma: (medium?.tone.chroma ?? 1) * (STYLE_CHROMA.get(style ?? "") ?? 1),
      lift: medium?.tone.lift ?? 0,
    },
  };
}

function wordsOf(prompt: string): readonly string[] {
  return prompt.toLowerCase().match(/\p{L}+/gu) ?? [];
}

/** The name most of whose words occur; of several the one that is named first. */
function bestMatch<Name extends string>(
  words: readonly string[],
  names: Readonly<Record<Name, string>>,
): Name | undefined {
  let best: Name | undefined;
  let bestScore = 0;
  for (const name in names) {
    const known = new Set(names[name].split(" "));
    const hits = words.flatMap((word, at) => (isOneOf(known, word) ? [at] : []));
    const score = hits.length === 0 ? 0 : hits.length - (hits[0] ?? 0) / (words.length + 1);
    if (score > bestScore) {
      best = name;
      bestScore = score;
    }
  }
  return best;
}

function isOneOf(known: ReadonlySet<string>, word: string): boolean {
  return known.has(word) || (word.endsWith("s") && known.has(word.slice(0, -1)));
}
