// The element: controls for declared hyperparameters. A control is created once and kept, so that focus, a drag and an open
// tooltip last while the page reruns.

import { ButtonControl, ChoiceControl, NumberControl, TwoNumbersControl, SpansControl, SwitchControl } from './controls.js';
import { KnotsControl } from './knots.js';
import { Sender } from './sender.js';

/**
 * @typedef {object} GroupData data from Python (pages/parts/controls/controls.py)
 * @property {any[]} fields
 * @property {number} heard the number of the last message that the server has received
 * @property {Record<'step' | 'update' | 'epoch' | 'rate', string[]>} units names of units that can be typed
 */
/**
 * @typedef {object} Component the argument that Streamlit passes to a component
 * @property {GroupData} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** The control of each kind of hyperparameter. */
const KINDS = {
  number: NumberControl, own: TwoNumbersControl, spans: SpansControl, knots: KnotsControl, choice: ChoiceControl,
  switch: SwitchControl, button: ButtonControl,
};

/** @type {WeakMap<Element, ControlGroup>} */
const groups = new WeakMap();

// Groups whose fields one element brings: their elements by name, what it brought last, and the connection that they share.
/** @type {Map<string, HTMLElement>} */
const named = new Map();
/** @type {Component | null} */
let brought = null;
let shared = sharedSender();

function sharedSender() {
  return new Sender((busy) => named.forEach((root) => root.toggleAttribute('data-busy', busy)));
}

const rootOf = ({ parentElement }) => parentElement.querySelector('.anneal-controls');

/**
 * Show the controls of an element.
 *
 * @param {Component} component
 */
export function drawControls(component) {
  const root = rootOf(component);
  if (!groups.has(root)) groups.set(root, new ControlGroup(root));
  groups.get(root).update(component.data, component.setStateValue);
}

/**
 * Stop the controls of an element that has left the page.
 *
 * @param {Component} component
 */
export function removeControls(component) {
  groups.get(rootOf(component))?.stop();
}

/**
 * Show a group whose fields another element brings.
 *
 * @param {Component} component
 */
export function drawGroup(component) {
  named.set(component.data.group, rootOf(component));
  showGroups();
}

/**
 * Stop a group that has left the page.
 *
 * @param {Component} component
 */
export function removeGroup(component) {
  const root = rootOf(component);
  for (const [name, other] of named) if (other === root) named.delete(name);
  removeControls(component);
}

/**
 * Take the fields of all groups.
 *
 * @param {Component & { data: { groups: Record<string, any[]> } }} component of the element that brings them
 */
export function setGroups(component) {
  brought = component;
  showGroups();
}

/**
 * Send the press of a button outside of the groups by their connection.
 *
 * @param {string} key
 */
export function pressButton(key) {
  shared.push(key, true, true);
}

/**
 * Send the values of fields that a handle on a chart changes, and show them on their sliders.
 *
 * @param {string[]} keys of the fields; two of them are one change
 * @param {unknown[]} values
 * @param {boolean} final false while the handle is dragged
 */
export function moveFields(keys, values, final) {
  if (keys.length > 1) return shared.push(keys.join(' '), values, final);
  for (const root of named.values()) {
    for (const control of groups.get(root)?.controls.values() ?? []) {
      if (control.key !== keys[0]) continue;
      control.send(values[0], final);
      return control.refresh();
    }
  }
  shared.push(keys[0], values[0], final); // its group is folded
}

/** True if the server's values of these fields are newer than the last ones sent by `moveFields`. */
export const fieldsSettled = (keys) => shared.isSettled(keys.join(' '));

/**
 * Forget the fields that an element has brought, and the connection; it has left the page.
 *
 * @param {Component} component
 */
export function removeGroups({ parentElement }) {
  if (brought?.parentElement !== parentElement) return;
  brought = null;
  shared.stop();
  shared = sharedSender();
}

function showGroups() {
  if (!brought) return;
  const { data, setStateValue } = brought;
  for (const [name, root] of named) {
    if (groups.get(root)?.sender !== shared) groups.set(root, new ControlGroup(root, shared));
    groups.get(root).update({ ...data, fields: data.groups[name] ?? [] }, setStateValue);
  }
}

export class ControlGroup {
  controls = new Map();

  /**
   * @param {HTMLElement} root
   * @param {Sender} [sender] the connection, where groups share one
   */
  constructor(root, sender) {
    root.replaceChildren();
    this.root = root;
    this.sender = sender ?? new Sender((busy) => root.toggleAttribute('data-busy', busy));
  }

  /**
   * Show the fields from the server.
   *
   * @param {GroupData} data
   * @param {(name: string, value: unknown) => void} setStateValue
   */
  update({ fields, heard, units }, setStateValue) {
    this.units = units;
    this.sender.send = (move) => setStateValue('move', move);
    this.sender.answer(heard);
    const nameOf = (field) => `${field.kind} ${field.key}`;
    this.keepOnly(new Set(fields.map(nameOf)));
    fields.forEach((field, i) => {
      const control = this.controls.get(nameOf(field)) ?? new KINDS[field.kind](this, field);
      this.controls.set(nameOf(field), control);
      if (this.root.children[i] !== control.root) this.root.insertBefore(control.root, this.root.children[i] ?? null);
      control.update(field, this.sender.isSettled(field.key)); // after it was inserted: charts show knots that are on the page
    });
  }

  keepOnly(names) {
    for (const [name, control] of this.controls) {
      if (names.has(name)) continue;
      control.help.close();
      control.root.remove();
      this.controls.delete(name);
      this.sender.drop(control.key);
    }
  }

  stop() {
    this.sender.stop();
    for (const control of this.controls.values()) control.help.close();
  }
}
