// Handles on a chart for the fields of sliders: they move along one or both axes, with a pointer or the arrow keys.

import { fieldsSettled, moveFields } from '../controls/control_group.js';
import { boxText, clamp, inSteps, scaleOf, sentValue, unitText } from '../controls/scales.js';
import { followPointer } from '../dragging.js';
import { append, fill } from '../elements.js';
import { pixelOf } from './axes.js';
import { curveHeight } from './curves.js';

/**
 * @typedef {object} AlongData a field along an axis: the coordinate is `zero + unit * value`, in the unit of its slider
 * @property {number} zero
 * @property {number} unit
 * @property {any} field from `moved_data` in controls.py
 */
/**
 * @typedef {object} HandleData from pages/parts/explore/handles.py
 * @property {string} key name of the handle
 * @property {AlongData | null} x
 * @property {AlongData | null} y
 * @property {[number, number | null]} at position on the axes; null for y is the upper edge
 */

/** The direction that each key moves in. */
const KEYS = {
  ArrowRight: ['x', 1], ArrowLeft: ['x', -1], ArrowUp: ['y', 1], ArrowDown: ['y', -1],
  PageUp: ['', 10], PageDown: ['', -10], Home: ['', -Infinity], End: ['', Infinity],
};
const FAR = 10; // steps with Shift

/**
 * @typedef {object} Taker takes the moves of a handle whose field has no slider
 * @property {(keys: string[], values: unknown[], final: boolean) => void} move `final` is false during a drag
 * @property {(keys: string[]) => boolean} settled true if the server's values are newer than the last ones
 */
/** Those who take the moves of handles by the name of the handle; others are those of sliders. @type {Map<string, Taker>} */
const takers = new Map();
const SLIDERS = { move: moveFields, settled: fieldsSettled };

/**
 * Let the moves of handles of a name be taken by others than sliders.
 *
 * @param {string} name
 * @param {Taker} taker
 */
export function takeMoves(name, taker) {
  takers.set(name, taker);
}

/** The number that a handle sets along an axis. */
class Along {
  /** Take what Python sent; `kept` is the number before, if the user has changed it since. */
  constructor({ zero, unit, field }, kept) {
    Object.assign(this, { zero, unit, field, scale: scaleOf(field) });
    this.sent = kept ? kept.sent : field.value;
    this.value = kept ? kept.value : inSteps(field.value, field);
  }

  get coordinate() {
    return this.zero + this.unit * this.value;
  }

  get text() {
    return `${boxText(this.value, this.field.scale)} ${unitText(this.value, this.sent, this.field) ?? ''}`.trim();
  }

  get label() {
    return this.field.moved ?? this.field.label;
  }

  set(value) {
    this.value = clamp(value, this.field.low, this.field.high);
    this.sent = sentValue(this.value, this.sent, this.field);
  }

  /** Set the position of the slider that is nearest to a coordinate. */
  moveTo(coordinate) {
    const value = clamp((coordinate - this.zero) / this.unit, this.field.low, this.field.high);
    this.set(this.scale.value(clamp(this.scale.position(value), 0, 1)));
  }

  /** Move by positions of the slider; `count` is negative toward lower coordinates. */
  step(count) {
    const { low, high } = this.field;
    this.set(Number.isFinite(count) ? this.scale.next(this.value, count, false) : count < 0 ? low : high);
  }
}

class Handle {
  constructor(chart, name, keys) {
    Object.assign(this, { chart, name, keys, along: {}, ahead: false }); // ahead: the user's values are newer than Python's
    this.element = append(chart.handles, 'div', 'handle', { role: 'slider', tabindex: -1, 'data-name': name });
    this.element.addEventListener('pointerdown', (event) => this.press(event));
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.element.addEventListener('keyup', () => !this.held && this.finish());
    this.element.addEventListener('blur', () => {
      if (!this.held) this.finish();
      this.element.removeAttribute('data-pressed');
      this.chart.panel.mark(null);
    });
    this.element.addEventListener('focus', () => this.chart.panel.mark(null));
  }

  /** Take what Python sent, unless the user has moved on. */
  update(data) {
    this.ahead &&= this.held || this.unsent || !this.taker.settled(this.keys);
    this.at = data.at;
    for (const axis of ['x', 'y'])
      if (data[axis]) this.along[axis] = new Along(data[axis], this.ahead ? this.along[axis] : null);
    this.describe();
    this.locate();
  }

  /** True while a pointer holds it, or it is the focus of the keyboard. */
  get active() {
    return Boolean(this.held) || this.element.matches(':focus:not([data-pressed])');
  }

  get moved() {
    return Object.values(this.along);
  }

  get taker() {
    return takers.get(this.name) ?? SLIDERS;
  }

  describe() {
    const { words } = this.chart.panel;
    const [first, second] = this.moved;
    const label = second ? words.start : first.label;
    const named = this.moved.map((along) => `${along.label} ${along.text}`);
    const text = second ? fill(words.handle_two, { first: named[0], second: named[1] }) : first.text;
    const direction = second ? {} : { 'aria-orientation': this.along.x ? 'horizontal' : 'vertical' };
    const range = { min: first.field.low, max: first.field.high, now: first.value };
    for (const [key, value] of Object.entries(range)) this.element.setAttribute(`aria-value${key}`, value);
    for (const [key, value] of Object.entries(direction)) this.element.setAttribute(key, value);
    this.element.setAttribute('aria-label', label);
    this.element.setAttribute('aria-valuetext', text);
    this.element.title = fill(words.handle, { label });
    this.reading = second ? `(${this.moved.map(({ value }) => boxText(value)).join(', ')})` : `${label} ${first.text}`;
  }

  locate() {
    const { _fullLayout: full } = this.chart.picture;
    if (!full) return;
    const { xaxis, yaxis } = full;
    const [x, y] = ['x', 'y'].map((axis, i) => (this.ahead && this.along[axis] ? this.along[axis].coordinate : this.at[i]));
    const left = pixelOf(xaxis, x);
    const top = left === null ? null : this.height(left, y, xaxis, yaxis);
    this.element.hidden = left === null || top === null;
    if (!this.element.hidden) this.element.style.transform = `translate(${left}px, ${top}px)`;
  }

  height(left, y, xaxis, yaxis) {
    const { data, figure } = this.chart;
    const inside = (pixel) => clamp(pixel, yaxis._offset, yaxis._offset + yaxis._length);
    if (y === null) return yaxis._offset;
    if (data.path?.axes === 1) return figure.data[0] ? inside(curveHeight(figure.data[0], xaxis, yaxis)(left)) : null;
    return this.held ? inside(yaxis._offset + (yaxis.d2p(y) || 0)) : pixelOf(yaxis, y, true);
  }

  /** Begin a drag; with `jump` the handle first moves to the pointer. */
  press(event, jump = false) {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation(); // neither a zoom nor a mark
    const { chart, element } = this;
    this.held = true;
    for (const name of ['data-held', 'data-pressed']) element.toggleAttribute(name, true);
    chart.heldRange = chart.overSteps ? chart.shownAxis('y').range : null; // the axis must not change during the drag
    element.focus({ preventScroll: true });
    const { x, y } = this.positionOf(event);
    const offset = jump ? [0, 0] : [this.pixels.x - x, this.pixels.y - y];
    if (jump) this.drag(event, offset);
    else chart.panel.mark(null);
    followPointer(event, element, (moved) => this.drag(moved, offset), () => {
      this.held = false;
      element.removeAttribute('data-held');
      chart.heldRange = null;
      this.finish();
      chart.panel.mark(null);
    });
  }

  /** Move to a pointer at once, as after a tap. */
  jump(event) {
    this.moveTo(this.positionOf(event), true);
    this.chart.panel.mark(null);
  }

  /** The position of a pointer in pixels of the chart. */
  positionOf({ clientX, clientY }) {
    const { left, top } = this.chart.plot.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  /** The position of the handle in pixels of the chart. */
  get pixels() {
    const { e: x, f: y } = new DOMMatrix(this.element.style.transform);
    return { x, y };
  }

  drag(event, [dx, dy]) {
    event.stopPropagation();
    const { x, y } = this.positionOf(event);
    this.moveTo({ x: x + dx, y: y + dy }, false);
  }

  moveTo(position, final) {
    const full = this.chart.picture._fullLayout;
    for (const [name, along] of Object.entries(this.along)) {
      const axis = full[`${name}axis`];
      const pixel = position[name] - axis._offset;
      const below = name === 'y' && axis.type === 'log' && pixel >= axis._length; // a logarithmic axis has no zero
      along.moveTo(below ? 0 : axis.p2d(pixel));
    }
    this.send(final);
  }

  key(event) {
    const [axis, count] = KEYS[event.key] ?? [];
    const along = this.moved.length === 1 ? this.moved[0] : this.along[axis];
    if (!count || !along || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // else the replay would move
    this.element.removeAttribute('data-pressed');
    const forward = along === this.along[axis] ? Math.sign(along.unit) : 1; // toward where the arrow points
    along.step(count * forward * (event.shiftKey && axis ? FAR : 1));
    this.send(!event.repeat);
  }

  /** Send the values where they have changed; `final` is false during a drag. */
  send(final) {
    const values = this.moved.map(({ sent }) => sent);
    if (String(values) === this.last && !(final && this.unsent)) return;
    this.last = String(values);
    this.unsent = !final;
    this.ahead = true;
    this.taker.move(this.keys, values, final);
    this.describe();
    this.locate();
    if (this.active) this.chart.panel.mark(null);
  }

  finish() {
    if (this.unsent) this.send(true);
  }
}

/**
 * Show the handles of a chart.
 *
 * @param {import('./chart.js').Chart} chart
 */
export function showHandles(chart) {
  const { hidden } = chart.panel.kept;
  const sent = hidden.has(chart.panel.runs[0]) ? [] : (chart.panel.data.handles?.[chart.slot] ?? []);
  /** @type {Map<string, Handle>} */
  const before = chart.handlesByName;
  const now = new Map();
  for (const data of sent) {
    const keys = [data.x, data.y].filter(Boolean).map(({ field }) => field.key);
    if (!keys.length) continue;
    const known = before.get(data.key);
    const handle = known && String(known.keys) === String(keys) ? known : new Handle(chart, data.key, keys);
    now.set(data.key, handle);
  }
  for (const handle of before.values()) if (now.get(handle.name) !== handle) handle.element.remove();
  chart.handlesByName = now;
  for (const data of sent) now.get(data.key)?.update(data);
  chart.plot.toggleAttribute('data-start', now.has('start'));
  setTabStops(chart);
}

/** The handle that the user moves now. */
export const activeHandle = (chart) => [...chart.handlesByName.values()].find((handle) => handle.active);

/** Let Tab reach the first handle of a chart, and the others from there. */
function setTabStops({ handles }) {
  const inside = handles.contains(document.activeElement);
  [...handles.children].forEach((handle, i) => {
    handle.tabIndex = inside || i === 0 ? 0 : -1;
  });
}

/**
 * Let presses on the surface of a chart move the start of the run.
 *
 * @param {import('./chart.js').Chart} chart
 */
export function listenForStart(chart) {
  chart.handlesByName = new Map();
  for (const name of ['focusin', 'focusout']) chart.handles.addEventListener(name, () => setTimeout(() => setTabStops(chart)));
  let touched = false;
  const inside = ({ clientX, clientY }) => {
    const { xaxis, yaxis } = chart.picture._fullLayout ?? {};
    const { left, top } = chart.plot.getBoundingClientRect();
    const [x, y] = [clientX - left - xaxis?._offset, clientY - top - yaxis?._offset];
    return x >= 0 && x <= xaxis._length && y >= 0 && y <= yaxis._length;
  };
  chart.plot.addEventListener('pointerdown', (event) => {
    touched = event.pointerType === 'touch'; // a touch may begin to scroll; a tap moves the start
    if (!touched && inside(event)) chart.handlesByName.get('start')?.press(event, true);
  });
  chart.plot.addEventListener('click', (event) => {
    if (touched && inside(event)) chart.handlesByName.get('start')?.jump(event);
  });
}
