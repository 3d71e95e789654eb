// The axes of a chart: ticks and their labels, ranges, and positions in pixels.

import { fill } from '../elements.js';
import { formatNumber, formatPercent } from '../numbers.js';

/** @typedef {'linear' | 'log'} Scale */
/** @typedef {[number, number]} Range the ends of an axis as Plotly takes them: powers of ten on a logarithmic axis */

/** Ticks prepared beyond each end of a range, so that the range can change without a redraw. */
const EXTRA_TICKS = 30;

/** Pixels that the label of the last step needs: for steps, and for steps with epochs below them. */
const END_LABEL = 34;
const END_LABEL_EPOCHS = 44;

/** Ticks at multiples of 1, 2 or 5 times a power of ten, at most `most` of them and at least `smallest` apart. */
function linearTicks([low, high], most, smallest = 0) {
  const distance = Math.max((high - low) / most, smallest);
  const power = 10 ** Math.floor(Math.log10(distance));
  const ticksAtLeast = (closest) => {
    const step = [1, 2, 5, 10].find((lead) => lead * power >= closest * (1 - 1e-9)) * power;
    const first = Math.ceil(low / step - 1e-9);
    const count = Math.floor(high / step + 1e-9) - first + 1;
    return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  };
  const ticks = ticksAtLeast(distance);
  return ticks.length < 3 ? ticksAtLeast(Math.max(0.6 * distance, smallest)) : ticks;
}

/** Ticks at powers of ten, every second or third of them where there are many; within two decades also between them. */
function logTicks([low, high], most) {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  if (high - low < 1) return linearTicks([10 ** low, 10 ** high], most).filter((value) => value > 0);
  const stride = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticksAt = (leads, extra = 0) => {
    const ticks = [];
    for (let power = first - 1 - extra; power <= last + extra; power++) {
      if (power % stride) continue;
      for (const lead of leads) {
        const value = Number(`${lead}e${power}`);
        if (extra || (value >= 10 ** low * 0.999 && value <= 10 ** high * 1.001)) ticks.push(value);
      }
    }
    return ticks;
  };
  const finer = high - low < 2 ? [[1, 2, 5], [1, 3]] : [];
  return ticksAt(finer.find((leads) => ticksAt(leads).length <= most + 1) ?? [1], EXTRA_TICKS);
}

/** The ticks with one at the last step; those whose labels, `width` pixels wide, would overlap with it are left out. */
function withEnd(ticks, end, pixels, width) {
  if (end !== Math.floor(end)) return ticks;
  return [...ticks.filter((tick) => ((end - tick) / end) * pixels >= width), end];
}

/** Ticks that are round numbers of another unit, of which one unit of the axis has `ratio`. */
const ticksIn = (ratio, ticks) => (ratio === 1 ? ticks : ticks.map((tick) => tick / ratio));

/** Ticks at full epochs if the range contains at least three of them, else at steps. */
function epochTicks(range, most, epoch) {
  const ticks = linearTicks(range.map((step) => step / epoch), most, 1).map((tick) => tick * epoch);
  return ticks.length < 3 ? linearTicks(range, most, 1) : ticks;
}

/** Labels of steps with epochs below them; the first label names both. */
function epochLabels(ticks, epoch, words, ratio) {
  const lines = ticks.map((step) => [formatNumber(rounded(step * ratio), 7), formatNumber(step / epoch, 2)]);
  if (lines.length) lines[0] = [fill(words.step_tick, { step: lines[0][0] }), fill(words.epoch_tick, { epoch: lines[0][1] })];
  return lines.map((pair) => pair.join('<br>'));
}

/** Round to twelve digits, which removes the rounding error of a product. */
const rounded = (value) => Number(value.toPrecision(12));

/**
 * A Plotly axis with its ticks: those of the figure if it has any.
 *
 * @param {object} base the axis of the figure
 * @param {{ type: Scale, range: Range }} shown
 * @param {number} pixels length of the axis
 * @param {number} space pixels for each tick
 * @param {{ integer?: boolean, percent?: boolean, epoch?: number, words?: Record<string, string>, ratio?: number }} options
 *   whether it counts steps, whether values are ratios, the number of steps in an epoch, and the number that labels have where
 *   the axis has 1
 */
export function makeAxis(
  base, { type, range }, pixels, space, { integer = false, percent = false, epoch = 0, words = {}, ratio = 1 },
) {
  if (base.ticktext) return { ...base, type, range, autorange: false };
  const most = Math.max(2, Math.floor(pixels / space));
  const labeled = range.map((end) => (type === 'log' ? end + Math.log10(ratio) : end * ratio));
  const linear = () =>
    epoch ? epochTicks(range, most, epoch) : ticksIn(ratio, linearTicks(labeled, most, integer ? 1 : 0));
  let tickvals = type === 'log' ? ticksIn(ratio, logTicks(labeled, most)) : linear();
  if (type !== 'log' && range[0] === 0) {
    if (integer) tickvals = withEnd(tickvals, range[1], pixels, epoch ? END_LABEL_EPOCHS : END_LABEL);
    else if (tickvals.length > 1)
      tickvals = Array.from({ length: EXTRA_TICKS }, (_, i) => Number((i * tickvals[1]).toPrecision(12)));
  }
  const label = (value) => (percent ? formatPercent(value) : formatNumber(rounded(value * ratio), 4, false));
  const ticktext = epoch ? epochLabels(tickvals, epoch, words, ratio) : tickvals.map(label);
  return { ...base, type, range, tickmode: 'array', tickvals, ticktext, autorange: false };
}

/**
 * The ends of an axis as plain numbers.
 *
 * @param {Scale} type
 * @param {number[]} range
 */
export const toNumbers = (type, range) => (type === 'log' ? range.map((value) => 10 ** value) : range);

/**
 * Plain numbers as the ends of an axis. A logarithmic axis has no zero: its low end is then the one before any zoom.
 *
 * @param {Scale} type
 * @param {number[]} numbers
 * @param {number[]} initial the range before any zoom, used if the zoom does not overlap with it
 */
export function toRange(type, numbers, initial) {
  if (type !== 'log') return numbers;
  const [low, high] = numbers.map((value) => (value > 0 ? Math.log10(value) : NaN));
  return high > initial[0] || low < high ? [Number.isNaN(low) ? initial[0] : low, high] : initial;
}

/** A shape on a logarithmic step axis, starting above zero. */
const fromOne = (shape) => ({ ...shape, x0: Math.max(1, shape.x0) });

/** True if a label fits on a logarithmic step axis: at the start of the axis, or left of the end of its shape. */
const labelFits = ({ label, x0 }) =>
  !label || label.textposition === 'top right' || (label.textposition === 'top left' && x0 === 0);

/**
 * The shapes of a figure on a step axis of this scale.
 *
 * @param {object[] | undefined} shapes
 * @param {Scale} scale
 */
export const shapesOn = (shapes, scale) => (scale === 'log' ? shapes?.filter(labelFits).map(fromOne) : shapes);

/**
 * The position of a value on a drawn axis in pixels of the chart; null outside of it. Values that a logarithmic axis cannot show
 * are at its low end.
 *
 * @param {any} axis Plotly's axis
 * @param {number} value
 * @param {boolean} vertical
 * @returns {number | null}
 */
export function pixelOf(axis, value, vertical = false) {
  const pixel = axis.d2p(value);
  const lowEnd = vertical ? axis._length : 0;
  const shown = Number.isFinite(pixel) ? pixel : lowEnd;
  return shown < -1 || shown > axis._length + 1 ? null : axis._offset + shown;
}
