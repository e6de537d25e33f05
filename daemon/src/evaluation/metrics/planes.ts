/** Images as the reference metrics take them: channel planes of any numeric type on any scale. */

/** Channels one after another, each row-major, top row first. */
export interface Planes {
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  /** `channels·height·width` numbers. */
  readonly data: ArrayLike<number>;
}

/** Throws unless both have the same size and as many values as it says. */
export function assertSameSize(what: string, a: Planes, b: Planes): void {
  const sizeOf = ({ channels, height, width }: Planes): string => `${channels}×${height}×${width}`;
  if (sizeOf(a) !== sizeOf(b)) throw new Error(`${what}: images differ in size, ${sizeOf(a)} and ${sizeOf(b)}`);
  for (const image of [a, b])
    if (image.data.length !== image.channels * image.height * image.width)
      throw new Error(`${what}: expected ${sizeOf(image)} values, got ${image.data.length}`);
}
