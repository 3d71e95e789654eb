// Drawing on the canvases over the charts: dots, lines, arrows and text in pixels.

/** @typedef {[number, number]} Point in pixels of the chart */
/** @typedef {{ x: number[], y: (number | null)[] }} Curve */

/**
 * Resize a canvas, in device pixels, and clear it.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width in CSS pixels
 * @param {number} height
 * @returns {CanvasRenderingContext2D} its context, in CSS pixels
 */
export function resizeCanvas(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** Clip drawing to the area between the axes, until `context.restore()`. */
export function clipTo(context, xaxis, yaxis) {
  context.save();
  context.beginPath();
  context.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
  context.clip();
}

/** Draw a line through points. */
export function drawLine(context, points, color, width, alpha = 1) {
  Object.assign(context, { strokeStyle: color, lineWidth: width, globalAlpha: alpha });
  context.beginPath();
  for (const point of points) context.lineTo(...point);
  context.stroke();
  context.globalAlpha = 1;
}

/** Draw a disc, with an outline where `edge` is a color. */
export function drawDot(context, [x, y], radius, color, edge, alpha = 1) {
  Object.assign(context, { fillStyle: color, strokeStyle: edge, lineWidth: 1.5, globalAlpha: alpha });
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  if (edge) context.stroke();
  context.globalAlpha = 1;
}

/** Draw a square around a point. */
export function drawSquare(context, [x, y], side, color, edge) {
  Object.assign(context, { fillStyle: color, strokeStyle: edge, lineWidth: 1.5 });
  context.beginPath();
  context.rect(x - side / 2, y - side / 2, side, side);
  context.fill();
  context.stroke();
}

/** Draw an arrowhead with its tip at a point; its direction [u, v] has length 1. */
export function drawArrow(context, [x, y], [u, v], color, edge) {
  const [length, half] = [13, 7];
  Object.assign(context, { fillStyle: color, strokeStyle: edge, lineWidth: 1.5 });
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - length * u - half * v, y - length * v + half * u);
  context.lineTo(x - length * u + half * v, y - length * v - half * u);
  context.closePath();
  context.fill();
  context.stroke();
}

/** Write a text; returns its width. */
export function drawText(context, [x, y], text, font, color) {
  Object.assign(context, { font, fillStyle: color });
  context.fillText(text, x, y);
  return context.measureText(text).width;
}

/**
 * The value of a curve at a step, on straight lines between its points; null beyond its ends and in its gaps.
 *
 * @param {Curve} curve
 * @param {number} step
 */
export function valueAt({ x, y }, step) {
  const i = x.findIndex((value) => value >= step);
  if (i < 0 || step < x[0]) return null;
  if (x[i] === step) return y[i];
  if (y[i] === null || y[i - 1] === null) return null;
  return y[i - 1] + ((y[i] - y[i - 1]) * (step - x[i - 1])) / (x[i] - x[i - 1]);
}

/**
 * The height in pixels of a drawn curve at any moment, on the straight lines of the picture; the last value holds for one
 * step. NaN beyond its ends.
 *
 * @param {Curve} curve
 * @param {number} moment
 * @param {any} xaxis Plotly's axis
 * @param {any} yaxis
 */
export function heightAt({ x, y }, moment, xaxis, yaxis) {
  const last = x.length - 1;
  if (moment < x[0] || moment > x[last] + 1) return NaN;
  if (moment >= x[last]) return yaxis.d2p(y[last]);
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= moment) low = middle;
    else high = middle;
  }
  const [from, to, now] = [x[low], x[high], moment].map((step) => xaxis.d2p(step));
  const share = Number.isFinite(from) ? (now - from) / (to - from) : (moment - x[low]) / (x[high] - x[low]);
  return yaxis.d2p(y[low]) + share * (yaxis.d2p(y[high]) - yaxis.d2p(y[low]));
}
