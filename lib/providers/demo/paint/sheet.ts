import type { Colour } from "./colour";

export interface Stop {
  /** 0 … 1 along the gradient. */
  readonly at: number;
  readonly colour: Colour;
  /** @default 1 */
  readonly opacity?: number;
}

/** Where a part of the sheet lies, in its own pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * An SVG document while it is drawn. Only numbers, `#rrggbb` colours and markup written in this folder get into it: nothing
 * of a request's text does.
 */
export class Sheet {
  readonly width: number;
  readonly height: number;
  readonly #definitions: string[] = [];
  readonly #body: string[] = [];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }

  add(markup: string): void {
    this.#body.push(markup);
  }

  /** Puts something into `<defs>`; the answer refers to it, as in `fill="url(#d3)"`. */
  define(markup: (id: string) => string): string {
    const id = `d${this.#definitions.length}`;
    this.#definitions.push(markup(id));
    return `url(#${id})`;
  }

  /** A straight gradient between two points of the sheet. */
  linear(x1: number, y1: number, x2: number, y2: number, stops: readonly Stop[]): string {
    return this.define(
      (id) =>
        `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}">${stops.map(stopMarkup).join("")}</linearGradient>`,
    );
  }

  /** A round gradient about a point of the sheet. */
  radial(x: number, y: number, radius: number, stops: readonly Stop[]): string {
    return this.define(
      (id) =>
        `<radialGradient id="${id}" gradientUnits="userSpaceOnUse" cx="${short(x)}" cy="${short(y)}" r="${short(radius)}">${stops.map(stopMarkup).join("")}</radialGradient>`,
    );
  }

  /** A round gradient that fits itself to whatever it fills: bright in the middle, gone at the edge. */
  halo(colour: Colour, opacity: number): string {
    const stops: readonly Stop[] = [
      { at: 0, colour, opacity },
      { at: 0.3, colour, opacity: opacity * 0.4 },
      { at: 1, colour, opacity: 0 },
    ];
    return this.define(
      (id) => `<radialGradient id="${id}">${stops.map(stopMarkup).join("")}</radialGradient>`,
    );
  }

  /** A clip made of the markup's shapes, as in `clip-path="url(#d3)"`. */
  clip(markup: string): string {
    return this.define((id) => `<clipPath id="${id}">${markup}</clipPath>`);
  }

  /** The whole document, or the part of it in `area`, at the size asked for. */
  document(
    width: number,
    height: number,
    area: Area = { x: 0, y: 0, width: this.width, height: this.height },
  ): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="${short(area.x)} ${short(area.y)} ${short(area.width)} ${short(area.height)}" preserveAspectRatio="none">` +
      `<defs>${this.#definitions.join("")}</defs>${this.#body.join("")}</svg>`
    );
  }
}

/** Two decimals are finer than any screen; more would only make the document longer. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function stopMarkup({ at, colour, opacity = 1 }: Stop): string {
  const seen = opacity === 1 ? "" : ` stop-opacity="${short(opacity)}"`;
  return `<stop offset="${short(at)}" stop-color="${colour}"${seen}/>`;
}
