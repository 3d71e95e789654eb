// The steps of a lesson as small buttons, and the arrow keys, which go to the next step and back.

import { append } from '../elements.js';

/**
 * @typedef {object} Steps data from Python
 * @property {string} label the name of the list
 * @property {string} of identifies the lesson in events
 * @property {number} now the number of the step that is shown, from 1
 * @property {{ mark: string, says: string, kind: string }[]} steps
 * @property {number} last the largest number that the right arrow goes to: the next lesson follows the last step
 */

/** Elements in which arrow keys have a meaning of their own. */
const OWN_KEYS = 'input, textarea, select, [contenteditable], [role=radiogroup], [role=slider], [role=listbox], [role=menu]';

/** Direction of each key; those of a presenter's remote control too. */
const DIRECTIONS = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1 };

/** @type {{ data: Steps, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void } | null} */
let shown = null;

document.addEventListener('keydown', onKey);

/**
 * Show the steps.
 *
 * @param {any} component from Streamlit
 */
export function drawSteps({ data, parentElement, setTriggerValue }) {
  shown = { data, parentElement, setTriggerValue };
  const nav = parentElement.querySelector('nav');
  nav.setAttribute('aria-label', data.label);
  const focused = [...nav.children].indexOf(document.activeElement);
  nav.replaceChildren();
  data.steps.forEach(({ mark, says, kind }, i) => {
    const button = append(nav, 'button', 'step', { type: 'button', 'data-kind': kind, 'aria-label': says, title: says });
    button.textContent = mark;
    if (i + 1 === data.now) button.setAttribute('aria-current', 'step');
    button.onclick = () => go(i + 1);
  });
  nav.children[focused]?.focus();
}

/** Forget steps that have left the page. */
export function removeSteps({ parentElement }) {
  if (shown?.parentElement === parentElement) shown = null;
}

/** Go to a step by its number; one after the last is the next lesson. */
function go(number) {
  shown.setTriggerValue('go', `${shown.data.of}.${number}`);
}

function onKey(event) {
  const direction = DIRECTIONS[event.key];
  const taken = event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (!shown || !direction || taken || event.target.closest?.(OWN_KEYS)) return;
  if (event.key.startsWith('Page') && !('projector' in document.documentElement.dataset)) return; // it scrolls the page
  const number = shown.data.now + direction;
  if (number < 1 || number > shown.data.last) return;
  event.preventDefault();
  go(number);
}
