/** A file with portraits as designers have them: avatars of the examples as image fills, and what is around them. */
import { readFile } from 'node:fs/promises';
import { FakeDocument, type NodeData } from '../figma/document.js';
import { FakeImages } from '../figma/images.js';

export interface AvatarDocument {
  readonly document: FakeDocument;
  readonly images: FakeImages;
  readonly avatars: readonly NodeData[];
}

/** So many avatars in a row, each a rounded rectangle. */
export async function avatarDocument(count: 1 | 2 | 3 | 4 = 1): Promise<AvatarDocument> {
  const document = new FakeDocument();
  const images = new FakeImages();
  const avatars: NodeData[] = [];
  const names = ['Noah', 'Kim', 'Robin', 'Alex'];
  for (let index = 0; index < count; index++) {
    const file = new URL(`../../../../examples/avatar-0${index + 1}.png`, import.meta.url);
    const imageHash = images.create(new Uint8Array(await readFile(file)));
    avatars.push(
      document.add('RECTANGLE', {
        name: names[index] as string,
        x: 40 + 184 * index,
        y: 40,
        width: 160,
        height: 160,
        fills: [{ type: 'IMAGE', scaleMode: 'FILL', imageHash }],
        settings: { topLeftRadius: 12, topRightRadius: 12, bottomRightRadius: 12, bottomLeftRadius: 12 },
      }),
    );
  }
  return { document, images, avatars };
}
