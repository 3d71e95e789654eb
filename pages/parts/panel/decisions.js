// The decisions of a network over the plane of its inputs, packed by schedules/figures/decision.py.

import { drawDot, drawSquare } from './canvas.js';
import { fractionalIndex } from './curves.js';
import { decodeBase64 } from './tracks.js';

/**
 * @typedef {object} Decisions
 * @property {string} decisions probabilities of the second class, from 0 to 255, in base 64: frames, then rows from the lowest
 * @property {number} side rows and columns of a frame
 * @property {number[]} at the step of each frame
 */

/** The decisions at a step; between two frames interpolated while a replay plays, else those of the nearer frame. */
function frameAt(path, step, playing) {
  const { at, side } = path;
  path.bytes ??= decodeBase64(path.decisions);
  const frame = (i) => path.bytes.subarray(i * side ** 2, (i + 1) * side ** 2);
  const index = step === null ? at.length - 1 : fractionalIndex(at, step);
  if (!playing || Number.isInteger(index)) return frame(Math.round(index));
  const [from, to] = [frame(Math.floor(index)), frame(Math.ceil(index))];
  return Float32Array.from(from, (value, i) => value + (index % 1) * (to[i] - value));
}

/** Decisions as an image with one pixel each; the more certain, the deeper the color. */
function imageOf(frame, side, [first, second]) {
  const sheet = document.createElement('canvas');
  Object.assign(sheet, { width: side, height: side });
  const context = sheet.getContext('2d');
  const image = context.createImageData(side, side);
  const [no, yes] = [first, second].map((color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)));
  frame.forEach((value, i) => {
    const pixel = 4 * ((side - 1 - Math.floor(i / side)) * side + (i % side));
    image.data.set([...(value > 127.5 ? yes : no), Math.abs(value - 127.5)], pixel);
  });
  context.putImageData(image, 0, 0);
  return sheet;
}

/**
 * Draw the decisions at a step, or at the end of the run. The outermost ones are centered on the edges of the chart.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Decisions & { bytes?: Uint8Array }} path
 * @param {number | null} step
 * @param {boolean} playing
 * @param {[string, string]} colors of the first and the second class
 */
export function drawDecisions(context, path, step, playing, colors, xaxis, yaxis) {
  const { side } = path;
  const [width, height] = [xaxis, yaxis].map((axis) => axis._length / (side - 1));
  const corner = [xaxis._offset - width / 2, yaxis._offset - height / 2];
  context.drawImage(imageOf(frameAt(path, step, playing), side, colors), ...corner, width * side, height * side);
}

/**
 * Draw the training points: squares for the first class, dots for the second.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {{ x: number[], y: number[], label: number[] }} examples
 * @param {[string, string]} colors of the first and the second class
 * @param {string} paper color of the background
 */
export function drawExamples(context, { x, y, label }, colors, paper, xaxis, yaxis) {
  label.forEach((one, i) => {
    const point = [xaxis._offset + xaxis.d2p(x[i]), yaxis._offset + yaxis.d2p(y[i])];
    if (one) drawDot(context, point, 3, colors[1], paper);
    else drawSquare(context, point, 5, colors[0], paper);
  });
}
