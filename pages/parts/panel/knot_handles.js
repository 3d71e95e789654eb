// Handles on the rate chart for the knots of a curve drawn by hand; the control beside the charts has them for the keyboard.

import { MANY_KNOTS, knotsControl } from '../drawn_knots.js';
import { append } from '../elements.js';
import { pixelOf } from './axes.js';

/**
 * Show a handle for each knot on a chart whose figure has the units of the knots in its metadata.
 *
 * @param {import('./chart.js').Chart} chart
 */
export function showKnots(chart) {
  const frame = chart.figure?.layout.meta.knots;
  const full = chart.picture._fullLayout;
  const { hidden } = chart.panel.kept;
  const shown = frame && full && !hidden.has(chart.panel.runs[0]) ? (knotsControl()?.value ?? []) : [];
  const { knots } = chart;
  while (knots.children.length > shown.length) knots.lastChild.remove();
  knots.toggleAttribute('data-many', shown.length > MANY_KNOTS);
  shown.forEach(([time, height], i) => {
    const handle = knots.children[i] ?? addHandle(chart, i);
    const x = pixelOf(full.xaxis, frame.start + time * frame.steps);
    const y = pixelOf(full.yaxis, height * frame.peak, true);
    handle.hidden = x === null || y === null;
    if (!handle.hidden) handle.style.transform = `translate(${x}px, ${y}px)`;
  });
}

function addHandle(chart, i) {
  const handle = append(chart.knots, 'i');
  handle.onpointerdown = (event) => {
    event.preventDefault();
    if (event.button !== 0) return;
    chart.heldRange = chart.shownAxis('y').range; // the axis must not change during the drag
    const positionOf = ({ clientX, clientY }) => {
      const { xaxis, yaxis } = chart.picture._fullLayout;
      const { left, top } = chart.plot.getBoundingClientRect();
      const { start, steps, peak } = chart.figure.layout.meta.knots;
      const [x, y] = [xaxis.p2d(clientX - left - xaxis._offset), yaxis.p2d(clientY - top - yaxis._offset)];
      return [(x - start) / steps, y / peak];
    };
    knotsControl()?.drag(event, handle, i, positionOf, () => {
      chart.heldRange = null;
    });
  };
  return handle;
}
