// The control of a curve drawn by hand: knots that are dragged on a small picture, or typed in a table.

import { followPointer } from '../dragging.js';
import { MANY_KNOTS, reportKnots } from '../drawn_knots.js';
import { create, fill } from '../elements.js';
import { formatNumber } from '../numbers.js';
import { Control } from './controls.js';
import { clamp, inSteps, parseNumber, rounded } from './scales.js';

/** Heights are multiples of this. */
const HEIGHT_STEP = 0.01;
const SVG = 'http://www.w3.org/2000/svg';

export class KnotsControl extends Control {
  build() {
    this.handles = [];
    this.rows = [];
    this.line = document.createElementNS(SVG, 'polyline');
    const picture = document.createElementNS(SVG, 'svg');
    picture.setAttribute('viewBox', '0 0 1 1');
    picture.setAttribute('preserveAspectRatio', 'none');
    picture.append(this.line);
    this.pad = create('div', 'pad', { role: 'group' }, picture);
    this.pad.addEventListener('dblclick', (event) => event.target.tagName !== 'BUTTON' && this.add(this.positionOf(event)));
    this.adder = create('button', 'add', { type: 'button' }, '+');
    this.adder.addEventListener('click', () => this.add());
    this.resetter = create('button', 'remove', { type: 'button' }, '↺');
    this.resetter.addEventListener('click', () => this.reset());
    this.head.append(this.adder, this.resetter);
    this.summary = create('summary', 'summary');
    this.table = create('div', 'knots');
    this.root.append(this.pad, create('details', 'details', {}, this.summary, this.table));
  }

  declare(field) {
    this.pad.setAttribute('aria-label', field.label);
    for (const [element, text] of [[this.adder, field.add], [this.resetter, field.back]]) {
      element.setAttribute('aria-label', text);
      element.title = text;
    }
    this.summary.textContent = field.table;
  }

  get held() {
    return this.dragging !== undefined;
  }

  show() {
    const { value } = this;
    while (this.handles.length < value.length) this.addHandle();
    while (this.handles.length > value.length) {
      this.handles.pop().remove();
      this.rows.pop().root.remove();
    }
    this.pad.toggleAttribute('data-many', value.length > MANY_KNOTS);
    this.draw();
    this.adder.disabled = value.length >= this.field.most;
    this.rows.forEach(({ time, height, remover }, i) => {
      const words = { number: i + 1, time: this.time(i), height: this.height(i) };
      for (const [box, text, name] of [[time, this.time(i), this.field.knotTime], [height, this.height(i), this.field.knotHeight]]) {
        if (box !== document.activeElement) box.value = text;
        box.setAttribute('aria-label', fill(name, words));
      }
      remover.disabled = value.length <= this.field.least;
      remover.setAttribute('aria-label', fill(this.field.remove, words));
      remover.title = fill(this.field.remove, words);
    });
  }

  draw() {
    const { value } = this;
    this.handles.forEach((handle, i) => {
      const [time, height] = value[i];
      handle.style.setProperty('--x', time);
      handle.style.setProperty('--y', height);
      const words = { number: i + 1, count: value.length, time: this.time(i), height: this.height(i) };
      handle.setAttribute('aria-label', fill(this.field.knot, words));
    });
    const ends = [[0, value[0][1]], ...value, [1, value.at(-1)[1]]];
    this.line.setAttribute('points', ends.map(([time, height]) => `${time},${1 - height}`).join(' '));
    reportKnots(this);
  }

  time(i) {
    return formatNumber(inSteps(this.value[i][0], this.field), 6);
  }

  height(i) {
    return formatNumber(this.value[i][1], 4);
  }

  addHandle() {
    const i = this.handles.length;
    const handle = create('button', 'knot', { type: 'button' });
    handle.addEventListener('pointerdown', (event) => this.startDrag(event, this.handles.indexOf(handle)));
    handle.addEventListener('keydown', (event) => this.press(event, this.handles.indexOf(handle)));
    this.handles.push(handle);
    this.pad.append(handle);
    const [time, height] = ['time', 'height'].map((kind) => {
      const box = create('input', 'box', { type: 'text', autocomplete: 'off', spellcheck: 'false', inputmode: 'decimal' });
      box.setAttribute('aria-describedby', this.message.id);
      box.addEventListener('change', () => this.type(i, kind, box));
      box.addEventListener('blur', () => this.show());
      return box;
    });
    const remover = create('button', 'remove', { type: 'button' }, '×');
    remover.addEventListener('click', () => this.remove(i));
    const root = create('div', 'knot-row', {}, time, height, remover);
    this.rows.push({ time, height, remover, root });
    this.table.append(root);
  }

  // ---- Changes by the user ----------------------------------------------------------------------------------------------

  /** The position of a pointer on the picture: a share of the run and a ratio of the peak. */
  positionOf({ clientX, clientY }) {
    const { left, top } = this.pad.getBoundingClientRect();
    const { clientLeft, clientTop, clientWidth, clientHeight } = this.pad; // handles are inside the border
    return [(clientX - left - clientLeft) / clientWidth, 1 - (clientY - top - clientTop) / clientHeight];
  }

  startDrag(event, i) {
    event.preventDefault();
    const handle = this.handles[i];
    handle.focus();
    this.drag(event, handle, i, (moved) => this.positionOf(moved));
  }

  /**
   * Move a knot with a pointer until it is released.
   *
   * @param {PointerEvent} event the press
   * @param {HTMLElement} handle the pressed handle, here or on a chart
   * @param {number} i the knot
   * @param {(event: PointerEvent) => number[]} positionOf the position of a pointer: a share of the run and a ratio of the peak
   * @param {() => void} after called at the end
   */
  drag(event, handle, i, positionOf, after = () => {}) {
    this.dragging = i;
    followPointer(event, handle, (moved) => this.move(i, positionOf(moved), false), () => {
      this.dragging = undefined;
      after();
      this.send(this.value, true);
      this.show();
    });
  }

  press(event, i) {
    const [time, height] = this.value[i];
    const factor = event.shiftKey ? 10 : 1;
    const step = this.field.n ? 1 / this.field.n : 0.01;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowDown: [0, -HEIGHT_STEP], ArrowUp: [0, HEIGHT_STEP] };
    if (event.key === 'Delete' || event.key === 'Backspace') this.remove(i);
    else if (event.key in moves) {
      const [x, y] = moves[event.key];
      this.move(i, [time + factor * x, height + factor * y], true);
    } else return;
    event.preventDefault();
  }

  /** Move a knot, no farther than its neighbors; two knots at the same time make a jump. */
  move(i, [time, height], final) {
    const value = this.value.map((knot) => [...knot]);
    const [low, high] = [value[i - 1]?.[0] ?? 0, value[i + 1]?.[0] ?? 1];
    const steps = this.field.n;
    const shifted = steps ? Math.round(time * steps) / steps : rounded(time, 3);
    value[i] = [clamp(shifted, low, high), clamp(Math.round(height / HEIGHT_STEP) * HEIGHT_STEP, 0, 1)].map((n) => Number(n.toFixed(9)));
    this.showMessage('');
    this.send(value, final);
    if (final) this.show();
    else this.draw();
  }

  type(i, kind, box) {
    const found = parseNumber(box.value);
    const number = found ? { '': found.number, '%': found.number / 100 }[found.word] : NaN;
    const share = kind === 'height' || !this.field.n || found?.word === '%' || (number < 1 && number > 0) ? number : number / this.field.n;
    if (!(share >= 0 && share <= 1)) {
      this.showMessage(this.field.please);
      box.setAttribute('aria-invalid', 'true');
      return;
    }
    box.removeAttribute('aria-invalid');
    this.showMessage('');
    const value = this.value.map((knot) => [...knot]);
    value[i][kind === 'time' ? 0 : 1] = share;
    this.send(value.sort((a, b) => a[0] - b[0]), true);
    this.show();
  }

  /** Add a knot at a position, or in the middle of the widest gap. */
  add(position) {
    if (this.value.length >= this.field.most) return;
    const value = this.value.map((knot) => [...knot]);
    let time = position?.[0];
    if (time === undefined) {
      const gaps = value.slice(1).map(([other], k) => other - value[k][0]);
      const widest = gaps.indexOf(Math.max(...gaps));
      time = (value[widest][0] + value[widest + 1][0]) / 2;
    }
    const steps = this.field.n;
    time = clamp(steps ? Math.round(time * steps) / steps : time, 0, 1);
    const after = value.findIndex(([other]) => other > time);
    const i = after < 0 ? value.length : after;
    const [left, right] = [value[i - 1] ?? value[i], value[i] ?? value[i - 1]];
    const share = right[0] > left[0] ? (time - left[0]) / (right[0] - left[0]) : 0;
    const height = position ? position[1] : left[1] + share * (right[1] - left[1]);
    value.splice(i, 0, [time, clamp(rounded(height, 2), 0, 1)]);
    this.send(value, true);
    this.show();
    this.handles[i].focus();
  }

  remove(i) {
    if (this.value.length <= this.field.least) return;
    this.send(this.value.filter((_, j) => j !== i), true);
    this.show();
    this.handles[Math.min(i, this.handles.length - 1)].focus();
  }
}
