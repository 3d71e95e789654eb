// The progress of a training: a sentence and a bar.

import { setText } from '../elements.js';

/**
 * @typedef {object} Progress
 * @property {string} said
 * @property {number} share in percent
 */

/** @type {HTMLElement | null} */
let root = null;

/**
 * Mount the progress of a training.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function drawTraining({ data, parentElement }) {
  root = parentElement.querySelector('.anneal-training');
  root.lastElementChild.setAttribute('aria-label', data.label);
  setProgress(data);
}

/**
 * Show the progress where it is mounted.
 *
 * @param {Progress} progress
 */
export function setProgress({ said, share }) {
  if (!root) return;
  const bar = root.lastElementChild;
  setText(root.firstElementChild, said);
  bar.setAttribute('aria-valuenow', String(share));
  bar.setAttribute('aria-valuetext', said);
  bar.firstElementChild.style.width = `${share}%`;
}

/**
 * Forget the element; the training has ended.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function removeTraining({ parentElement }) {
  if (parentElement.contains(root)) root = null;
}
