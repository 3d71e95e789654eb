// Values of curves between their points, on straight lines.

/** @typedef {{ x: number[], y: (number | null)[] }} Curve */

/**
 * The index of a value among increasing numbers, fractional between two of them; beyond the ends, that of the end.
 *
 * @param {number[]} x
 * @param {number} value
 */
export function fractionalIndex(x, value) {
  let [low, high] = [0, x.length - 1];
  if (!(value > x[low])) return low;
  if (value >= x[high]) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] < value) low = middle;
    else high = middle;
  }
  return low + (value - x[low]) / (x[high] - x[low]);
}

/** The value at a fractional index; null next to a gap. */
function valueAtIndex(y, index) {
  const i = Math.floor(index);
  if (i === index) return y[i];
  return y[i] === null || y[i + 1] === null ? null : y[i] + (index - i) * (y[i + 1] - y[i]);
}

/**
 * The value of a curve at a step; null beyond its ends and in its gaps.
 *
 * @param {Curve} curve
 * @param {number} step
 */
export function valueAt({ x, y }, step) {
  return step >= x[0] && step <= x.at(-1) ? valueAtIndex(y, fractionalIndex(x, step)) : null;
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
  if (moment < x[0] || moment > x.at(-1) + 1) return NaN;
  const index = fractionalIndex(x, moment);
  const i = Math.floor(index);
  if (i === index) return yaxis.d2p(y[i]);
  const ends = [i, i + 1];
  const pixels = ends.map((end) => xaxis.d2p(x[end]));
  const drawn = Number.isFinite(pixels[0]); // false at step 0 of a logarithmic axis
  const share = drawn ? fractionalIndex(pixels, xaxis.d2p(moment)) : index - i;
  return valueAtIndex(ends.map((end) => yaxis.d2p(y[end])), share);
}

/**
 * A function that returns the height of a drawn curve at a pixel, constant beyond its ends. The points of the curve are evenly
 * spaced.
 *
 * @param {Curve} curve
 */
export function curveHeight({ x, y }, xaxis, yaxis) {
  const [from, to] = [x[0], x.at(-1)].map((value) => xaxis._offset + xaxis.d2p(value));
  const heights = y.map((value) => yaxis._offset + yaxis.d2p(value));
  return (pixel) => valueAtIndex(heights, Math.min(Math.max((pixel - from) / (to - from), 0), 1) * (x.length - 1));
}
