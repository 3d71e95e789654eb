// The controls, one class for each kind of hyperparameter. Put behind numbers.js and scales.js.

// ---- The line to the server: one message at a time, the last value wins --------------------------------------------------

const PACE = 50;
const PATIENCE = 1500;
let lastNumber = 0;

/** Numbers that grow over remounts and reloads. */
function nextNumber() {
  lastNumber = Math.max(lastNumber + 1, Date.now());
  return lastNumber;
}

class Line {
  waiting = new Map();
  sent = new Map();
  last = 0;
  heard = 0;
  at = -Infinity;

  push(key, value, final) {
    this.waiting.set(key, { value, final });
    this.flush();
  }

  get busy() {
    return this.waiting.size > 0 || this.heard < this.last;
  }

  flush = () => {
    clearTimeout(this.timer);
    this.next();
    this.changed(this.busy);
  };

  /** Sends what waits the longest, unless the last message is still under way. */
  next() {
    const [first] = this.waiting;
    if (!first) return;
    const wait = (this.heard < this.last ? PATIENCE : PACE) - (performance.now() - this.at);
    if (wait > 0) {
      this.timer = setTimeout(this.flush, wait);
      return;
    }
    const [key, message] = first;
    this.waiting.delete(key);
    this.last = nextNumber();
    this.sent.set(key, this.last);
    this.at = performance.now();
    this.send({ seq: this.last, key, ...message });
  }

  /** The server has seen everything up to this number. */
  answer(heard) {
    this.heard = heard;
    this.flush();
  }

  /** Whether the server's value of a field is newer than the hand's. */
  settled(key) {
    if (this.waiting.has(key)) return false;
    return this.heard >= (this.sent.get(key) ?? 0) || performance.now() - this.at > 2 * PATIENCE;
  }
}

// ---- Pieces of the page --------------------------------------------------------------------------------------------------

let made = 0;
const fresh = () => `anneal-control-${++made}`;

function node(tag, className, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  if (className) element.className = `anneal-${className}`;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

function symbolNodes(parts) {
  return parts.map(([text, place]) =>
    node(place || 'span', 'symbol-part', {}, /^\p{Letter}$/u.test(text) ? node('i', '', {}, text) : text));
}

/** The small "?": its tip opens by hover, focus and tap, and closes by Escape or a tap elsewhere. */
class Help {
  constructor() {
    this.tip = node('div', 'tip', { id: fresh(), role: 'tooltip', popover: 'manual' });
    this.button = node('button', 'help', { type: 'button', 'aria-describedby': this.tip.id }, '?');
    const { button } = this;
    for (const part of [button, this.tip]) {
      part.addEventListener('pointerenter', (e) => e.pointerType === 'mouse' && this.open());
      part.addEventListener('pointerleave', (e) => e.pointerType === 'mouse' && !this.pinned && this.closeSoon());
    }
    button.addEventListener('focus', this.open);
    button.addEventListener('blur', this.close);
    button.addEventListener('pointerdown', () => { this.wasPinned = this.pinned; });
    button.addEventListener('click', () => (this.wasPinned ? this.close() : this.pin()));
    button.addEventListener('keydown', (e) => e.key === 'Escape' && this.close());
  }

  show(facts) {
    this.button.setAttribute('aria-label', facts.about);
    this.tip.replaceChildren(...facts.help.map((line) => node('p', '', {}, line)));
  }

  pin() {
    this.open();
    this.pinned = true;
  }

  open = () => {
    clearTimeout(this.closing);
    if (this.tip.matches(':popover-open')) return;
    this.tip.showPopover();
    const at = this.button.getBoundingClientRect();
    const size = this.tip.getBoundingClientRect();
    // Above, so that it hides neither its own slider nor the thumb of the hand.
    const above = at.top - size.height - 2;
    this.tip.style.left = `${clamp(at.left - 12, 8, Math.max(8, innerWidth - size.width - 8))}px`;
    this.tip.style.top = `${above >= 8 ? above : at.bottom + 2}px`;
    addEventListener('scroll', this.close, { capture: true, once: true });
    addEventListener('pointerdown', this.elsewhere, true);
  };

  /** Leaves time for the pointer to reach the tip. */
  closeSoon() {
    this.closing = setTimeout(this.close, 150);
  }

  elsewhere = (event) => {
    if (!this.button.contains(event.target) && !this.tip.contains(event.target)) this.close();
  };

  close = () => {
    clearTimeout(this.closing);
    this.pinned = false;
    if (this.tip.matches(':popover-open')) this.tip.hidePopover();
    removeEventListener('scroll', this.close, { capture: true });
    removeEventListener('pointerdown', this.elsewhere, true);
  };
}

const KEYS = {
  ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity,
};
const DOUBLE_CLICK = 300;

/** A range input and a box to type in, for one number of a control, its `owner`. */
class Slider {
  constructor(owner) {
    this.owner = owner;
    this.range = node('input', 'range', { type: 'range', id: fresh(), 'aria-describedby': owner.help.tip.id });
    this.box = node('input', 'box', { type: 'text', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'done' });
    this.box.setAttribute('aria-describedby', owner.message.id);
    this.unit = node('span', 'unit', { 'aria-hidden': 'true' });
    this.listenToRange();
    this.listenToBox();
  }

  /** What may be dialled; `names` are the labels of range and box. */
  declare(facts, low, high, names) {
    this.facts = facts;
    this.low = low;
    this.high = high;
    this.scale = scaleOf(facts);
    this.range.min = 0;
    this.range.max = this.scale.stops;
    this.range.step = 1;
    this.range.setAttribute('aria-label', names.range);
    this.box.setAttribute('aria-label', names.box);
  }

  get held() {
    return Boolean(this.pressed || this.unsaid || this.typing);
  }

  /** Shows the value, in what the slider counts in, unless a person is typing one. */
  show(value) {
    this.value = value;
    const place = clamp(this.scale.place(value), 0, 1);
    const text = shown(value, this.facts.scale);
    const share = people(100 * fromSteps(value, this.facts), 2);
    const unit = this.facts.n
      ? (value === 1 ? this.facts.stepsUnitOne : this.facts.stepsUnit).replace('{share}', share)
      : value === 1 ? this.facts.unitOne : this.facts.unit;
    // Under the hand the browser moves the thumb itself.
    if (!this.pressed) this.range.value = Math.round(place * this.scale.stops);
    this.range.style.setProperty('--anneal-place', place);
    this.range.setAttribute('aria-valuetext', `${text} ${unit}`.trim());
    this.unit.textContent = unit;
    if (!this.typing) {
      this.box.value = this.text = text;
      this.fit();
    }
  }

  fit() {
    this.box.style.setProperty('--anneal-letters', Math.max(3, this.box.value.length));
  }

  /** What the hand does to the value; a drag and the keys stop at the ends. */
  move(value, final) {
    this.set(clamp(value, this.low, this.high), final);
  }

  set(value, final) {
    const still = value === this.value;
    this.owner.say('');
    this.typing = false;
    this.show(value);
    if (still && !this.unsaid) return;
    this.unsaid = !final;
    this.owner.moved(this, value, final);
  }

  /** The hand has let go: says the last value once more, as the final one. */
  finish = () => {
    clearTimeout(this.clicked);
    this.clicked = 0;
    if (this.unsaid) this.set(this.value, true);
    else this.owner.refresh();
  };

  listenToRange() {
    const { range } = this;
    range.addEventListener('pointerdown', (event) => event.button === 0 && this.press());
    range.addEventListener('input', () => {
      this.moves += 1;
      this.move(this.scale.value(range.value / this.scale.stops), false);
    });
    // Without a pointer (a screen reader's gesture) there is no release to wait for.
    range.addEventListener('change', () => !this.pressed && !this.clicked && this.finish());
    range.addEventListener('keydown', (event) => this.key(event));
    range.addEventListener('keyup', () => !this.pressed && this.finish());
    range.addEventListener('blur', () => !this.pressed && this.finish());
    range.addEventListener('dblclick', () => {
      clearTimeout(this.clicked);
      this.clicked = 0;
      this.unsaid = false;
      this.owner.back();
    });
  }

  press() {
    clearTimeout(this.clicked);
    this.pressed = true;
    this.moves = 0;
    const release = () => {
      removeEventListener('pointerup', release, true);
      removeEventListener('pointercancel', release, true);
      this.pressed = false;
      this.show(this.value);
      // A click may be the first half of a double click, which takes it back.
      if (this.moves > 1) this.finish();
      else this.clicked = setTimeout(this.finish, DOUBLE_CLICK);
    };
    addEventListener('pointerup', release, true);
    addEventListener('pointercancel', release, true);
  }

  key(event) {
    const count = KEYS[event.key];
    if (!count || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const end = count < 0 ? this.low : this.high;
    const finely = event.shiftKey && Math.abs(count) === 1;
    this.move(Number.isFinite(count) ? this.scale.next(this.value, count, finely) : end, !event.repeat);
  }

  listenToBox() {
    const { box } = this;
    box.addEventListener('focus', () => box.select());
    box.addEventListener('input', () => {
      this.typing = true;
      this.owner.say('');
      box.removeAttribute('aria-invalid');
      this.fit();
    });
    box.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.commit() && box.select();
      if (event.key === 'Escape') this.restore();
    });
    box.addEventListener('blur', () => this.commit() || this.restore(true));
  }

  /** Takes over what was typed; false where that cannot be. */
  commit() {
    if (!this.typing || this.box.value.trim() === this.text) {
      this.restore();
      return true;
    }
    const value = typed(this.box.value, this.facts);
    if (value === undefined) {
      this.box.setAttribute('aria-invalid', 'true');
      this.owner.say(this.facts.please);
      return false;
    }
    this.set(value, true);
    return true;
  }

  /** The box shows the value again; a message may stay, to be read. */
  restore(keepMessage = false) {
    this.typing = false;
    this.box.removeAttribute('aria-invalid');
    if (!keepMessage) this.owner.say('');
    this.owner.refresh();
  }
}

// ---- One control for each kind of hyperparameter -------------------------------------------------------------------------

class Control {
  constructor(panel, facts) {
    this.panel = panel;
    this.key = facts.key;
    this.help = new Help();
    this.label = node('label', 'label');
    this.head = node('div', 'head', {}, this.label, this.help.button);
    this.message = node('p', 'message', { role: 'alert', id: fresh() });
    this.root = node('div', 'field', { 'data-key': facts.key, 'data-kind': facts.kind }, this.head);
    this.build(facts);
    this.root.append(this.message, this.help.tip);
  }

  /** News from the server: a value of its own is taken only where the hand has said nothing newer. */
  take(facts, settled) {
    const { value, ...declared } = facts;
    const spec = JSON.stringify(declared);
    if (spec !== this.spec) {
      this.spec = spec;
      this.facts = facts;
      this.label.replaceChildren(facts.label, ...symbolNodes(facts.symbol));
      this.help.show(facts);
      this.declare(facts);
    }
    if (settled) this.value = value;
    this.refresh();
    this.rest(Boolean(facts.idle));
  }

  /** A control that changes nothing at the present settings is grey and takes no hand; its help says so. */
  rest(idle) {
    if (!idle && !this.idle) return;
    this.idle = idle;
    this.root.toggleAttribute('data-idle', idle);
    for (const part of this.root.querySelectorAll('input, select, button:not(.anneal-help)')) part.disabled = idle;
    if (!idle) this.refresh(); // some buttons are out of use for a reason of their own
  }

  refresh() {
    if (!this.held) this.show();
  }

  say(text) {
    if (this.message.textContent !== text) this.message.textContent = text;
  }

  send(value, final) {
    this.value = value;
    this.panel.line.push(this.key, value, final);
  }

  back() {
    this.say('');
    this.send(this.facts.default, true);
    this.show();
  }
}

class NumberControl extends Control {
  build() {
    this.slider = new Slider(this);
    this.label.htmlFor = this.slider.range.id;
    this.head.append(node('span', 'value', {}, this.slider.box, this.slider.unit));
    this.root.append(this.slider.range);
  }

  declare(facts) {
    this.slider.declare(facts, facts.low, facts.high, { range: facts.label, box: facts.typed });
  }

  get held() {
    return this.slider.held;
  }

  show() {
    this.slider.show(inSteps(this.value, this.facts));
  }

  moved(slider, number, final) {
    this.send(fromSteps(number, this.facts), final);
  }
}

/** Several moments of the run: one slider each, which stop at one another, so that the order stays. */
class SpansControl extends Control {
  build() {
    this.rows = [];
    this.list = node('div', 'rows');
    this.adder = node('button', 'add', { type: 'button' }, '+');
    this.adder.addEventListener('click', () => this.add());
    this.head.append(this.adder);
    this.root.append(this.list);
  }

  declare(facts) {
    this.adder.setAttribute('aria-label', facts.add);
    this.adder.title = facts.add;
    this.rows.forEach((row, i) => this.declareRow(row, i));
  }

  declareRow({ slider, remover }, i) {
    const name = this.facts.moment.replace('{number}', i + 1);
    slider.declare(this.facts, this.facts.low, this.facts.high, { range: name, box: this.facts.typed.replace('{label}', name) });
    remover.setAttribute('aria-label', this.facts.remove.replace('{label}', name));
    remover.title = this.facts.remove.replace('{label}', name);
  }

  addRow() {
    const slider = new Slider(this);
    const remover = node('button', 'remove', { type: 'button' }, '×');
    const row = { slider, remover, root: node('div', 'row', {}, slider.range, node('span', 'value', {}, slider.box, slider.unit), remover) };
    remover.addEventListener('click', () => this.remove(this.rows.indexOf(row)));
    this.rows.push(row);
    this.list.append(row.root);
    this.declareRow(row, this.rows.length - 1);
  }

  get held() {
    return this.rows.some(({ slider }) => slider.held);
  }

  show() {
    while (this.rows.length < this.value.length) this.addRow();
    while (this.rows.length > this.value.length) this.rows.pop().root.remove();
    this.rows.forEach(({ slider }, i) => slider.show(this.number(i)));
    this.keepApart();
    this.label.htmlFor = this.rows[0].slider.range.id;
  }

  number(i) {
    return inSteps(this.value[i], this.facts);
  }

  /** Neighbours are each other's ends. */
  keepApart() {
    const last = this.rows.length - 1;
    this.adder.disabled = this.rows.length >= this.facts.most;
    this.rows.forEach(({ slider, remover }, i) => {
      slider.low = i > 0 ? this.number(i - 1) : this.facts.low;
      slider.high = i < last ? this.number(i + 1) : this.facts.high;
      remover.disabled = last === 0;
    });
  }

  moved(slider, number, final) {
    const moments = [...this.value];
    moments[this.rows.findIndex((row) => row.slider === slider)] = fromSteps(number, this.facts);
    this.send(moments.sort((a, b) => a - b), final);
    if (this.held) this.keepApart();
    else this.show();
  }

  /** A new moment stands in the middle of the widest gap. */
  add() {
    const numbers = this.value.map((_, i) => this.number(i));
    const edges = [this.facts.low, ...numbers, this.facts.high];
    const gaps = edges.slice(1).map((edge, i) => edge - edges[i]);
    const at = gaps.lastIndexOf(Math.max(...gaps));
    const middle = edges[at] + gaps[at] / 2;
    numbers.splice(at, 0, this.facts.n ? Math.round(middle) : rounded(middle, 3));
    this.send(numbers.map((number) => fromSteps(number, this.facts)), true);
    this.show();
    this.rows[at].slider.range.focus();
  }

  remove(i) {
    this.send(this.value.filter((_, j) => j !== i), true);
    this.show();
    this.rows[Math.min(i, this.rows.length - 1)].slider.range.focus();
  }
}

class ChoiceControl extends Control {
  build() {
    this.head.classList.add('anneal-wrap');
  }

  declare(facts) {
    this.body?.remove();
    this.body = facts.segmented ? this.segments(facts) : this.menu(facts);
    this.head.append(this.body);
  }

  menu(facts) {
    const menu = node('select', 'menu', { id: fresh(), 'aria-label': facts.label });
    menu.append(...facts.options.map(([value, name]) => node('option', '', { value }, name)));
    menu.addEventListener('change', () => this.send(menu.value, true));
    this.label.htmlFor = menu.id;
    this.choose = (value) => { menu.value = value; };
    return menu;
  }

  segments(facts) {
    const name = fresh();
    const inputs = facts.options.map(([value]) => node('input', '', { type: 'radio', name, value }));
    const segments = facts.options.map(([, text], i) => node('label', 'segment', {}, inputs[i], node('span', '', {}, text)));
    this.label.removeAttribute('for');
    inputs.forEach((input) => input.addEventListener('change', () => this.send(input.value, true)));
    this.choose = (value) => inputs.forEach((input) => { input.checked = input.value === value; });
    return node('div', 'segments', { role: 'radiogroup', 'aria-label': facts.label }, ...segments);
  }

  show() {
    this.choose(this.value);
  }
}

class SwitchControl extends Control {
  build() {
    this.input = node('input', 'switch', { type: 'checkbox', id: fresh() });
    this.input.addEventListener('change', () => this.send(this.input.checked, true));
    this.label.htmlFor = this.input.id;
    this.head.prepend(this.input);
  }

  declare(facts) {
    this.input.setAttribute('aria-label', facts.label);
  }

  show() {
    this.input.checked = this.value;
  }
}
