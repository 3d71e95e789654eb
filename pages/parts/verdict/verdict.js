// The verdict in one line, with its reasons behind a button, which stays open or closed while the values change, and the advice
// below it. Other elements of the page may bring the verdict (`setVerdict`) and its advice (`setAdvice`); they may arrive in any
// order.

import { rove } from '../roving.js';
import { markTerms } from '../terms.js';
import { drawAdvice } from './advice.js';

/**
 * @typedef {object} VerdictData data from `verdict_data` in verdict.py; without a line, nothing is shown
 * @property {string} key identifies the verdict on the page
 * @property {string} [line]
 * @property {string} [why] text of the button
 * @property {string} [reasons]
 * @property {string} [color]
 */
/**
 * @typedef {object} Component the argument that Streamlit passes to a component
 * @property {any} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

// By the key of the verdict: its element, and what was brought for it.
/** @type {Map<string, HTMLElement>} */
const roots = new Map();
/** @type {Map<string, VerdictData>} */
const verdicts = new Map();
/** @type {Map<string, Component>} */
const advice = new Map();

/**
 * Mount a verdict, with its text or empty.
 *
 * @param {Component} component
 */
export function drawVerdict({ data, parentElement }) {
  const root = parentElement.querySelector('.anneal-result');
  roots.set(data.key, root);
  root.refresh ??= rove(root.parentElement, () => stops(root));
  if (data.line) verdicts.set(data.key, data);
  showVerdict(data.key);
  showAdvice(data.key);
}

/**
 * Forget a verdict that has left the page.
 *
 * @param {Component} component
 */
export function removeVerdict({ parentElement }) {
  const root = parentElement.querySelector('.anneal-result');
  for (const [key, other] of roots) if (other === root) [roots, verdicts].forEach((found) => found.delete(key));
}

/**
 * Show a verdict in its element; without a line, show none.
 *
 * @param {VerdictData} data
 */
export function setVerdict(data) {
  verdicts.set(data.key, data);
  showVerdict(data.key);
}

/**
 * Show the advice on a verdict.
 *
 * @param {Component} component
 */
export function setAdvice(component) {
  advice.set(component.data.key, component);
  showAdvice(component.data.key);
}

/**
 * Remove the advice that an element has brought.
 *
 * @param {Component} component
 */
export function removeAdvice({ parentElement }) {
  for (const [key, component] of advice) {
    if (component.parentElement !== parentElement) continue;
    advice.delete(key);
    showAdvice(key);
  }
}

/** Letters of a line from which it may be cut off in a small window; it then has itself as a tooltip. */
const CUT = 90;

/**
 * The line of a verdict and the name of its color; null while none is shown.
 *
 * @param {string} key
 * @returns {{ text: string, color: string } | null}
 */
export function shownVerdict(key) {
  const data = verdicts.get(key);
  const line = data?.line && roots.get(key)?.querySelector('.anneal-verdict');
  return line ? { text: line.textContent ?? '', color: data.color.slice('var(--a-'.length, -1) } : null;
}

/** "Why?" and the terms of a verdict and its advice that are in sight; they are one tab stop. */
const stops = (root) => [...root.parentElement.querySelectorAll('.anneal-term, .anneal-why')].filter((stop) => stop.checkVisibility());

/** Set the HTML of an element if it changes, so that a screen reader does not repeat the same line. */
function setHtml(element, html) {
  if (element.source !== html) element.innerHTML = element.source = html;
}

function showVerdict(key) {
  const [root, data] = [roots.get(key), verdicts.get(key)];
  if (!root) return;
  const changes = root.hidden === Boolean(data?.line);
  root.hidden = !data?.line;
  if (data?.line) writeVerdict(root, data);
  if (changes) showAdvice(key);
}

function writeVerdict(root, data) {
  const [line, why, reasons] = root.children;
  root.style.setProperty('--tone', data.color);
  setHtml(line, data.line);
  line.style.setProperty('--letters', line.textContent.length); // a longer line has smaller type
  line.title = line.textContent.length > CUT ? line.textContent : '';
  setHtml(reasons, data.reasons);
  for (const part of [line, reasons]) markTerms(part, root.refresh);
  reasons.id = `${data.key}-reasons`;
  why.textContent = data.why;
  why.setAttribute('aria-controls', reasons.id);
  why.onclick = () => {
    reasons.hidden = !reasons.hidden;
    why.setAttribute('aria-expanded', !reasons.hidden);
    root.toggleAttribute('data-open', !reasons.hidden);
    root.refresh();
  };
  root.onkeydown = ({ key }) => {
    if (key === 'Escape' && !reasons.hidden) why.click();
  };
}

/** Show the advice on a verdict that is shown itself. */
function showAdvice(key) {
  const root = roots.get(key);
  if (!root) return;
  drawAdvice(root, root.hidden ? undefined : advice.get(key), root.refresh);
}
