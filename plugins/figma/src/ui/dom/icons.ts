/** Icons of the panel: strokes on a grid of 16, drawn here. They are decoration; the button around them has the name. */
const paths = {
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  star: 'M8 2.5l1.7 3.5 3.8.5-2.8 2.7.7 3.8L8 11.2 4.6 13l.7-3.8L2.5 6.5 6.3 6z',
  copy: 'M6 5.5h6.5v8H6zM3.5 10.5v-8H10',
  layers: 'M8 2.5l5.5 3L8 8.5l-5.5-3zM2.5 9l5.5 3 5.5-3',
  image: 'M2.5 3.5h11v9h-11zM2.5 11l3.5-3.5 2.5 2.5 2-2 3 3M10.5 6h.01',
  reset: 'M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3',
  done: 'M3.5 8.5l3 3 6-7',
  failed: 'M8 3.5v5.5M8 12h.01',
} as const;

export type IconName = keyof typeof paths;

const svgNamespace = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svgNamespace, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}
