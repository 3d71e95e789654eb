// The list of slots: a sample of each line, its name, a switch, and a menu to rename, duplicate or remove it.

import { Sender } from '../../controls/sender.js';
import { append, create, fill, setText } from '../../elements.js';
import { menuOf } from '../../verbs/menu.js';

/**
 * @typedef {object} Slot
 * @property {string} key
 * @property {string} name
 * @property {boolean} on
 * @property {boolean} open whether its editor is open
 * @property {string} color name of a color of the palette
 * @property {number} width
 * @property {string} dash lengths in pixels; empty for a solid line
 * @typedef {{ slots: Slot[], full: boolean }} SlotsData data from `slots_data` in live.py
 * @typedef {import('../../panel/panel.js').Component} Component
 */

const LONGEST_NAME = 40;

/** @type {SlotList | null} */
let list = null;
/** @type {{ data: SlotsData & { heard: number }, setStateValue: (name: string, value: unknown) => void } | null} */
let brought = null;

/**
 * Mount the list, still empty, with its texts.
 *
 * @param {Component} component
 */
export function mountSlots({ data, parentElement }) {
  const root = parentElement.querySelector('.anneal-slots');
  if (list?.root !== root) list = new SlotList(root);
  list.words = data.words;
  root.setAttribute('role', 'list');
  root.setAttribute('aria-label', data.label);
  show();
}

/**
 * Forget a list that has left the page.
 *
 * @param {Component} component
 */
export function removeSlots({ parentElement }) {
  if (list?.root !== parentElement.querySelector('.anneal-slots')) return;
  list.sender.stop();
  list = null;
}

/**
 * Show the slots that another element has brought; presses are its events.
 *
 * @param {Component & { data: SlotsData & { heard: number } }} component
 */
export function setSlots(component) {
  brought = component;
  show();
}

function show() {
  if (list && brought) list.update(brought);
}

class SlotList {
  constructor(root) {
    Object.assign(this, { root, rows: new Map(), sender: new Sender(() => {}), words: {} });
    root.replaceChildren();
  }

  update({ data, setStateValue }) {
    this.sender.send = (move) => setStateValue('move', move);
    this.sender.answer(data.heard);
    const keys = new Set(data.slots.map(({ key }) => key));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.root.remove();
      this.rows.delete(key);
    }
    data.slots.forEach((slot, i) => {
      const row = this.rows.get(slot.key) ?? new Row(this, slot);
      this.rows.set(slot.key, row);
      if (this.root.children[i] !== row.root) this.root.insertBefore(row.root, this.root.children[i] ?? null);
      row.update(slot, data.full);
    });
  }

  press(key, value) {
    this.sender.push(key, value, true);
  }
}

class Row {
  constructor(list, slot) {
    Object.assign(this, { list, slot });
    this.root = create('div', 'slot', { role: 'listitem', 'data-slot': slot.key });
    this.on = append(this.root, 'input', 'slot-on', { type: 'checkbox' });
    this.on.onchange = () => list.press('switch', slot.key);
    this.name = append(this.root, 'button', 'slot-name', { type: 'button' });
    this.name.append(sample(slot));
    this.text = append(this.name, 'span');
    this.name.onclick = () => list.press('edit', slot.key);
    this.more = append(this.root, 'button', 'slot-more', { type: 'button' });
    this.more.textContent = '⋯';
    const menu = menuOf(this.more);
    this.entries = Object.fromEntries(
      ['rename', 'duplicate', 'explore', 'remove'].map((name) => {
        const entry = append(menu, 'button', '', { type: 'button', 'data-slot-action': name });
        entry.textContent = list.words[name];
        entry.onclick = () => {
          menu.hidePopover();
          if (name === 'rename') this.rename();
          else if (entry.getAttribute('aria-disabled') !== 'true') list.press(name, slot.key);
        };
        return [name, entry];
      }),
    );
    this.menu = menu;
  }

  update(slot, full) {
    this.slot = slot;
    const { words } = this.list;
    setText(this.text, slot.name);
    this.name.title = slot.name;
    this.on.checked = slot.on;
    this.root.toggleAttribute('data-off', !slot.on);
    this.root.toggleAttribute('data-open', slot.open);
    this.name.setAttribute('aria-expanded', String(slot.open));
    this.name.setAttribute('aria-label', fill(words.edit, { name: slot.name }));
    this.on.setAttribute('aria-label', fill(words.switch, { name: slot.name }));
    this.more.setAttribute('aria-label', fill(words.more, { name: slot.name }));
    this.menu.setAttribute('aria-label', fill(words.more, { name: slot.name }));
    this.entries.duplicate.setAttribute('aria-disabled', String(full));
  }

  /** Show a box in place of the name; Enter and leaving it keep what was typed, Escape does not. */
  rename() {
    if (this.box) return;
    const { slot, list } = this;
    const box = create('input', 'slot-box', { maxlength: LONGEST_NAME, 'aria-label': fill(list.words.name, { name: slot.name }) });
    this.box = box;
    box.value = slot.name;
    const end = (keep) => {
      if (this.box !== box) return;
      this.box = null;
      if (keep && box.value !== slot.name) list.press('rename', [slot.key, box.value]);
      const focused = document.activeElement === box;
      box.replaceWith(this.name);
      if (focused) this.name.focus();
    };
    box.onkeydown = (event) => {
      if (event.key === 'Enter') end(true);
      if (event.key === 'Escape') end(false);
    };
    box.onblur = () => end(true);
    this.name.replaceWith(box);
    box.select();
    box.focus();
  }
}

/** A sample of the line of a slot. */
export function sample({ color, width, dash }) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const attributes = { class: 'anneal-slot-sample', viewBox: '0 0 24 8', width: '24', height: '8', 'aria-hidden': 'true' };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const line = document.createElementNS(space, 'line');
  const drawn = { x1: 0, x2: 24, y1: 4, y2: 4, stroke: `var(--a-${color})`, 'stroke-width': width };
  for (const [key, value] of Object.entries(drawn)) line.setAttribute(key, String(value));
  if (dash) line.setAttribute('stroke-dasharray', dash);
  svg.append(line);
  return svg;
}
