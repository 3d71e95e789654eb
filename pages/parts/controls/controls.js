// One class for each kind of hyperparameter.

import { create, fill, setText } from '../elements.js';
import { Help, uniqueId } from './help.js';
import { fromSteps, inSteps, quantityText, rounded } from './scales.js';
import { Slider } from './slider.js';
import { symbolElements } from './symbols.js';

/**
 * A hyperparameter with label, help and message. A subclass has `build`, `declare`, `show` and, if a change by the user may take
 * time, `held`.
 */
export class Control {
  /**
   * @param {import('./control_group.js').ControlGroup} group
   * @param {any} field from `field_data` in controls.py
   */
  constructor(group, field) {
    this.group = group;
    this.key = field.key;
    this.help = new Help();
    this.label = create('label', 'label');
    this.help.addPart(this.label);
    this.head = create('div', 'head', {}, this.label, this.help.button);
    this.message = create('p', 'message', { role: 'alert', id: uniqueId() });
    this.root = create('div', 'field', { 'data-key': field.key, 'data-kind': field.kind }, this.head);
    this.build(field);
    this.root.append(this.message, this.help.tip);
  }

  /**
   * Show a field from the server.
   *
   * @param {any} field from `field_data` in controls.py
   * @param {boolean} settled whether its value is newer than the last one sent
   */
  update(field, settled) {
    const { value, ...declared } = field;
    const spec = JSON.stringify(declared);
    if (spec !== this.spec) {
      this.spec = spec;
      this.field = field;
      this.label.replaceChildren(field.label, ...symbolElements(field.symbol));
      this.help.show(field);
      this.declare(field);
    }
    if (settled) this.value = value;
    this.refresh();
    this.setIdle(Boolean(field.idle));
  }

  /** Disable a control that has no effect at the present settings; its help states that. */
  setIdle(idle) {
    if (!idle && !this.idle) return;
    this.idle = idle;
    this.root.toggleAttribute('data-idle', idle);
    for (const part of this.root.querySelectorAll('input, select, button:not(.anneal-help)')) part.disabled = idle;
    if (!idle) this.refresh(); // some buttons are disabled for other reasons
  }

  /** Show the value, unless the user is changing it. */
  refresh() {
    if (!this.held) this.show();
  }

  showMessage(text) {
    setText(this.message, text);
  }

  /** Send a value to the server; `final` is false while a slider is dragged. */
  send(value, final) {
    this.value = value;
    this.group.sender.push(this.key, value, final);
  }

  /** Set the value to the default. */
  reset() {
    this.showMessage('');
    this.send(this.field.default, true);
    this.show();
  }
}

export class NumberControl extends Control {
  build() {
    this.slider = new Slider(this);
    this.label.htmlFor = this.slider.range.id;
    this.note = create('span', 'beside');
    this.head.append(create('span', 'value', {}, this.slider.box, this.slider.unit));
    this.root.append(create('div', 'slide', {}, this.slider.range, this.note));
  }

  declare(field) {
    this.slider.declare(field, field.low, field.high, { range: field.label, box: field.typed });
    setText(this.note, field.note);
  }

  get held() {
    return this.slider.held;
  }

  show() {
    this.slider.show(inSteps(this.value, this.field), this.value);
  }

  moved(slider, value, final) {
    this.send(value, final);
  }
}

/** A number with two boxes: one beside the slider for the problem's number, one above it for that of a person's schedule. */
export class TwoNumbersControl extends NumberControl {
  build() {
    this.slider = new Slider(this);
    this.yours = new Slider(this); // only its box is shown
    this.names = [create('span', 'beside'), create('span', 'beside')];
    this.label.htmlFor = this.yours.box.id = uniqueId();
    this.head.append(create('span', 'value', {}, this.names[0], this.yours.box, this.yours.unit));
    const trained = create('span', 'value', {}, this.names[1], this.slider.box);
    this.root.append(create('div', 'slide', {}, this.slider.range, trained));
  }

  update(field, settled) {
    if (this.group.sender.isSettled(field.yours.key)) this.yourValue = field.yours.value;
    super.update(field, settled);
  }

  declare(field) {
    const { yours } = field;
    this.slider.declare(field, field.low, field.high, { range: field.moved, box: field.typed });
    this.yours.declare(yours, yours.low, yours.high, { range: yours.moved, box: yours.typed });
    setText(this.names[0], yours.name);
    setText(this.names[1], field.name);
  }

  get held() {
    return this.slider.held || this.yours.held;
  }

  show() {
    super.show();
    this.yours.show(this.yourValue);
  }

  moved(slider, number, final) {
    if (slider === this.slider) return super.moved(slider, number, final);
    this.yourValue = number;
    this.group.sender.push(this.field.yours.key, number, final);
  }
}

/** A text button; a disabled one shows its reason. */
export class ButtonControl {
  help = { close() {} };

  constructor(group, { key }) {
    this.key = key;
    this.reason = create('p', 'reason', { id: uniqueId() });
    this.button = create('button', 'action', { type: 'button', 'aria-describedby': this.reason.id });
    this.button.addEventListener('click', () => group.sender.push(key, true, true));
    this.root = create('div', 'field', { 'data-key': key, 'data-kind': 'button' }, this.button, this.reason);
  }

  update({ label, reason }) {
    setText(this.button, label);
    setText(this.reason, reason);
    this.button.disabled = Boolean(reason);
  }
}

/** Several moments of the run with a slider each; the range of each ends at its neighbors, so that their order is kept. */
export class SpansControl extends Control {
  build() {
    this.rows = [];
    this.list = create('div', 'rows');
    this.adder = create('button', 'add', { type: 'button' }, '+');
    this.adder.addEventListener('click', () => this.add());
    this.head.append(this.adder);
    this.root.append(this.list);
  }

  declare(field) {
    this.adder.setAttribute('aria-label', field.add);
    this.adder.title = field.add;
    this.rows.forEach((row, i) => this.declareRow(row, i));
  }

  declareRow({ slider, remover }, i) {
    const name = fill(this.field.moment, { number: i + 1 });
    slider.declare(this.field, this.field.low, this.field.high, { range: name, box: fill(this.field.typed, { label: name }) });
    remover.title = fill(this.field.remove, { label: name });
    remover.setAttribute('aria-label', remover.title);
  }

  addRow() {
    const slider = new Slider(this);
    const remover = create('button', 'remove', { type: 'button' }, '×');
    const row = { slider, remover, root: create('div', 'row', {}, slider.range, create('span', 'value', {}, slider.box, slider.unit), remover) };
    remover.addEventListener('click', () => this.remove(this.rows.indexOf(row)));
    this.rows.push(row);
    this.list.append(row.root);
    this.declareRow(row, this.rows.length - 1);
  }

  get held() {
    return this.rows.some(({ slider }) => slider.held);
  }

  show() {
    this.value = this.sorted(this.value);
    while (this.rows.length < this.value.length) this.addRow();
    while (this.rows.length > this.value.length) this.rows.pop().root.remove();
    this.rows.forEach(({ slider }, i) => slider.show(this.number(i), this.value[i]));
    this.limitToNeighbors();
    this.label.htmlFor = this.rows[0].slider.range.id;
  }

  number(i) {
    return inSteps(this.value[i], this.field);
  }

  sorted(moments) {
    return [...moments].sort((a, b) => inSteps(a, this.field) - inSteps(b, this.field));
  }

  /** Set the range of each slider to end at its neighbors. */
  limitToNeighbors() {
    const last = this.rows.length - 1;
    this.adder.disabled = this.rows.length >= this.field.most;
    this.rows.forEach(({ slider, remover }, i) => {
      slider.low = i > 0 ? this.number(i - 1) : this.field.low;
      slider.high = i < last ? this.number(i + 1) : this.field.high;
      remover.disabled = last === 0;
    });
  }

  moved(slider, value, final) {
    const moments = [...this.value];
    moments[this.rows.findIndex((row) => row.slider === slider)] = value;
    this.send(this.sorted(moments), final);
    if (this.held) this.limitToNeighbors();
    else this.show();
  }

  /** Add a moment in the middle of the widest gap. */
  add() {
    const numbers = this.value.map((_, i) => this.number(i));
    const edges = [this.field.low, ...numbers, this.field.high];
    const gaps = edges.slice(1).map((edge, k) => edge - edges[k]);
    const i = gaps.lastIndexOf(Math.max(...gaps));
    const middle = edges[i] + gaps[i] / 2;
    const moment = this.field.n ? Math.round(middle) : rounded(middle, 3);
    const steps = this.value.every((value) => typeof value === 'string');
    const value = [...this.value];
    value.splice(i, 0, (steps ? quantityText : fromSteps)(moment, this.field));
    this.send(value, true);
    this.show();
    this.rows[i].slider.range.focus();
  }

  remove(i) {
    this.send(this.value.filter((_, j) => j !== i), true);
    this.show();
    this.rows[Math.min(i, this.rows.length - 1)].slider.range.focus();
  }
}

export class ChoiceControl extends Control {
  build() {
    this.head.classList.add('anneal-wrap');
  }

  declare(field) {
    this.body?.remove();
    this.body = field.segmented ? this.segments(field) : this.menu(field);
    this.head.append(this.body);
  }

  menu(field) {
    const menu = create('select', 'menu', { id: uniqueId(), 'aria-label': field.label });
    menu.append(...field.options.map(([value, name]) => create('option', '', { value }, name)));
    menu.addEventListener('change', () => this.send(menu.value, true));
    this.label.htmlFor = menu.id;
    this.choose = (value) => { menu.value = value; };
    return menu;
  }

  segments(field) {
    const name = uniqueId();
    const inputs = field.options.map(([value]) => create('input', '', { type: 'radio', name, value }));
    const segments = field.options.map(([, text], i) => create('label', 'segment', {}, inputs[i], create('span', '', {}, text)));
    this.label.removeAttribute('for');
    inputs.forEach((input) => input.addEventListener('change', () => this.send(input.value, true)));
    this.choose = (value) => inputs.forEach((input) => { input.checked = input.value === value; });
    return create('div', 'segments', { role: 'radiogroup', 'aria-label': field.label }, ...segments);
  }

  show() {
    this.choose(this.value);
  }
}

export class SwitchControl extends Control {
  build() {
    this.input = create('input', 'switch', { type: 'checkbox', id: uniqueId() });
    this.input.addEventListener('change', () => this.send(this.input.checked, true));
    this.label.htmlFor = this.input.id;
    this.head.prepend(this.input);
  }

  declare(field) {
    this.input.setAttribute('aria-label', field.label);
  }

  show() {
    this.input.checked = this.value;
  }
}
