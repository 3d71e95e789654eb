// The map: a heat map drawn by Plotly, under a layer that finds cells. Pointing shows a cell, a click or Enter opens it in
// Explore, dragging a box zooms, and arrow keys move a cursor from cell to cell. On a touch screen a tap shows a cell, and a
// button opens it.

import { append, fill, setSentence, setText } from '../elements.js';
import { poll } from '../explore/jobs.js';
import { formatNumber } from '../numbers.js';
import { makeAxis } from '../panel/axes.js';
import { enlarged, isDark, withColors } from '../panel/colors.js';
import { setDrawing } from '../panel/panel.js';
import { loadPlotly, plotly } from '../panel/plotly.js';
import { rove } from '../roving.js';
import { markTerms, setTerms } from '../terms.js';

/**
 * @typedef {object} Picture a map, whole or so far (pages/parts/map/picture.py)
 * @property {string} of identifies the map
 * @property {any} figure
 * @property {{ values: number[], texts: string[], edges: number[], label: string }} x the columns; edges as they are drawn
 * @property {{ values: number[], texts: string[], edges: number[], label: string }} y the rows, lowest first
 * @property {number[][]} verdict index of the verdict of each cell; -1 if it is not known yet
 * @property {number[][]} reason index of the reason of each cell, 0 without one
 * @property {(number | null)[][]} loss final loss of each cell; null where the run diverged
 * @property {boolean} exact whether the losses are exact expected ones
 * @property {string} said cells and seeds
 * @property {boolean} complete whether all cells are known
 */
/**
 * @typedef {object} MapData
 * @property {string} plotly address of Plotly's script, from the root of the app
 * @property {Record<'light' | 'dark', Record<string, string>>} palettes
 * @property {Record<string, string>} words
 * @property {import('../terms.js').Terms} terms
 * @property {{ kind: string, color: string, glyph: string, word: string }[]} marks the verdicts in the order of their indexes
 * @property {string[]} reasons why runs stalled; the first one is empty
 * @property {Picture | null} picture null before the first one
 * @property {string} of identifies the map that is being computed or shown
 * @property {string} key the key of the map where pictures are saved
 * @property {string} href the query that reopens the map
 * @property {string} color "verdict" or "loss"
 * @property {boolean} zoomed
 * @property {boolean} large whether the page is in projector mode
 * @property {{ said: string, share: number } | null} progress
 * @property {string} stopped the sentence after Stop; empty if the map was not stopped
 * @property {{ seq: number, run: string } | null} opens the act that asked for a cell, whose link to Explore is on the page
 * @property {string} address where the jobs of this map are polled; empty if they have ended
 */

const ROOT = new URL('../../../', import.meta.url);
/** Pixels of a movement from which on it is a box, not a click. */
const DRAG = 6;
/** Width of a letter in a name on an axis, in pixels; and the largest part of the map that names take. */
const LETTER = 6.2;
const WIDEST = 0.34;
/** Most letters of a slanted name below the map. */
const SLANTED = 18;
/** Least pixels of a column whose slanted name does not cover its neighbors'; and the letters of upright names. */
const UPRIGHT = 14;
const SMALL = 9;
/** Part of the shown range that stays when a key or a button zooms in. */
const CLOSER = 0.4;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** Marks of the legend where a picture is saved, which has letters instead of shapes. */
const SIGNS = { here: '◯', best: '★' };
/** Cells that PageUp and PageDown move by. */
const FAR = 5;

/** The sentence of the map, below it on a picture. */
const sentence = () => ({ text: document.querySelector('.st-key-map_sentence')?.textContent?.trim() ?? '', color: 'ink' });

/** @type {WeakMap<HTMLElement, HeatMap>} */
const maps = new WeakMap();
let sequence = Date.now();

/**
 * Draw the map, and poll its job if it is not finished.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function drawMap(component) {
  const { parentElement, data } = component;
  if (!maps.has(parentElement)) maps.set(parentElement, new HeatMap(parentElement.querySelector('.anneal-map')));
  const map = maps.get(parentElement);
  setTerms(data.terms, { light() {}, seek() {} });
  map.take(component);
  const whenLoaded = () => map.draw();
  loadPlotly(new URL(data.plotly, ROOT).href).then(whenLoaded, () => setText(map.hint, data.words.failed));
  poll({ ...component, data: { address: data.address } }, () => map.seen, (answer) => map.follow(answer), data.address !== '');
}

/**
 * Remove the map; the page was left.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function removeMap(component) {
  maps.get(component.parentElement)?.remove();
  poll(component, () => '', () => {}, false);
}

class HeatMap {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.seen = '';
    this.opened = 0;
    /** @type {[number, number] | null} column and row of the cursor */
    this.at = null;
    this.progress = append(root, 'div', 'map-progress');
    this.progressText = append(this.progress, 'p');
    this.bar = append(this.progress, 'div', '', { role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 });
    append(this.bar, 'i');
    this.stop = this.button(this.progress, 'stop', () => this.send('stop'));
    this.again = this.button(this.progress, 'again', () => this.send('again'));
    this.legend = append(root, 'ul', 'map-legend', { 'data-terms': 'limit diverged stalled improving bouncing converged' });
    this.roved = rove(this.legend, () => [...this.legend.querySelectorAll('.anneal-term')]);
    this.stage = append(root, 'div', 'map-stage', { tabindex: 0, role: 'application' });
    this.picture = append(this.stage, 'div', 'map-picture', { 'aria-hidden': 'true' });
    this.cursor = append(this.stage, 'div', 'map-cursor', { hidden: '' });
    this.box = append(this.stage, 'div', 'map-box', { hidden: '' });
    const line = append(root, 'div', 'map-line');
    this.reading = append(line, 'p', 'map-reading');
    this.open = this.button(line, 'open', () => this.openCell());
    this.closer = this.button(line, 'closer', () => this.zoomIn());
    this.reset = this.button(line, 'reset', () => this.send('reset'));
    this.hint = append(root, 'p', 'map-hint');
    this.spoken = append(root, 'p', 'map-spoken', { 'aria-live': 'polite' });
    this.listen();
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.stage);
    this.schemes = matchMedia('(prefers-color-scheme: dark)');
    this.redraw = () => this.draw();
    this.schemes.addEventListener('change', this.redraw);
  }

  button(parent, name, act) {
    const button = append(parent, 'button', `map-${name}`, { type: 'button', hidden: '' });
    button.onclick = act;
    return button;
  }

  listen() {
    const { stage } = this;
    stage.addEventListener('pointermove', (event) => this.move(event));
    stage.addEventListener('pointerdown', (event) => this.press(event));
    stage.addEventListener('pointerup', (event) => this.release(event));
    stage.addEventListener('pointercancel', () => this.endBox());
    stage.addEventListener('pointerleave', ({ pointerType }) => pointerType !== 'touch' && this.leave());
    stage.addEventListener('keydown', (event) => this.key(event));
    stage.addEventListener('focus', () => stage.matches(':focus-visible') && this.show(this.at ?? this.middle(), true));
  }

  remove() {
    this.resizes.disconnect();
    setDrawing(this.data.key, null);
    this.schemes.removeEventListener('change', this.redraw);
    plotly()?.purge(this.picture);
  }

  // ---- Data -------------------------------------------------------------------------------------------------------------

  /** @param {import('../panel/panel.js').Component} component its data are `MapData` */
  take(component) {
    this.component = component;
    const { data } = component;
    if (data.of !== this.data?.of) {
      this.seen = '';
      this.at = null;
    }
    this.data = data;
    if (data.picture) this.shown = data.picture;
    if (data.opens && data.opens.seq > this.opened) this.leavePage(data.opens);
    this.showProgress(data.progress, data.stopped);
    for (const name of ['stop', 'again', 'open', 'closer', 'reset']) setText(this[name], data.words[name]);
    this.draw();
  }

  /** Take an answer of the job: its progress, and a finer picture if there is one. */
  follow({ of, progress, seen, picture }) {
    if (of !== this.data.of) return;
    this.showProgress(progress, '');
    if (!picture) return;
    this.seen = seen;
    this.take({ ...this.component, data: { ...this.data, picture, progress } });
  }

  showProgress(progress, stopped) {
    this.progress.toggleAttribute('data-on', Boolean(progress || stopped));
    setText(this.progressText, progress?.said ?? (stopped || this.shown?.said || ''));
    this.bar.hidden = !progress;
    this.stop.hidden = !progress;
    this.again.hidden = !stopped;
    if (!progress) return;
    this.bar.setAttribute('aria-label', this.data.words.progress);
    this.bar.setAttribute('aria-valuenow', String(progress.share));
    this.bar.firstElementChild.style.width = `${progress.share}%`;
  }

  /** Tell the server what the user wants. */
  send(kind, more = {}) {
    sequence += 1;
    this.component.setTriggerValue('act', { seq: sequence, of: this.data.of, kind, ...more });
  }

  // ---- Drawing ----------------------------------------------------------------------------------------------------------

  draw() {
    const { shown, data, root, stage } = this;
    const [width, height] = [stage.clientWidth, stage.clientHeight];
    if (!shown || !plotly() || !width || !root.isConnected) return;
    const palette = data.palettes[isDark(root) ? 'dark' : 'light'];
    const scale = (parseFloat(getComputedStyle(document.documentElement).fontSize) / 16) * (data.large ? 1.35 : 1);
    const { margin, meta, ...layout } = enlarged(withColors(shown.figure.layout, palette), scale);
    const traces = enlarged(withColors(shown.figure.data, palette), scale);
    const phone = width < 520;
    const right = data.color === 'loss' ? (phone ? 58 : 80) * scale : margin.r;
    const names = layout.yaxis.ticktext ?? [];
    const widest = Math.max(0, ...names.map((name) => name.length)) * LETTER * scale;
    if (widest > margin.l) {
      margin.l = Math.min(widest + 12, WIDEST * width);
      const most = Math.floor((margin.l - 12) / (LETTER * scale));
      layout.yaxis.ticktext = names.map((name) => (name.length > most ? `${name.slice(0, most - 2)}…` : name));
      layout.yaxis.title = { text: '' };
    }
    if (layout.xaxis.ticktext?.some((name) => name.length > 8)) {
      const ticktext = layout.xaxis.ticktext.map((name) => (name.length > SLANTED ? `${name.slice(0, SLANTED - 1)}…` : name));
      Object.assign(layout.xaxis, { ticktext, tickangle: -50, title: { text: '' } });
      if ((width - margin.l - right) / ticktext.length < UPRIGHT * scale) {
        Object.assign(layout.xaxis, { tickangle: -90, tickfont: { ...layout.xaxis.tickfont, size: SMALL * scale } });
      }
      margin.b = 96 * scale;
    }
    const inner = [width - margin.l - right, height - margin.t - margin.b];
    const axes = ['x', 'y'].map((name, i) => {
      const axis = layout[`${name}axis`];
      if (axis.tickvals) return axis;
      const { type, range } = shown.figure.layout.meta[name];
      return makeAxis(axis, { type, range }, inner[i], (i ? 34 : 64) * scale, {});
    });
    plotly().react(this.picture, traces, {
      ...layout, width, height, margin: { ...margin, r: right }, title: undefined, showlegend: false, hovermode: false,
      dragmode: false, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      font: { ...layout.font, family: getComputedStyle(root).fontFamily }, xaxis: axes[0], yaxis: axes[1],
    }, { displayModeBar: false, staticPlot: true });
    stage.toggleAttribute('data-stale', shown.of !== data.of);
    stage.setAttribute('aria-label', `${meta.alt} ${data.words.keys}`);
    this.showLegend(palette);
    setDrawing(data.key, { palette, font: getComputedStyle(root).fontFamily, imageRows: () => this.imageRows(), sentence });
    setText(this.hint, this.touches ? '' : data.words.hint);
    this.reset.hidden = !data.zoomed;
    root.dataset.cells = `${shown.x.values.length}x${shown.y.values.length}`;
    root.dataset.of = shown.of;
    root.toggleAttribute('data-done', shown.of === data.of && shown.complete);
    this.show(this.at);
  }

  /** The map with its legend, as `saveImage` draws them. */
  imageRows() {
    const { shown, data, stage, legend } = this;
    const signs = [...legend.children].map((item) => {
      const { color = '@ink', sign } = item.dataset;
      const name = [...item.children].map(({ textContent }) => textContent).join(' ').trim();
      if (sign in SIGNS) return { name: `${SIGNS[sign]} ${name}`, line: { color: '@paper' } }; // a mark has no line
      return { name, line: sign ? { color, dash: sign === 'limit' ? 'dash' : 'dot' } : { color, wide: 12 } };
    });
    const { figure, said, of } = shown;
    const subtitle = of === data.of ? said : '';
    const size = /** @type {[number, number]} */ ([stage.clientWidth, stage.clientHeight]);
    return [[{ picture: this.picture, canvas: null, size, title: figure.layout.meta.alt, subtitle, legend: signs }]];
  }

  /** The verdicts that the map has, with color, glyph, word and share of the cells. */
  showLegend(palette) {
    const { marks, words, color } = this.data;
    const cells = this.shown.verdict.flat().filter((kind) => kind >= 0);
    this.legend.replaceChildren();
    marks.forEach((mark, i) => {
      const count = cells.filter((cell) => cell === i).length;
      if (!count || (color === 'loss' && mark.kind !== 'diverged')) return;
      const item = append(this.legend, 'li', '', { 'data-color': mark.color });
      const sign = append(item, 'i', '', { 'aria-hidden': 'true' });
      sign.style.background = color === 'loss' ? 'none' : withColors(mark.color, palette);
      sign.style.color = color === 'loss' ? withColors(mark.color, palette) : palette.paper;
      setText(sign, mark.glyph);
      append(item, 'span').append(fill(words.share, { verdict: mark.word, share: formatNumber(Math.min((100 * count) / cells.length, count < cells.length ? 99 : 100), 2) }));
    });
    for (const name of ['limit', 'border', 'here', 'best']) {
      if (this.shown.figure.data.some(({ legendgroup }) => legendgroup === name)) this.legendItem(name, words[name]);
    }
    markTerms(this.legend, this.roved);
  }

  legendItem(name, text) {
    const item = append(this.legend, 'li', '', { 'data-sign': name });
    setText(append(item, 'i', '', { 'aria-hidden': 'true' }), name === 'best' ? SIGNS.best : '');
    append(item, 'span').append(text);
  }

  // ---- Cells ------------------------------------------------------------------------------------------------------------

  get axes() {
    const { xaxis, yaxis } = this.picture._fullLayout ?? {};
    return xaxis ? [xaxis, yaxis] : null;
  }

  /** Pixels of the edges of the columns, or of the rows. */
  edges(which) {
    const axis = this.axes[which];
    return this.shown[which ? 'y' : 'x'].edges.map((value) => axis._offset + axis.d2p(value));
  }

  /** Where an event happened, in pixels of the stage. */
  place({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  /** Column and row at a place; null outside of the cells. */
  cellAt([x, y]) {
    if (!this.shown || !this.axes) return null;
    const column = this.edges(0).findIndex((edge, i, all) => x >= edge && x < all[i + 1]);
    const row = this.edges(1).findIndex((edge, i, all) => y <= edge && y > all[i + 1]);
    return column < 0 || row < 0 ? null : /** @type {[number, number]} */ ([column, row]);
  }

  /** True if the user has no mouse. */
  get touches() {
    return matchMedia('(pointer: coarse)').matches;
  }

  middle() {
    return this.shown ? /** @type {[number, number]} */ ([this.shown.x, this.shown.y].map(({ values }) => values.length >> 1)) : null;
  }

  /** Put the cursor on a cell and tell about it; null removes it. `aloud` announces it too. */
  show(cell, aloud = false) {
    const { shown } = this;
    this.at = cell;
    this.cursor.hidden = !cell || !this.axes;
    const text = cell ? this.describe(cell) : '';
    setSentence(this.reading, text || (shown ? this.data.words[this.touches ? 'hint_touch' : 'point'] : ''));
    this.open.hidden = this.closer.hidden = !cell || !shown;
    if (aloud) setText(this.spoken, text);
    if (this.cursor.hidden) return;
    const [xs, ys] = [this.edges(0), this.edges(1)];
    const [left, right, bottom, top] = [xs[cell[0]], xs[cell[0] + 1], ys[cell[1]], ys[cell[1] + 1]];
    Object.assign(this.cursor.style, {
      left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
    });
  }

  describe([column, row]) {
    const { x, y, verdict, reason, loss, exact } = this.shown;
    const { words, marks, reasons } = this.data;
    const kind = verdict[row][column];
    const values = { x: x.label, y: y.label, x_value: x.texts[column], y_value: y.texts[row] };
    if (kind < 0) return fill(words.unknown, values);
    const end = loss[row][column];
    const why = reasons[reason[row][column]];
    const template = `cell${why ? '_stalled' : ''}${exact ? '_expected' : ''}`;
    return fill(words[end === null ? 'cell_diverged' : template], {
      ...values, verdict: marks[kind].word, reason: why, loss: end === null ? '' : formatNumber(end, 3, false),
    });
  }

  /** Open the cell at the cursor in Explore; `aside` opens it in another tab. */
  openCell(aside = false) {
    if (!this.at || !this.shown || this.shown.of !== this.data.of) return;
    this.aside = aside;
    // Back returns to the map with all that it shows: the entry of the history that is left gets the full link.
    if (!aside) history.replaceState(history.state, '', `${location.pathname}?${this.data.href}${location.hash}`);
    this.send('open', { x: this.at[0], y: this.at[1] });
  }

  /** Click the link to Explore, once it is on the page: unlike the server, it adds a single entry to the history. */
  leavePage({ seq, run }) {
    this.opened = seq;
    const clickLink = () => {
      if (!this.root.isConnected || this.opened !== seq) return;
      const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll('.st-key-map_open a')]);
      const link = links.find(({ search }) => new URLSearchParams(search).get('run') === run);
      if (link && this.aside) open(new URL(link.search, ROOT), '_blank', 'noopener');
      else if (link) link.click();
      else requestAnimationFrame(clickLink);
    };
    clickLink();
  }

  // ---- Pointer ----------------------------------------------------------------------------------------------------------

  /** The pointer has left: the cursor goes too, unless keys move it. */
  leave() {
    if (!this.start && document.activeElement !== this.stage) this.show(null);
  }

  move(event) {
    if (this.start) return this.drawBox(this.place(event));
    if (event.pointerType !== 'touch') this.show(this.cellAt(this.place(event)));
  }

  press(event) {
    if (event.button || !this.shown) return;
    this.start = this.place(event);
    this.touch = event.pointerType === 'touch';
    if (!this.touch) this.stage.setPointerCapture(event.pointerId);
  }

  release(event) {
    const { start } = this;
    const end = this.place(event);
    const drawn = !this.box.hidden;
    this.endBox();
    if (!start) return;
    if (drawn) return this.zoomTo(start, end);
    this.show(this.cellAt(end), this.touch);
    if (!this.touch) this.openCell(event.ctrlKey || event.metaKey);
  }

  drawBox([x, y]) {
    if (this.touch) return;
    const [left, top] = this.start;
    if (this.box.hidden && Math.hypot(x - left, y - top) < DRAG) return;
    const [[x0, x1], [y0, y1]] = this.inside([left, top], [x, y]);
    this.box.hidden = false;
    this.cursor.hidden = true;
    Object.assign(this.box.style, { left: `${x0}px`, top: `${y0}px`, width: `${x1 - x0}px`, height: `${y1 - y0}px` });
  }

  endBox() {
    this.box.hidden = true;
    this.start = null;
  }

  /** Sides of a box between two places, inside of the cells. */
  inside(one, other) {
    return this.axes.map(({ _offset, _length }, i) => {
      const within = (value) => Math.min(Math.max(value, _offset), _offset + _length);
      return [one[i], other[i]].map(within).sort((a, b) => a - b);
    });
  }

  zoomTo(one, other) {
    const [across, down] = this.inside(one, other);
    if (across[1] - across[0] < DRAG || down[1] - down[0] < DRAG) return;
    const [xaxis, yaxis] = this.axes;
    const x = across.map((pixel) => xaxis.p2d(pixel - xaxis._offset));
    const y = down.map((pixel) => yaxis.p2d(pixel - yaxis._offset)).reverse();
    this.send('zoom', { x, y });
  }

  /** Zoom in around the cursor. */
  zoomIn() {
    if (!this.at || !this.axes) return;
    const sides = [this.edges(0), this.edges(1)].map((edges, i) => {
      const axis = this.axes[i];
      const middle = (edges[this.at[i]] + edges[this.at[i] + 1]) / 2;
      const half = (CLOSER / 2) * axis._length;
      const start = Math.min(Math.max(middle, axis._offset + half), axis._offset + axis._length - half);
      return [start - half, start + half];
    });
    this.zoomTo([sides[0][0], sides[1][0]], [sides[0][1], sides[1][1]]);
  }

  // ---- Keys -------------------------------------------------------------------------------------------------------------

  key(event) {
    if (!this.shown || event.altKey || event.ctrlKey || event.metaKey) return;
    const { key } = event;
    const [across, up] = [this.shown.x.values.length - 1, this.shown.y.values.length - 1];
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    const [column, row] = this.at ?? this.middle();
    /** @type {[number, number] | undefined} */
    let to;
    if (key in ARROWS) to = this.at ? [column + ARROWS[key][0], row + ARROWS[key][1]] : [column, row];
    else if (key === 'Home' || key === 'End') to = [key === 'Home' ? 0 : across, row];
    else if (key === 'PageUp' || key === 'PageDown') to = [column, row + (key === 'PageUp' ? FAR : -FAR)];
    else if (key === 'Escape' && this.start) this.endBox();
    else if (key === 'Enter') this.openCell();
    else if (key === '+' || key === '=') this.zoomIn();
    else if ((key === '-' || key === 'Escape') && this.data.zoomed) this.send('reset');
    else return;
    event.preventDefault();
    if (to) this.show([within(to[0], across), within(to[1], up)], true);
  }
}
