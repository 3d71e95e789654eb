// The sentence above the chart of final loss against peak, the line that is dragged in it, and the ranking beside it, whose rows
// change places while the line moves: the browser computes it from the curves, and the server sends it once the line rests.

import { Sender } from '../../controls/sender.js';
import { append, create, fill, setSentence, setText } from '../../elements.js';
import { formatNumber } from '../../numbers.js';
import { takeMoves } from '../../panel/handles.js';
import { drawPanel, forgetPanel, showAllHandles } from '../../panel/panel.js';
import { fractionalIndex } from '../../panel/curves.js';
import { rove } from '../../roving.js';
import { explain } from '../../terms.js';
import { sample } from '../slots/slot_list.js';

/**
 * @typedef {object} Row a slot in the ranking, from `rows_data` in peaks.py
 * @property {string} key
 * @property {string} name
 * @property {string} color
 * @property {number} width
 * @property {string} dash
 * @property {string} text
 * @property {number | null} best
 * @property {number | null} forgiving
 * @property {{ x: number[], y: (number | null)[] }} curve
 */
/**
 * @typedef {object} LineData from `show` in peaks.py
 * @property {string} of identifies the comparison; what comes later with the same value belongs to it
 * @property {{ line: string, notes: string[] }} said
 * @property {boolean} each whether each slot is at its own best peak
 * @property {number} peak
 * @property {Row[]} rows
 * @property {any} panel
 * @property {any} field
 * @property {boolean} best whether best peaks are known, or will be
 * @property {string} [sweep] label of the button that lets networks try several peaks; empty for none
 * @property {number} heard
 * @property {number} seeds number of seeds of the ranking; 0 for none
 */
/** @typedef {import('../../panel/panel.js').Component} Component */

/** The name of the line among the handles of the chart. */
const LINE = 'line';
const [PEAK, EACH, SWEEP] = ['peak', 'each', 'sweep'];

/** @type {HTMLElement | null} */
let saidRoot = null;
/** @type {Ranking | null} */
let ranking = null;
/** @type {LineData | null} */
let data = null;
/** @type {LineData | null} */
let later = null; // the ranking of the most seeds; it may arrive before the data of the line
let peak = NaN; // where the line is, which the server may not know yet
const sender = new Sender(() => {});
let frame = 0;

takeMoves(LINE, {
  move(_, [value], final) {
    peak = Number(value);
    sender.push(PEAK, value, final);
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => ranking?.follow(peak));
  },
  settled: () => sender.isSettled(PEAK),
});

/**
 * Mount the sentence, still empty.
 *
 * @param {Component} component
 */
export function mountSaid({ parentElement }) {
  saidRoot = parentElement.querySelector('.anneal-compared');
  if (!saidRoot.firstChild) {
    append(saidRoot, 'p', 'compared-line', { role: 'status' });
    append(saidRoot, 'p', 'compared-notes');
  }
  show();
}

/** @param {Component} component */
export function removeSaid({ parentElement }) {
  if (saidRoot === parentElement.querySelector('.anneal-compared')) saidRoot = null;
}

/**
 * Mount the ranking, still empty, with its texts.
 *
 * @param {Component} component
 */
export function mountRanking({ data: base, parentElement }) {
  const root = parentElement.querySelector('.anneal-ranking');
  if (ranking?.root !== root) ranking = new Ranking(root, base);
  show();
}

/** @param {Component} component */
export function removeRanking({ parentElement }) {
  if (ranking?.root === parentElement.querySelector('.anneal-ranking')) ranking = null;
}

/**
 * Show what a move changes: chart, sentence and ranking.
 *
 * @param {Component & { data: LineData, setStateValue: (name: string, value: unknown) => void }} component
 */
export function drawLine({ data: brought, setStateValue, ...rest }) {
  if (!brought.panel) return;
  data = withMostSeeds(brought);
  sender.send = (move) => setStateValue('move', move);
  sender.answer(data.heard);
  drawPanel({ ...rest, data: data.panel });
  showAllHandles();
  show();
}

/**
 * Forget the chart; the page was left.
 *
 * @param {Component} component
 */
export function removeLine(component) {
  forgetPanel(component);
  sender.stop();
  data = null;
}

/**
 * Show a ranking of more seeds, if it is about the comparison that is shown.
 *
 * @param {Component} component
 */
export function drawLater({ data: brought }) {
  if (later?.of !== brought.of || brought.seeds > later.seeds) later = brought;
  if (data) data = withMostSeeds(data);
  show();
}

/** @param {LineData} drawn */
function withMostSeeds(drawn) {
  return later?.of === drawn.of && later.seeds > drawn.seeds ? { ...drawn, ...later } : drawn;
}

/** True if the server's ranking is about where the line is. */
const settled = () => sender.isSettled(PEAK) && sender.isSettled(EACH);

function show() {
  if (!data) return;
  if (settled()) peak = data.peak;
  if (saidRoot) {
    const [line, notes] = saidRoot.children;
    const { height } = saidRoot.getBoundingClientRect();
    saidRoot.style.minHeight = data.moving ? `${height}px` : ''; // so that the chart stays where it is while something is dragged
    setSentence(line, data.said.line);
    setSentence(notes, data.said.notes.join(' '));
  }
  if (settled()) ranking?.update(data);
}

class Ranking {
  constructor(root, { words, small, close }) {
    Object.assign(this, { root, words, small, close, rows: new Map() });
    root.replaceChildren();
    this.choice = append(root, 'div', 'ranking-choice', { role: 'radiogroup', 'aria-label': words.label });
    this.buttons = [EACH, LINE].map((name) => {
      const button = append(this.choice, 'button', '', { type: 'button', role: 'radio', 'data-at': name });
      setText(button, words[name]);
      button.onclick = () => this.choose(name === EACH);
      button.onkeydown = (event) => {
        if (!event.key.startsWith('Arrow')) return;
        event.preventDefault();
        this.choose(name !== EACH);
        this.buttons.find((other) => other !== button).focus();
      };
      return button;
    });
    this.table = append(root, 'div', 'ranking-rows', { role: 'table', 'aria-label': words.label });
    const head = append(this.table, 'div', 'ranking-row', { role: 'row', 'data-head': '' });
    this.sweep = append(root, 'button', 'ranking-sweep', { type: 'button', hidden: '' });
    this.sweep.onclick = () => sender.push(SWEEP, true, true);
    for (const name of ['name', 'ratio', 'best', 'forgiving']) {
      const cell = append(head, 'span', '', { role: 'columnheader' });
      const help = words.help[name];
      if (!help) {
        setText(cell, words[name]);
        continue;
      }
      const term = append(cell, 'span', 'term', { role: 'button', tabindex: -1 });
      setText(term, words[name]);
      explain(term, () => [create('p', '', {}, help)]);
    }
    rove(head, () => [...head.querySelectorAll('.anneal-term')])();
  }

  choose(each) {
    sender.push(EACH, each, true);
    this.showChoice(each);
  }

  showChoice(each) {
    for (const button of this.buttons) {
      const on = (button.dataset.at === EACH) === each;
      button.setAttribute('aria-checked', String(on));
      button.tabIndex = on ? 0 : -1;
    }
    const [, line] = this.buttons;
    setText(line, fill(this.words.at, { peak: formatNumber(peak) }));
    this.root.toggleAttribute('data-each', each);
    this.root.closest('.st-key-compare')?.toggleAttribute('data-each', each); // the line is pale then
  }

  /** Show the server's ranking. */
  update({ rows, each, best, sweep = '' }) {
    this.buttons[0].disabled = !best; // networks have no best peaks until some were tried
    this.sweep.hidden = !sweep;
    setText(this.sweep, sweep);
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    for (const row of rows) this.rowOf(row).data = row;
    this.table.style.setProperty('--rows', String(rows.length));
    this.arrange(rows.map(({ key, text }) => [key, text]));
    for (const { key } of rows) this.table.append(this.rows.get(key).element); // readers meet them in their order
    this.showChoice(each);
  }

  rowOf(row) {
    const known = this.rows.get(row.key);
    if (known && known.name === row.name) return this.fillRow(known, row);
    known?.element.remove();
    const element = append(this.table, 'div', 'ranking-row', { role: 'row', 'data-slot': row.key });
    const name = append(element, 'span', 'ranking-name', { role: 'cell', title: row.name });
    name.append(sample(row));
    setText(append(name, 'span'), row.name);
    const cells = [0, 1, 2].map(() => append(element, 'span', '', { role: 'cell' }));
    const made = { element, cells, name: row.name };
    this.rows.set(row.key, made);
    return this.fillRow(made, row);
  }

  fillRow(made, { best, forgiving, loss }) {
    made.cells[0].title = loss;
    setText(made.cells[1], best === null ? '' : formatNumber(best, 2));
    setText(made.cells[2], forgiving === null ? '' : formatNumber(forgiving, 2));
    return made;
  }

  /** Put the rows in this order, each with its text. */
  arrange(order) {
    order.forEach(([key, text], i) => {
      const { element, cells } = this.rows.get(key);
      setText(cells[0], text);
      element.style.setProperty('--position', String(i));
    });
  }

  /** Rank the slots at a peak by their curves. */
  follow(at) {
    this.showChoice(false);
    const known = [...this.rows].filter(([, { data: row }]) => row.curve);
    if (known.length < this.rows.size) return;
    const losses = known.map(([key, { data: row }]) => [key, lossAt(row.curve, at)]);
    if (losses.some(([, loss]) => Number.isNaN(loss))) { // it is computed when the line rests
      for (const { cells } of this.rows.values()) setText(cells[0], this.words.waits);
      return;
    }
    losses.sort(([, one], [, other]) => (one === other ? 0 : one - other));
    const [, lowest] = losses[0];
    const tied = losses.filter(([, loss]) => loss < this.close * lowest).length;
    this.arrange(losses.map(([key, loss], i) => [key, this.text(loss / lowest, loss, i < tied ? tied : 0)]));
  }

  /** How a loss compares with the lowest one; `tied` is the number of slots that tie for it, with this one; else 0. */
  text(ratio, loss, tied) {
    const { words } = this;
    if (!Number.isFinite(loss)) return words.diverged;
    if (tied) return tied > 1 ? words.tie : words.lowest;
    if (ratio < this.small) return fill(words.higher, { share: formatNumber(100 * (ratio - 1), 2) });
    return fill(words.times, { ratio: formatNumber(Number(ratio.toPrecision(2)), 2) });
  }
}

/** The loss of a curve at a peak, on straight lines between logarithms; infinite where it diverges, NaN where none was tried. */
function lossAt({ x, y }, at) {
  const index = fractionalIndex(x, at);
  const i = Math.floor(index);
  if (at < x[0]) return NaN;
  if (at > x.at(-1)) return y.at(-1) === null ? Infinity : NaN;
  if (y[i] === null) return Infinity;
  if (i === index) return y[i];
  if (y[i + 1] === null) return Infinity;
  const share = Math.log(at / x[i]) / Math.log(x[i + 1] / x[i]);
  return y[i] * (y[i + 1] / y[i]) ** share;
}
