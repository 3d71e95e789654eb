// The line under the verdict for a person's own numbers: sentences, a switch between two axes, and buttons.

import { pressButton } from '../controls/control_group.js';
import { create, setText } from '../elements.js';
import { rove } from '../roving.js';
import { markTerms } from '../terms.js';

/**
 * @typedef {{ key: string, label: string, pressed: boolean }} ButtonData
 * @typedef {object} LineData data from `line_data` in own_numbers.py; without a text, nothing is shown
 * @property {string} [text] HTML
 * @property {string} [label] name of the switch
 * @property {ButtonData[]} [axes] the buttons of the switch; none where both axes are the same
 * @property {ButtonData} [only]
 * @property {{ text: string, button: ButtonData | null } | null} [short] a phase that is too short to see
 */

/** @type {HTMLElement | null} */
let root = null;
/** @type {LineData} */
let data = {};
let received = false;

/**
 * Mount the line.
 *
 * @param {{ parentElement: HTMLElement }} component
 */
export function drawLine({ parentElement }) {
  root = parentElement.querySelector('.anneal-own');
  showLine();
}

/**
 * Forget a line that has left the page.
 *
 * @param {{ parentElement: HTMLElement }} component
 */
export function removeLine({ parentElement }) {
  if (root === parentElement.querySelector('.anneal-own')) root = null;
}

/**
 * Show this data in the line.
 *
 * @param {LineData} found
 */
export function setLine(found) {
  data = found;
  received = true;
  showLine();
}

function showLine() {
  if (!root) return;
  root.hidden = !data.text;
  root.closest('.st-key-own_box')?.toggleAttribute('data-shown', !root.hidden);
  // Before the first data the room for the line stays, or else the charts would move twice.
  if (received) root.closest('.st-key-own_shown')?.style.setProperty('min-height', root.hidden ? '0' : '');
  if (!data.text) return;
  if (!root.children.length) buildLine(root);
  const [text, axes, only, short] = root.children;
  if (text.source !== data.text) text.innerHTML = text.source = data.text;
  markTerms(text, text.refresh);
  axes.hidden = !data.axes.length;
  axes.setAttribute('aria-label', data.label);
  data.axes.forEach((button, i) => showButton(axes.children[i], button));
  showButton(only, data.only);
  const [sentence, longer] = short.children;
  short.hidden = !data.short;
  setText(sentence, data.short?.text ?? '');
  longer.hidden = !data.short?.button;
  if (data.short?.button) showButton(longer, data.short.button);
}

/** Create the elements once, so that focus lasts while values change. */
function buildLine(line) {
  const button = () => create('button', '', { type: 'button' });
  const axes = create('span', 'own-axes', { role: 'group' }, button(), button());
  const short = create('p', 'own-short', {}, create('span'), button());
  const text = create('p', 'own-text');
  text.refresh = rove(text, () => [...text.querySelectorAll('.anneal-term')]);
  line.append(text, axes, button(), short);
}

function showButton(element, { key, label, pressed }) {
  setText(element, label);
  element.dataset.key = key;
  if (element.parentElement.matches('.anneal-own-axes')) element.setAttribute('aria-pressed', String(pressed));
  element.onclick = () => pressButton(key);
}
