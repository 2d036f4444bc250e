import type { Scene } from "./scene";
import { drawPaperWaves } from "./paper-waves";
import { drawSilk } from "./silk";
import { drawTiles } from "./tiles";

/** No subject known: folded silk, waves cut from paper, or a field of tiles. */
export async function drawAbstract(scene: Scene): Promise<void> {
  await scene.random.fork("kind").pick(drawSilk, drawPaperWaves, drawTiles)(scene);
}
