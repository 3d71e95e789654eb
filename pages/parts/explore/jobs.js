// Polls the unfinished jobs of this session. While a network trains, each answer brings its progress and, after new measurements,
// its charts so far; once a job has ended, Streamlit runs the script again.

import { replaceCharts } from '../panel/panel.js';
import { setProgress } from './training.js';

/**
 * @typedef {object} Answer data from the route of jobs.py
 * @property {boolean} ended whether a job has ended
 * @property {number} wait seconds until the next request
 * @property {string} [panel] key of the panel that shows it
 * @property {string} [of] identifies the shown setting
 * @property {import('./training.js').Progress} [progress]
 * @property {string} [seen] the last measurement so far
 * @property {import('../panel/chart.js').ChartData[]} [charts] loss and accuracy, if there is a measurement after `seen`
 */

/** The root of the app, where the address of the jobs starts. */
const ROOT = new URL('../../../', import.meta.url);
/** Seconds until the next request after one that failed. */
const RETRY = 1;

/** The element whose jobs are polled, and its component. */
/** @type {Map<HTMLElement, import('../panel/panel.js').Component>} */
const polled = new Map();

/**
 * Poll until the element leaves the page.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function watchJobs(component) {
  let shown = { of: '', seen: '' };
  return poll(component, () => shown.seen, (answer) => { if (answer.progress) shown = show(answer, shown); });
}

/**
 * Poll until the element leaves the page, or gets other data.
 *
 * @param {import('../panel/panel.js').Component} component whose data have the address, and which is told when a job has ended
 * @param {() => string} seen the last measurement so far
 * @param {(answer: any) => void} take shows an answer
 * @param {boolean} [on] false only ends the polling that this element has begun
 */
export async function poll(component, seen, take, on = true) {
  const { parentElement, data } = component;
  polled.delete(parentElement);
  if (!on) return;
  polled.set(parentElement, component);
  for (let wait = 0; ; ) {
    await new Promise((resume) => setTimeout(resume, 1_000 * wait));
    const answer = polled.get(parentElement) === component && (await ask(data.address, seen()));
    if (polled.get(parentElement) !== component) return;
    wait = answer ? answer.wait : RETRY;
    if (answer?.ended) component.setTriggerValue('ended', true);
    else if (answer) take(answer);
  }
}

/**
 * Stop polling; all jobs have ended, or the page was left.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function forgetJobs({ parentElement }) {
  polled.delete(parentElement);
}

/**
 * @param {string} address
 * @param {string} seen
 * @returns {Promise<Answer | null>} null if the server does not answer
 */
async function ask(address, seen) {
  try {
    const url = new URL(address, ROOT);
    url.searchParams.set('seen', seen);
    return await (await fetch(url)).json();
  } catch {
    return null;
  }
}

/**
 * Show the progress of a training.
 *
 * @param {Answer} answer
 * @param {{ of: string, seen: string }} shown
 * @returns {{ of: string, seen: string }} what is shown now: the setting, and its last measurement
 */
function show({ panel, of, progress, seen = '', charts = [] }, shown) {
  if (!replaceCharts(panel, of, charts)) return { of: '', seen: '' };
  setProgress(progress);
  return { of, seen: charts.length || of === shown.of ? seen : '' };
}
