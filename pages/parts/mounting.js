// Drawing and removing an element at the right ones of Streamlit's calls.
//
// Streamlit calls the script of an element again with the same data. It calls what the script has returned when the element has
// left the page, but also when new data come before the script is loaded. While the app's script runs, a container gets the
// children of the one whose index on the page it takes, until the run ends: elements of the last run are then created anew, and
// would draw over those of this run.

/** @typedef {import('./panel/panel.js').Component} Component */

/** The last data of each element, as text. @type {WeakMap<HTMLElement, string>} */
const latest = new WeakMap();
/** Elements that have been drawn. @type {WeakSet<HTMLElement>} */
const drawn = new WeakSet();

/**
 * Draw an element, if its data have changed.
 *
 * @param {Component & { data: Uint8Array }} component its data are JSON text
 * @param {(component: Component) => void} draw
 */
export function drawElement({ data, ...rest }, draw) {
  const { parentElement } = rest;
  const text = new TextDecoder().decode(data);
  if (latest.get(parentElement) === text) return;
  latest.set(parentElement, text);
  whenCurrent(parentElement, () => {
    if (latest.get(parentElement) !== text || !parentElement.isConnected) return;
    drawn.add(parentElement);
    draw({ ...rest, data: JSON.parse(text) });
  });
}

/**
 * Remove an element that was drawn and has left the page.
 *
 * @param {Omit<Component, 'data'>} component
 * @param {(component: Omit<Component, 'data'>) => void} remove
 */
export function removeElement(component, remove) {
  const { parentElement } = component;
  if (drawn.has(parentElement) && !parentElement.isConnected) remove(component);
}

/** Call a function at once, or, for a new element of the last run, if this run keeps the element. */
function whenCurrent(element, act) {
  const container = element.closest('[data-stale]'); // "true" until this run of the app's script has sent the element
  const isCurrent = () => container?.dataset.stale !== 'true';
  if (drawn.has(element) || isCurrent()) return act();
  const changes = new MutationObserver(() => {
    if (!isCurrent()) return;
    changes.disconnect();
    act();
  });
  changes.observe(container, { attributeFilter: ['data-stale'] });
}
