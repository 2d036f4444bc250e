import type { Random } from "./random";

/** Smooth noise over the plane, about -1 … 1. */
export type Noise = (x: number, y: number) => number;

const SIZE = 256;
const MASK = SIZE - 1;

/** Perlin's gradient noise over a shuffled table of directions. */
export function createNoise(random: Random): Noise {
  const order = shuffled(random);
  const directionX = new Float64Array(SIZE);
  const directionY = new Float64Array(SIZE);
  for (let at = 0; at < SIZE; at++) {
    const angle = (at / SIZE) * 2 * Math.PI;
    directionX[at] = Math.cos(angle) * 1.5;
    directionY[at] = Math.sin(angle) * 1.5;
  }
  const corner = (cellX: number, cellY: number, x: number, y: number): number => {
    const at = order[((order[cellX & MASK] ?? 0) + cellY) & MASK] ?? 0;
    return (directionX[at] ?? 0) * x + (directionY[at] ?? 0) * y;
  };
  return (x, y) => {
    const cellX = Math.floor(x);
    const cellY = Math.floor(y);
    const dx = x - cellX;
    const dy = y - cellY;
    const easeX = dx * dx * (3 - 2 * dx);
    const easeY = dy * dy * (3 - 2 * dy);
    const top = corner(cellX, cellY, dx, dy);
    const bottom = corner(cellX, cellY + 1, dx, dy - 1);
    const upper = top + (corner(cellX + 1, cellY, dx - 1, dy) - top) * easeX;
    const lower = bottom + (corner(cellX + 1, cellY + 1, dx - 1, dy - 1) - bottom) * easeX;
    return upper + (lower - upper) * easeY;
  };
}

/** Several octaves of a noise on top of each other, about -1 … 1: clouds, rock, water. */
export function fractal(noise: Noise, x: number, y: number, octaves: number, gain = 0.5): number {
  let sum = 0;
  let weight = 1;
  let total = 0;
  let frequency = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(x * frequency + octave * 17.3, y * frequency - octave * 9.7);
    total += weight;
    weight *= gain;
    frequency *= 2.03;
  }
  return sum / total;
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

function shuffled(random: Random): Uint8Array {
  const order = Uint8Array.from({ length: SIZE }, (_, at) => at);
  for (let at = SIZE - 1; at > 0; at--) {
    const other = random.integer(0, at);
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
