// The row of verbs: four menus of presets, and buttons that act on the setting. Its buttons are one tab stop.

import { Sender } from '../controls/sender.js';
import { append, create, setText } from '../elements.js';
import { rove } from '../roving.js';
import { menuOf } from './menu.js';
import { addShare } from './share.js';

/**
 * @typedef {{ label: string, help: string }} Texts
 * @typedef {object} VerbsData data from `mount` in verbs.py
 * @property {string} label
 * @property {{ key: string, label: string, title: string, look: string, presets: { key: string, label: string }[],
 *   lessons: { key: string, label: string, href: string }[] }[]} menus
 * @property {Record<string, Texts>} buttons
 * @property {Texts} unpin
 * @property {Texts} drive_again
 * @property {Record<string, Texts>} show
 * @property {import('./share.js').Share} share
 * @property {boolean} projector
 * @property {number} heard
 * @property {State} [state] what can be pressed, where no other element brings it
 * @typedef {{ drives: boolean, drivable: boolean, driven: boolean, refused: string, pinned: boolean, undoes: boolean, offers: string[], shown: string }} State data from `verbs_data` in verbs.py
 */

/** @type {Row | null} */
let row = null;
/** @type {State} */
let state = { drives: false, drivable: true, driven: false, refused: '', pinned: false, undoes: false, offers: [], shown: '' };

/**
 * Mount the row.
 *
 * @param {{ data: VerbsData, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void }} component
 */
export function drawVerbs({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector('.anneal-verbs');
  if (data.state) state = data.state;
  const menus = JSON.stringify(data.menus);
  if (row?.root !== root || row.menus !== menus) {
    row?.sender.stop();
    row = new Row(root, data, menus);
  }
  row.update(data, setStateValue);
}

/**
 * Forget a row that has left the page.
 *
 * @param {{ parentElement: HTMLElement }} component
 */
export function removeVerbs({ parentElement }) {
  if (row?.root !== parentElement.querySelector('.anneal-verbs')) return;
  row.sender.stop();
  row = null;
}

/**
 * Show what can be pressed at the present setting.
 *
 * @param {State} found
 */
export function setVerbs(found) {
  state = found;
  row?.show();
}

class Row {
  constructor(root, data, menus) {
    Object.assign(this, { root, data, menus, sender: new Sender(() => {}), buttons: {} });
    root.replaceChildren();
    root.setAttribute('aria-label', data.label);
    this.presets = append(root, 'span', 'verb-group');
    this.actions = append(root, 'span', 'verb-group');
    for (const menu of data.menus) this.addPresets(menu);
    for (const name of Object.keys(data.buttons)) this.addButton(name, ADD[name] ?? addPress);
    this.refresh = rove(root, () => [...root.querySelectorAll('.anneal-verb:not([hidden])')]);
    this.refresh();
  }

  update(data, setStateValue) {
    this.data = data;
    this.sender.send = (move) => setStateValue('move', move);
    this.sender.answer(data.heard);
    this.show();
  }

  /** Send a press; `value` is what was chosen in a menu. */
  press(key, value = true) {
    this.sender.push(key, value, true);
  }

  show() {
    const { buttons, data } = this;
    buttons.undo.setAttribute('aria-disabled', String(!state.undoes));
    buttons.projector.setAttribute('aria-pressed', String(data.projector));
    if (!buttons.drive) return; // the short row of another page
    this.label('pin', state.pinned ? data.unpin : data.buttons.pin);
    this.label('drive', state.driven && !state.drives ? data.drive_again : data.buttons.drive);
    buttons.drive.hidden = buttons.show.hidden = !state.drivable; // nothing more can be shown of a prediction
    buttons.drive.setAttribute('aria-disabled', String(Boolean(state.refused)));
    buttons.drive.setAttribute('aria-pressed', String(state.drives));
    if (state.refused) buttons.drive.title = state.refused;
    buttons.show.setAttribute('aria-disabled', String(!state.offers.length));
    buttons.show.toggleAttribute('data-on', state.offers.includes(state.shown));
    for (const [name, entry] of Object.entries(this.entries)) {
      entry.hidden = !state.offers.includes(name);
      entry.setAttribute('aria-pressed', String(name === state.shown));
    }
    this.refresh();
  }

  label(name, { label, help }) {
    setText(this.buttons[name], label);
    this.buttons[name].title = help;
  }

  addPresets({ key, label, title, look, presets, lessons }) {
    const button = append(this.presets, 'button', 'verb', { type: 'button', 'data-verb': key, title });
    setText(button, label);
    const menu = menuOf(button);
    append(menu, 'b', 'verb-title').textContent = title;
    const chips = append(menu, 'span', 'verb-chips');
    for (const preset of presets) this.addEntry(chips, menu, 'preset', preset.key, preset.label);
    append(menu, 'p').textContent = look;
    for (const lesson of lessons) {
      const link = append(menu, 'a', '', { href: lesson.href, target: '_self' });
      link.textContent = lesson.label;
      link.onclick = (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab or a window of its own
        event.preventDefault();
        menu.hidePopover();
        this.press('lesson', lesson.key);
      };
    }
  }

  /** An entry of a menu, which sends its name. */
  addEntry(parent, menu, key, name, text) {
    const entry = append(parent, 'button', '', { type: 'button', 'data-name': name });
    entry.textContent = text;
    entry.onclick = () => {
      menu.hidePopover();
      if (key === 'preset') document.querySelector('.anneal-result[data-open] > button')?.click(); // reasons of another run
      this.press(key, name);
    };
    return entry;
  }

  addButton(name, add) {
    this.buttons[name] = append(this.actions, 'button', 'verb', { type: 'button', 'data-verb': name });
    this.label(name, this.data.buttons[name]);
    add(this, name);
  }
}

/** What each button does that is no plain press: functions of the row and the name of the button. */
const ADD = { show: addShow, share: (row, name) => addShare(row.buttons[name], () => row.data.share) };

function addPress(row, name) {
  const button = row.buttons[name];
  button.onclick = () => button.getAttribute('aria-disabled') !== 'true' && row.press(name);
}

/** The menu of what else the charts can show; the one that is shown is pressed, and another press hides it. */
function addShow(row, name) {
  const menu = menuOf(row.buttons[name]);
  row.entries = {};
  for (const [key, { label, help }] of Object.entries(row.data.show)) {
    const entry = row.addEntry(menu, menu, 'show', key, label);
    entry.append(create('small', '', {}, help));
    row.entries[key] = entry;
  }
}
