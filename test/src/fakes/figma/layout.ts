/**
 * Auto-layout and text sizes of the fake document, as far as the plugin relies on them: both directions, wrapping, spacing,
 * padding, hugging, alignment across. Letters are boxes of one width; real text is wider or narrower.
 */
import { type FakeDocument, type NodeData } from './document.js';

/** Width of a letter and height of a line, as shares of the font size. */
export const letter = { width: 0.55, height: 1.2 } as const;

/** Lays out everything in a node, innermost first. */
export function layOut(document: FakeDocument, node: NodeData): void {
  for (const child of document.children(node)) layOut(document, child);
  if (node.type === 'TEXT') sizeText(node);
  const mode = node.settings['layoutMode'];
  if (mode === 'HORIZONTAL' || mode === 'VERTICAL') layOutFrame(document, node, mode === 'HORIZONTAL');
}

function sizeText(node: NodeData): void {
  const { characters, fontSize, textAutoResize } = node.settings as {
    readonly characters: string;
    readonly fontSize: number;
    readonly textAutoResize: string;
  };
  const letterWidth = fontSize * letter.width;
  const lines = characters.split('\n');
  if (textAutoResize === 'WIDTH_AND_HEIGHT') {
    node.width = Math.max(...lines.map(({ length }) => length)) * letterWidth;
    node.height = lines.length * fontSize * letter.height;
  }
  if (textAutoResize === 'HEIGHT') {
    const perLine = Math.max(1, Math.floor(node.width / letterWidth));
    const count = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / perLine)), 0);
    node.height = count * fontSize * letter.height;
  }
}

interface Padding {
  readonly mainStart: number;
  readonly mainEnd: number;
  readonly crossStart: number;
  readonly crossEnd: number;
}

/** `main` is the direction in which children follow each other, `cross` the other one. */
function layOutFrame(document: FakeDocument, frame: NodeData, isHorizontal: boolean): void {
  const { settings } = frame;
  const number = (name: string): number => settings[name] as number;
  const padding: Padding = isHorizontal
    ? {
        mainStart: number('paddingLeft'),
        mainEnd: number('paddingRight'),
        crossStart: number('paddingTop'),
        crossEnd: number('paddingBottom'),
      }
    : {
        mainStart: number('paddingTop'),
        mainEnd: number('paddingBottom'),
        crossStart: number('paddingLeft'),
        crossEnd: number('paddingRight'),
      };
  const main = (node: NodeData): number => (isHorizontal ? node.width : node.height);
  const cross = (node: NodeData): number => (isHorizontal ? node.height : node.width);
  const children = document
    .children(frame)
    .filter(({ visible, settings: own }) => visible && own['layoutPositioning'] !== 'ABSOLUTE');
  const room = main(frame) - padding.mainStart - padding.mainEnd;
  const lines = settings['layoutWrap'] === 'WRAP' ? wrap(children, main, number('itemSpacing'), room) : [children];
  const lengths = lines.map((line) => sum(line.map(main)) + number('itemSpacing') * Math.max(0, line.length - 1));
  const heights = lines.map((line) => Math.max(0, ...line.map(cross)));
  const lineSpacing = (settings['counterAxisSpacing'] as number | null) ?? number('itemSpacing');
  const hugMain = Math.max(0, ...lengths) + padding.mainStart + padding.mainEnd;
  const hugCross = sum(heights) + lineSpacing * (lines.length - 1) + padding.crossStart + padding.crossEnd;
  const newMain = settings['primaryAxisSizingMode'] === 'AUTO' ? hugMain : main(frame);
  const newCross = settings['counterAxisSizingMode'] === 'AUTO' ? hugCross : cross(frame);
  [frame.width, frame.height] = isHorizontal ? [newMain, newCross] : [newCross, newMain];
  let crossAt = padding.crossStart;
  lines.forEach((line, index) => {
    const height = lines.length === 1 ? newCross - padding.crossStart - padding.crossEnd : (heights[index] as number);
    let mainAt = padding.mainStart;
    for (const child of line) {
      const spare = height - cross(child);
      const align = settings['counterAxisAlignItems'];
      const offset = crossAt + (align === 'CENTER' ? spare / 2 : align === 'MAX' ? spare : 0);
      const [x, y] = isHorizontal ? [mainAt, offset] : [offset, mainAt];
      child.transform = [
        [child.transform[0][0], child.transform[0][1], x],
        [child.transform[1][0], child.transform[1][1], y],
      ];
      mainAt += main(child) + number('itemSpacing');
    }
    crossAt += height + lineSpacing;
  });
}

/** Breaks children into lines that fit. */
function wrap(children: NodeData[], main: (node: NodeData) => number, spacing: number, room: number): NodeData[][] {
  const lines: NodeData[][] = [[]];
  let used = 0;
  for (const child of children) {
    const line = lines[lines.length - 1] as NodeData[];
    const needed = used + (line.length === 0 ? 0 : spacing) + main(child);
    if (line.length > 0 && needed > room) {
      lines.push([child]);
      used = main(child);
    } else {
      line.push(child);
      used = needed;
    }
  }
  return lines;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
