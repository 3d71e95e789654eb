// A slider with a box to type in.

import { create } from '../elements.js';
import { uniqueId } from './help.js';
import { boxText, clamp, parseValue, scaleOf, sentValue, unitText } from './scales.js';

/** Steps of the slider for each key. */
const KEYS = {
  ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity,
};

/** Milliseconds within which a second click makes a double click. */
const DOUBLE_CLICK_TIME = 300;

/** A range input and a box to type in, for one number of a control, its `owner`. */
export class Slider {
  constructor(owner) {
    this.owner = owner;
    this.range = create('input', 'range', { type: 'range', id: uniqueId(), 'aria-describedby': owner.help.tip.id });
    this.box = create('input', 'box', { type: 'text', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'done' });
    this.box.setAttribute('aria-describedby', owner.message.id);
    this.unit = create('span', 'unit', { 'aria-hidden': 'true' });
    this.listenToRange();
    this.listenToBox();
  }

  /** Set the allowed values; `names` are the labels of slider and box. */
  declare(field, low, high, names) {
    this.field = field;
    this.low = low;
    this.high = high;
    this.scale = scaleOf(field);
    this.range.min = 0;
    this.range.max = this.scale.stops;
    this.range.step = 1;
    this.range.setAttribute('aria-label', names.range);
    this.box.setAttribute('aria-label', names.box);
  }

  get held() {
    return Boolean(this.pressed || this.unsent || this.typing);
  }

  /** Show a value: `value` in the slider's unit, `sent` as the server has it, a text if it has a unit. Typed text stays. */
  show(value, sent) {
    this.value = value;
    this.sent = sent;
    const position = clamp(this.scale.position(value), 0, 1);
    const text = boxText(value, this.field.scale);
    const unit = unitText(value, sent, this.field);
    // During a drag the browser moves the thumb.
    if (!this.pressed) this.range.value = Math.round(position * this.scale.stops);
    this.range.style.setProperty('--anneal-position', position);
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

  /** Set a value from a drag or a key, clipped to the range. */
  move(value, final) {
    this.set(clamp(value, this.low, this.high), final);
  }

  /** Set a value. Without `sent`, the text for the server has a unit if that of the last value has one. */
  set(value, final, sent) {
    const unchanged = value === this.value && (sent === undefined || sent === this.sent);
    const next = unchanged ? this.sent : sent ?? sentValue(value, this.sent, this.field);
    this.owner.showMessage('');
    this.typing = false;
    this.show(value, next);
    if (unchanged && !this.unsent) return;
    this.unsent = !final;
    this.owner.moved(this, next, final);
  }

  /** End a drag: send the last value again, as the final one. */
  finish = () => {
    clearTimeout(this.clicked);
    this.clicked = 0;
    if (this.unsent) this.set(this.value, true);
    else this.owner.refresh();
  };

  listenToRange() {
    const { range } = this;
    range.addEventListener('pointerdown', (event) => event.button === 0 && this.press());
    range.addEventListener('input', () => {
      this.inputs += 1;
      this.move(this.scale.value(range.value / this.scale.stops), false);
    });
    // A screen reader changes the value without a pointer, so there is no release.
    range.addEventListener('change', () => !this.pressed && !this.clicked && this.finish());
    range.addEventListener('keydown', (event) => this.key(event));
    range.addEventListener('keyup', () => !this.pressed && this.finish());
    range.addEventListener('blur', () => !this.pressed && this.finish());
    range.addEventListener('dblclick', () => {
      clearTimeout(this.clicked);
      this.clicked = 0;
      this.unsent = false;
      this.owner.reset();
    });
  }

  press() {
    clearTimeout(this.clicked);
    this.pressed = true;
    this.inputs = 0;
    const release = () => {
      removeEventListener('pointerup', release, true);
      removeEventListener('pointercancel', release, true);
      this.pressed = false;
      this.show(this.value, this.sent);
      // A click may be the first of a double click, which undoes it.
      if (this.inputs > 1) this.finish();
      else this.clicked = setTimeout(this.finish, DOUBLE_CLICK_TIME);
    };
    addEventListener('pointerup', release, true);
    addEventListener('pointercancel', release, true);
  }

  key(event) {
    const count = KEYS[event.key];
    if (!count || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const end = count < 0 ? this.low : this.high;
    const fine = event.shiftKey && Math.abs(count) === 1;
    this.move(Number.isFinite(count) ? this.scale.next(this.value, count, fine) : end, !event.repeat);
  }

  listenToBox() {
    const { box } = this;
    box.addEventListener('focus', () => box.select());
    box.addEventListener('input', () => {
      this.typing = true;
      this.owner.showMessage('');
      box.removeAttribute('aria-invalid');
      this.fit();
    });
    box.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.commit() && box.select();
      if (event.key === 'Escape') this.restore();
    });
    box.addEventListener('blur', () => this.commit() || this.restore(true));
  }

  /** Set the typed value; false if it is not allowed. */
  commit() {
    const keepsSteps = this.field.n && this.field.suffix; // the number of steps that is shown may be that of a share
    if (!this.typing || (this.box.value.trim() === this.text && !keepsSteps)) {
      this.restore();
      return true;
    }
    const found = parseValue(this.box.value, this.field, this.owner.group.units);
    if (!found) {
      this.box.setAttribute('aria-invalid', 'true');
      this.owner.showMessage(this.field.please);
      return false;
    }
    this.set(found.value, true, found.sent);
    return true;
  }

  /** Show the value in the box again; a message may remain visible. */
  restore(keepMessage = false) {
    this.typing = false;
    this.box.removeAttribute('aria-invalid');
    if (!keepMessage) this.owner.showMessage('');
    this.owner.refresh();
  }
}
