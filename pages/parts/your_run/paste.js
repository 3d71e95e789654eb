// The box for code: a text area that sends its text soon after the last change, and at once after a paste.

import { Sender } from '../controls/sender.js';
import { append, setText } from '../elements.js';

/** Milliseconds after a key press before the text is sent. */
const REST = 500;

/**
 * @typedef {object} PasteData data from `mount` in paste.py
 * @property {string} text the text that the server has
 * @property {number} of changes where the server has replaced the text
 * @property {number} most most characters
 * @property {number} heard
 * @property {Record<'label' | 'hint' | 'placeholder', string>} words
 */

/** @param {{ data: PasteData, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void }} component */
export function drawPaste({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector('.anneal-paste');
  root.box ??= new Box(root);
  root.box.update(data, setStateValue);
}

/** @param {{ parentElement: HTMLElement }} component */
export function removePaste({ parentElement }) {
  parentElement.querySelector('.anneal-paste')?.box?.stop();
}

class Box {
  constructor(root) {
    const label = append(root, 'label');
    this.name = append(label, 'span');
    this.area = append(label, 'textarea', '', {
      spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off', rows: '7',
    });
    this.hint = append(root, 'small');
    this.sender = new Sender(() => {});
    this.area.addEventListener('input', (event) => this.changed(event.inputType === 'insertFromPaste' ? 0 : REST));
    this.area.addEventListener('change', () => this.changed(0));
  }

  update(data, setStateValue) {
    this.sender.send = (move) => setStateValue('move', move);
    this.sender.answer(data.heard);
    setText(this.name, data.words.label);
    setText(this.hint, data.words.hint);
    this.area.placeholder = data.words.placeholder;
    if (this.of === data.of) return;
    this.of = data.of;
    clearTimeout(this.timer);
    this.area.value = this.sent = data.text;
    this.area.style.height = '';
  }

  changed(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  send() {
    if (this.area.value === this.sent) return;
    this.sent = this.area.value;
    this.sender.push('text', this.sent, true);
  }

  stop() {
    clearTimeout(this.timer);
    this.sender.stop();
  }
}
