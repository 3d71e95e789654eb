// The paths of runs over a surface, on the canvas of its chart.

import { ARROW_LENGTH, drawArrow, drawDot, drawLine } from './canvas.js';

/** @typedef {import('./tracks.js').Track} Track */
/**
 * @typedef {object} RunPath
 * @property {string} group the legend group of the run's curves
 * @property {string} color
 * @property {Track} path the first seed, at every step
 * @property {Track} [seeds] all seeds
 * @property {Track} [ends] the final positions of all seeds
 * @property {boolean} [races] whether no run comes first: each has its trail, and a dot at every step
 */

/** More dots than this on a curve are drawn smaller, and smaller still if a stack would leave the chart. */
const MANY_DOTS = 60;

/** Radius of the dots in a race, and by how much a dot is wider than one that covers it. */
const BALL = 6;
const RING = 3;

/** A run that is this many pixels outside of the chart gets an arrow at its edge. */
const OUTSIDE = 4;

/**
 * Draw runs over a contour: their lines, faint for other seeds; a ring at the start, dots at the step. The first run is on top.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {RunPath[]} runs
 * @param {number | null} step null for the end of the run
 * @param {string} paper color of the background
 */
export function drawOnContour(context, runs, step, paper) {
  context.lineJoin = 'round';
  for (const { path, seeds, color, races } of runs.toReversed()) {
    if (races) drawLine(context, path.path(), color, 1.5, 0.8);
    else if (!seeds) {
      drawLine(context, path.path(), color, 1.25, 0.85);
      for (const point of path.positions(step)) drawDot(context, point, 4, color, paper);
    }
    if (!seeds) continue;
    for (let seed = 1; seed < seeds.seeds; seed++) drawLine(context, seeds.path(seed), color, 1, 0.2);
    drawLine(context, path.path(), color, 1.5);
    drawDot(context, path.position(0), 4, paper, color);
    for (const point of seeds.positions(step).slice(1)) drawDot(context, point, 3, color, paper);
    for (const point of path.positions(step)) drawDot(context, point, 5, color, paper);
  }
  const dots = ringed(runs.filter(({ races }) => races).flatMap(({ path, color }) => path.positions(step).map((point) => ({ point, color }))));
  for (const { point, color, radius } of dots.toReversed()) drawDot(context, point, radius, color, paper); // over all trails
}

/** Dots, the first one on top, each with a radius at which it is seen as a ring around those that cover it. */
function ringed(dots) {
  const found = [];
  for (const dot of dots) {
    const [x, y] = dot.point;
    const seen = found.map(({ point, radius }) => radius + RING - Math.hypot(x - point[0], y - point[1]));
    found.push({ ...dot, radius: Math.max(BALL, ...seen) });
  }
  return found;
}

/**
 * Draw runs on a curve: pale dots at earlier positions of the first seed, and a dot for each seed, stacked where they overlap.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {RunPath[]} runs
 * @param {number | null} step null for the end of the run
 * @param {string} paper color of the background
 * @param {number} top upper edge of the chart in pixels
 */
export function drawOnCurve(context, runs, step, paper, top) {
  const dots = [];
  for (const { path, seeds, ends, color, races } of runs) {
    if (seeds || races) for (const point of path.path()) drawDot(context, point, 2, color, null, 0.18);
    const shown = races ? path : (seeds ?? (step === null ? ends : null));
    for (const point of shown?.positions(step) ?? []) dots.push({ point, color });
  }
  const points = dots.map(({ point }) => point);
  const leaves = (heap, radius) => heap.some(([, y], i) => y < top + radius && points[i][1] > top + 2 * radius);
  let radius = dots.length > MANY_DOTS ? 3 : 4.5;
  let heap = stacked(points, radius);
  while (radius > 1 && leaves(heap, radius)) heap = stacked(points, (radius *= 0.8));
  heap.forEach((center, i) => drawDot(context, center, radius, dots[i].color, radius < 2 ? null : paper));
}

/** Centers of dots of this radius above points of a curve, each stacked on the previous dots that it overlaps. */
function stacked(points, radius) {
  const centers = [];
  for (const [x, y] of points) {
    const center = [x, y - radius - 1.5];
    while (centers.some(([u, v]) => Math.hypot(u - center[0], v - center[1]) < 2 * radius - 0.5)) center[1] -= 1;
    centers.push(center);
  }
  return centers;
}

/** Pixels of the arrow of the gradient, whose length is not drawn to scale, and of the shortest first step that is drawn. */
const GRADIENT_ARROW = 56;
const SHORTEST_STEP = 3;

/**
 * Draw two arrows from the start of a run: against the gradient, in a fixed length, and the first step, to scale.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import('./canvas.js').Point} start
 * @param {[number, number]} down minus the gradient
 * @param {[number, number]} step
 * @param {{ color: string, width: number }[]} lines of the gradient and of the step
 */
export function drawFirstStep(context, [x, y], down, step, lines) {
  const length = Math.hypot(...down);
  const arrows = [length > 0 ? down.map((value) => (value / length) * GRADIENT_ARROW) : [0, 0], step];
  arrows.forEach(([dx, dy], i) => {
    const reach = Math.hypot(dx, dy);
    if (!(reach >= SHORTEST_STEP)) return;
    const { color, width } = lines[i];
    const tip = [x + dx, y + dy];
    drawLine(context, [[x, y], tip], color, i ? 2 * width : width);
    if (reach > 2 * ARROW_LENGTH) drawArrow(context, tip, [dx / reach, dy / reach], color, null);
  });
}

/**
 * Draw arrows at the edge of the chart where the first seed of a run has left it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {RunPath[]} runs
 * @param {number | null} step
 * @param {string} paper
 * @param {any[]} axes Plotly's x and y axis
 */
export function drawExits(context, runs, step, paper, axes) {
  const ends = axes.map((axis) => [axis._offset, axis._offset + axis._length]);
  for (const { path, color } of runs.toReversed()) {
    for (const point of path.positions(step)) {
      const edge = point.map((value, i) => Math.min(Math.max(value, ends[i][0]), ends[i][1]));
      const outside = point.map((value, i) => value - edge[i]);
      const distance = Math.hypot(...outside);
      if (distance > OUTSIDE) drawArrow(context, edge, outside.map((value) => value / distance), color, paper);
    }
  }
}
