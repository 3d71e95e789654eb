// All that changes on Explore with a move of a slider, brought by one element: charts, verdict, the line of own numbers, the
// row of verbs, and the fields of the sliders.

import { removeGroups, setGroups } from '../controls/control_group.js';
import { drawPanel, forgetPanel, showAllHandles } from '../panel/panel.js';
import { setVerbs } from '../verbs/verbs.js';
import { setVerdict } from '../verdict/verdict.js';
import { setFormula } from './formula.js';
import { setLine } from './own_numbers.js';

/**
 * Pass each part on to the elements that show it; the sliders are last, since their next value may then be sent.
 *
 * @param {import('../panel/panel.js').Component} component its data come from `send` in live.py
 */
export function drawParts({ data: { parts }, ...rest }) {
  setVerdict(parts.verdict);
  setLine(parts.own);
  setVerbs(parts.verbs);
  setFormula(parts.formula);
  drawPanel({ ...rest, data: parts.panel });
  setGroups({ ...rest, data: parts.controls });
  showAllHandles();
}

/**
 * Forget the parts; the page was left.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function removeParts(component) {
  forgetPanel(component);
  removeGroups(component);
}
