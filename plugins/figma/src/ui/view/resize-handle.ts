/** The corner by which the window is resized: by the pointer, or with the arrow keys. The main side does the resizing. */
import { element } from '../dom/element.js';
import { type UiBridge } from '../ui-bridge.js';

/** Sizes that the panel is drawn for, in CSS pixels. */
const bounds = { widthPx: { minimum: 280, maximum: 560 }, heightPx: { minimum: 360, maximum: 1000 } } as const;
/** One press of an arrow key. */
const stepPx = 16;

export function createResizeHandle(bridge: Pick<UiBridge, 'request'>): HTMLElement {
  const handle = element('div', {
    class: 'resize-handle',
    role: 'button',
    tabindex: 0,
    'aria-label': 'Resize the window with the arrow keys',
    title: 'Resize',
  });
  const resize = (widthPx: number, heightPx: number): void => {
    const size = { widthPx: within(widthPx, bounds.widthPx), heightPx: within(heightPx, bounds.heightPx) };
    bridge.request('resize', size).catch(() => undefined); // the window keeps its size
  };
  handle.addEventListener('pointerdown', (event) => {
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
    handle.focus();
  });
  handle.addEventListener('pointermove', (event) => {
    if (handle.hasPointerCapture(event.pointerId)) resize(event.clientX, event.clientY);
  });
  handle.addEventListener('keydown', ({ key }) => {
    const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [
      0, 0,
    ];
    if (across === 0 && down === 0) return;
    resize(window.innerWidth + (across ?? 0) * stepPx, window.innerHeight + (down ?? 0) * stepPx);
  });
  return handle;
}

function within(valuePx: number, { minimum, maximum }: { readonly minimum: number; readonly maximum: number }): number {
  return Math.round(Math.min(Math.max(valuePx, minimum), maximum));
}
