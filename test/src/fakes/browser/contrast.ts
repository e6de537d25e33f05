/** Contrast of two colours as WCAG 2.2 defines it (“contrast ratio”, “relative luminance”). */

/** Red, green, blue from 0 to 255, alpha from 0 to 1. */
export interface ColourWithAlpha {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly a: number;
}

/** Reads `#rrggbb`, `rgb(…)` and `rgba(…)`. */
export function parseColour(text: string): ColourWithAlpha {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  const numbers = hex ? hex.slice(1).map((digits) => parseInt(digits, 16)) : (text.match(/[\d.]+/g) ?? []).map(Number);
  const [r, g, b, a = 1] = numbers;
  if (r === undefined || g === undefined || b === undefined) throw new Error(`expected a colour, got ${text}`);
  return { r, g, b, a };
}

/** A colour laid over an opaque one. */
export function over(top: ColourWithAlpha, under: ColourWithAlpha): ColourWithAlpha {
  const mix = (one: number, other: number): number => one * top.a + other * (1 - top.a);
  return { r: mix(top.r, under.r), g: mix(top.g, under.g), b: mix(top.b, under.b), a: 1 };
}

/** 1 to 21, of two opaque colours. */
export function contrast(one: ColourWithAlpha, other: ColourWithAlpha): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance({ r, g, b }: ColourWithAlpha): number {
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}
