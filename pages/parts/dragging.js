// Drags of handles.

/**
 * Follow a pointer from its press on an element until it is released.
 *
 * @param {PointerEvent} event the press
 * @param {HTMLElement} element
 * @param {(event: PointerEvent) => void} move called with each move
 * @param {() => void} end called after the last one
 */
export function followPointer(event, element, move, end) {
  element.setPointerCapture(event.pointerId);
  const ends = ['pointerup', 'pointercancel'];
  const release = () => {
    element.removeEventListener('pointermove', move);
    for (const name of ends) element.removeEventListener(name, release);
    end();
  };
  element.addEventListener('pointermove', move);
  for (const name of ends) element.addEventListener(name, release);
}
