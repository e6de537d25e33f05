/**
 * Numerals on pictures: digits and a plus as a 3×5 bitmap, because system fonts differ between machines. Letters are not
 * here.
 */

/** Rows from the top, three bits each. */
const glyphs: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  '0': [0b111, 0b101, 0b101, 0b101, 0b111],
  '1': [0b010, 0b110, 0b010, 0b010, 0b111],
  '2': [0b111, 0b001, 0b111, 0b100, 0b111],
  '3': [0b111, 0b001, 0b111, 0b001, 0b111],
  '4': [0b101, 0b101, 0b111, 0b001, 0b001],
  '5': [0b111, 0b100, 0b111, 0b001, 0b111],
  '6': [0b111, 0b100, 0b111, 0b101, 0b111],
  '7': [0b111, 0b001, 0b010, 0b010, 0b010],
  '8': [0b111, 0b101, 0b111, 0b101, 0b111],
  '9': [0b111, 0b101, 0b111, 0b001, 0b111],
  '+': [0b000, 0b010, 0b111, 0b010, 0b000],
};
const glyphWidth = 3;

/** Height of every numeral, in font pixels. */
export const numeralHeight = 5;

/** Width of a text in font pixels: three per character and one between two. */
export function numeralWidth(text: string): number {
  return Math.max(0, text.length * (glyphWidth + 1) - 1);
}

/** Calls `paint` for every inked font pixel, counted from the text's top left. Throws for other characters. */
export function drawNumeral(text: string, paint: (x: number, y: number) => void): void {
  [...text].forEach((character, index) => {
    const rows = glyphs[character];
    if (rows === undefined) throw new Error(`no numeral for ${JSON.stringify(character)}`);
    rows.forEach((row, y) => {
      for (let x = 0; x < glyphWidth; x++)
        if ((row >> (glyphWidth - 1 - x)) & 1) paint(index * (glyphWidth + 1) + x, y);
    });
  });
}
