// Moves elements that Plotly has drawn. Plotly takes 15 to 25 ms to draw a chart; if only lines, marks and the ranges of the axes
// have changed, its SVG is changed instead, in about 2 ms.

import { setText } from '../elements.js';

/** True if a trace is a line without text. */
export const isLine = ({ mode, visible, text }) => mode === 'lines' && visible !== false && !text;

/** True if a trace is a single mark. */
const isMark = ({ x, visible }) => x?.length === 1 && visible !== false;

/** A trace without its movable properties: as long as this is unchanged, Plotly need not redraw. */
export const fixedPart = (trace) => (isLine(trace) || isMark(trace) ? { ...trace, x: 0, y: 0, text: !trace.text } : trace);

/** The farthest that a line is drawn outside of the chart, in pixels. */
const FARTHEST = 1e4;

/**
 * Move drawn lines, the fills between them and single marks with their texts to new data.
 *
 * @param {any} picture Plotly's element
 * @param {object[]} drawn the traces that Plotly has drawn
 * @param {object[]} data the traces to show
 * @returns {boolean} false if the SVG is not as expected; nothing has been moved then
 */
export function moveLines(picture, drawn, data) {
  const shown = data.filter(({ visible }) => visible !== false);
  const before = drawn.filter(({ visible }) => visible !== false);
  const nodes = [...picture.querySelectorAll('.scatterlayer > .trace')];
  if (nodes.length !== shown.length) return false;
  const { xaxis, yaxis } = picture._fullLayout;
  const pixel = (axis, value) => {
    const found = value === null ? NaN : axis.d2p(value);
    return Number.isFinite(found) ? Math.max(-FARTHEST, Math.min(FARTHEST, found)) : null; // a logarithmic axis has no zero
  };
  const point = ({ x, y }, k) => {
    const found = [pixel(xaxis, x[k]), pixel(yaxis, y[k])];
    return found.includes(null) ? null : found;
  };
  const changes = [];
  let previous = null;
  for (const [i, trace] of shown.entries()) {
    if (isLine(trace)) {
      const line = nodes[i].querySelector('.js-line');
      if (!line) return false;
      const points = trace.x.map((_, k) => point(trace, k)?.map((pixels) => pixels.toFixed(2)).join() ?? null);
      const inside = points.filter((pixels) => pixels !== null);
      if (trace.fill) {
        const area = nodes[i - 1]?.querySelector('.js-fill');
        if (!area || !previous) return false;
        changes.push([area, 'd', `M${previous.join('L')}L${inside.toReversed().join('L')}Z`]);
      }
      changes.push([line, 'd', points.map((pixels, k) => pixels && `${points[k - 1] ? 'L' : 'M'}${pixels}`).join('')]);
      previous = inside;
    } else if (isMark(trace)) {
      const [from, to] = [point(before[i], 0), point(trace, 0)];
      if (!from || !to) return false;
      const groups = nodes[i].querySelectorAll(':scope > .points, :scope > .text');
      for (const group of groups) changes.push([group, 'transform', `translate(${to[0] - from[0]},${to[1] - from[1]})`]);
      const text = nodes[i].querySelector('.text text');
      if (text && trace.text) changes.push([text, '', trace.text[0]]);
    }
  }
  for (const [node, name, value] of changes) name ? node.setAttribute(name, value) : setText(node, value);
  return true;
}

/** Undo the moves of marks, so that Plotly can redraw them. */
export function resetMarks(picture) {
  for (const group of picture.querySelectorAll('.scatterlayer .trace > [transform]')) group.removeAttribute('transform');
}
