// The policy's formula: the one of the present values among those that are mounted, what its symbols mean, and below it its
// value at the marked step, with numbers.

import { create, fill } from '../elements.js';
import { symbolElements } from '../controls/symbols.js';
import { formatNumber } from '../numbers.js';
import { onMark } from '../panel/panel.js';
import { explain } from '../terms.js';

/**
 * @typedef {object} FormulaData from `formula_data` in formula.py
 * @property {string} [shown] LaTeX of the formula
 * @property {{ symbol: [string, string][], text: string }[]} [symbols] its symbols in pieces, each with what it means
 * @property {string} [says] the sentence about a step; none where the rates of the chart are not those of the formula
 * @property {number} [zero] the step from which {t} counts
 * @property {[string, number, number][]} [parts] the formula with numbers by cases, with the first step of each and the one
 *   before which it ends
 */

/** @type {FormulaData} */
let data = {};
const BOX = '.st-key-formula_policy';
/** Streamlit draws the formulas after their message, and again after each full run. */
const drawn = new MutationObserver(showFormula);
/** @type {Element | null} */
let box = null;

onMark(showStep);

/**
 * Take the formula of another setting.
 *
 * @param {FormulaData} found
 */
export function setFormula(found) {
  data = found;
  const present = document.querySelector(BOX);
  if (present !== box) {
    drawn.disconnect();
    box = present;
    if (box) drawn.observe(box, { childList: true, subtree: true });
  }
  showFormula();
  showStep(null, null);
}

/** Show the formula of the present values; where it is not drawn, leave the one that is shown. */
function showFormula() {
  const formulas = [...(box?.querySelectorAll('.katex-display') ?? [])];
  const present = formulas.find((formula) => formula.querySelector('annotation')?.textContent === data.shown);
  if (!present) return;
  for (const formula of formulas) {
    formula.toggleAttribute('data-shown', formula === present);
    formula.tabIndex = -1; // no tab stop: the help of the menu of policies has the symbols too
  }
  explain(present, () => data.symbols.map(({ symbol, text }) => create('p', '', {}, ...symbolElements(symbol), ` ${text}`)));
}

/** Show the formula at the drawn point of the rate that is next to a step, whose value is exact; null for none. */
function showStep(step, curve) {
  const line = document.querySelector('.anneal-worked');
  if (!line) return;
  const i = step === null || !data.says ? -1 : nearest(curve.x, step);
  const at = curve?.x[i];
  const [text] = data.parts?.find(([, first, end]) => at >= first && at < end) ?? [];
  const values = text && { step: formatNumber(at), rate: formatNumber(curve.y[i], 3, false) };
  const formula = text && fill(text, { t: formatNumber(at - data.zero) });
  line.textContent = text ? fill(data.says, { ...values, formula }) : '\u00a0';
}

/** The index of the entry of increasing numbers that is nearest to a value. */
function nearest(x, value) {
  let best = 0;
  for (const [i, other] of x.entries()) if (Math.abs(other - value) <= Math.abs(x[best] - value)) best = i;
  return best;
}
