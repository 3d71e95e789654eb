// A group of buttons with a single tab stop: arrow keys, Home and End move the focus inside of it.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * Make the buttons of a group one tab stop.
 *
 * @param {HTMLElement} root an element that contains them
 * @param {() => HTMLElement[]} buttons the buttons in their order
 * @returns {() => void} a function to call after buttons were added or removed
 */
export function rove(root, buttons) {
  const refresh = (focused = document.activeElement) => {
    const all = buttons();
    const stop = [focused, all.find((button) => button.tabIndex === 0), all[0]].find((button) => all.includes(button));
    for (const button of all) button.tabIndex = button === stop ? 0 : -1;
  };
  root.addEventListener('focusin', ({ target }) => buttons().includes(target) && refresh(target));
  root.addEventListener('keydown', (event) => {
    const all = buttons();
    const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
    const { key } = event;
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey || !(key in STEPS || key === 'Home' || key === 'End')) return;
    const to = key === 'Home' ? 0 : key === 'End' ? all.length - 1 : (at + STEPS[key] + all.length) % all.length;
    all[to].focus();
    event.preventDefault();
    event.stopPropagation();
  });
  return refresh;
}
