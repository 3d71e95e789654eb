// Drawing on the canvases over the charts: dots, lines, arrows and text in pixels.

/** @typedef {[number, number]} Point in pixels of the chart */

/** Pixels from the tip of an arrowhead to its back. */
export const ARROW_LENGTH = 13;

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
  const [length, half] = [ARROW_LENGTH, 7];
  Object.assign(context, { fillStyle: color, strokeStyle: edge, lineWidth: 1.5 });
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - length * u - half * v, y - length * v + half * u);
  context.lineTo(x - length * u + half * v, y - length * v - half * u);
  context.closePath();
  context.fill();
  if (edge) context.stroke();
}

/** Write a text; returns its width. */
export function drawText(context, [x, y], text, font, color) {
  Object.assign(context, { font, fillStyle: color });
  context.fillText(text, x, y);
  return context.measureText(text).width;
}
