// The line under the policy's formula: its value at the marked step, with numbers.

import { fill } from '../elements.js';
import { formatNumber } from '../numbers.js';
import { onMark } from '../panel/panel.js';

/** @typedef {{ says?: string, first?: number, end?: number }} FormulaData from `_formula_data` in live.py; empty for none */

/** @type {FormulaData} */
let data = {};

onMark(showStep);

/**
 * Take the formula of another setting.
 *
 * @param {FormulaData} found
 */
export function setFormula(found) {
  data = found;
  showStep(null, null);
}

/** Show the formula at the drawn point of the rate that is next to a step, whose value is exact; null for none. */
function showStep(step, curve) {
  const line = document.querySelector('.anneal-worked');
  if (!line) return;
  const i = step === null || !data.says ? -1 : nearest(curve.x, step);
  const at = curve?.x[i];
  const shown = i >= 0 && at >= data.first && at < data.end;
  const values = shown && { step: formatNumber(at), t: formatNumber(at - data.first), rate: formatNumber(curve.y[i], 3, false) };
  line.textContent = shown ? fill(data.says, values) : '\u00a0';
  line.style.setProperty('--letters', line.textContent.length);
}

/** The index of the entry of increasing numbers that is nearest to a value. */
function nearest(x, value) {
  let best = 0;
  for (const [i, other] of x.entries()) if (Math.abs(other - value) <= Math.abs(x[best] - value)) best = i;
  return best;
}
