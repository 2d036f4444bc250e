import type { SceneName } from "../subject";
import { drawCat } from "./cat";
import { drawCity } from "./city";
import { drawDesert } from "./desert";
import { drawForest } from "./forest";
import { drawLandscape } from "./landscape";
import { drawPaperWaves } from "./paper-waves";
import type { DrawScene } from "./scene";
import { drawSea } from "./sea";
import { drawSilk } from "./silk";
import { drawSpace } from "./space";
import { drawTiles } from "./tiles";

export const SCENES: Readonly<Record<SceneName, DrawScene>> = {
  landscape: drawLandscape,
  desert: drawDesert,
  city: drawCity,
  sea: drawSea,
  forest: drawForest,
  space: drawSpace,
  cat: drawCat,
  silk: drawSilk,
  paper: drawPaperWaves,
  tiles: drawTiles,
};
