// The knots of a curve drawn by hand. Their control reports them here; the chart of the rate shows handles for the same knots.

/** @typedef {import('./controls/knots.js').KnotsControl} KnotsControl */

/** More knots than this, as of a run that was driven, are drawn smaller, so that the curve stays visible. */
export const MANY_KNOTS = 24;

/** @type {KnotsControl | null} */
let control = null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** The control of the knots, while it is on the page. */
export const knotsControl = () => (control?.root.isConnected ? control : null);

/**
 * Report that the knots of a control have changed.
 *
 * @param {KnotsControl} changed
 */
export function reportKnots(changed) {
  control = changed;
  for (const listener of listeners) listener();
}

/**
 * Call a function after each change of the knots.
 *
 * @param {() => void} listener
 */
export const onKnotsChange = (listener) => listeners.add(listener);
