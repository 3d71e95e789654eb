// A menu below a button: a popover that a click elsewhere and Escape close.

import { create } from '../elements.js';
import { clamp } from '../controls/scales.js';

/** Pixels between a button and its menu, and between a menu and the edge of the window. */
const GAP = 4;
const EDGE = 8;

/**
 * Create a menu that a button opens.
 *
 * @param {HTMLElement} button
 * @param {(() => void)} [onOpen] called before it opens
 * @returns {HTMLElement} the menu, still empty
 */
export function menuOf(button, onOpen) {
  const menu = create('div', 'verb-menu', { popover: 'auto', role: 'group', 'aria-label': button.textContent });
  button.after(menu);
  button.setAttribute('aria-haspopup', 'true');
  button.setAttribute('aria-expanded', 'false');
  let wasOpen = false;
  button.onpointerdown = () => (wasOpen = menu.matches(':popover-open')); // the press itself closes it
  button.onclick = () => {
    if (!wasOpen) open(button, menu, onOpen);
    wasOpen = false;
  };
  menu.addEventListener('beforetoggle', ({ newState }) => {
    if (newState === 'closed' && menu.contains(document.activeElement)) button.focus({ preventScroll: true });
  });
  menu.addEventListener('toggle', ({ newState }) => button.setAttribute('aria-expanded', String(newState === 'open')));
  const close = () => menu.hidePopover();
  addEventListener('resize', () => menu.isConnected && menu.matches(':popover-open') && close());
  return menu;
}

function open(button, menu, onOpen) {
  onOpen?.();
  menu.showPopover();
  const [at, size] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
  menu.style.left = `${clamp(at.left, EDGE, Math.max(EDGE, innerWidth - size.width - EDGE))}px`;
  menu.style.top = `${at.bottom + GAP}px`;
  menu.querySelector('button, a')?.focus();
}
