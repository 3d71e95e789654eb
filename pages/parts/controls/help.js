// The explanation of a hyperparameter beside its label.

import { create } from '../elements.js';
import { clamp } from './scales.js';

/** Milliseconds for which a mouse rests on a label before it is explained. */
const REST = 300;

let count = 0;

/** An id that no other element of the page has. */
export const uniqueId = () => `anneal-control-${++count}`;

/** The button "?" with a tooltip, which opens by hover, focus and tap, and closes by Escape or a tap elsewhere. */
export class Help {
  constructor() {
    this.tip = create('div', 'tip', { id: uniqueId(), role: 'tooltip', popover: 'manual' });
    this.button = create('button', 'help', { type: 'button', 'aria-describedby': this.tip.id }, '?');
    const { button } = this;
    for (const part of [button, this.tip]) this.addPart(part, 0);
    button.addEventListener('focus', this.open);
    button.addEventListener('blur', this.close);
    button.addEventListener('pointerdown', () => { this.wasPinned = this.pinned; });
    button.addEventListener('click', () => (this.wasPinned ? this.close() : this.pin()));
    button.addEventListener('keydown', (e) => e.key === 'Escape' && this.close());
  }

  /** Open it where the mouse rests on this part for so many milliseconds. */
  addPart(part, rest = REST) {
    part.addEventListener('pointerenter', ({ pointerType }) => {
      if (pointerType !== 'mouse') return;
      clearTimeout(this.opening);
      clearTimeout(this.closing);
      if (rest) this.opening = setTimeout(this.open, rest);
      else this.open();
    });
    part.addEventListener('pointerleave', ({ pointerType }) => {
      clearTimeout(this.opening);
      if (pointerType === 'mouse' && !this.pinned) this.closeSoon();
    });
  }

  /** Show the description of a hyperparameter. */
  show(field) {
    this.button.setAttribute('aria-label', field.about);
    this.tip.replaceChildren(...field.help.map((line) => create('p', '', {}, line)));
  }

  /** Keep it open when the pointer leaves. */
  pin() {
    this.open();
    this.pinned = true;
  }

  open = () => {
    clearTimeout(this.closing);
    if (this.tip.matches(':popover-open')) return;
    this.tip.showPopover();
    const anchor = this.button.getBoundingClientRect();
    const tip = this.tip.getBoundingClientRect();
    // Above the button: below, it would hide the slider.
    const above = anchor.top - tip.height - 2;
    this.tip.style.left = `${clamp(anchor.left - 12, 8, Math.max(8, innerWidth - tip.width - 8))}px`;
    this.tip.style.top = `${above >= 8 ? above : anchor.bottom + 2}px`;
    addEventListener('scroll', this.close, { capture: true, once: true });
    addEventListener('pointerdown', this.elsewhere, true);
  };

  /** Close it after the time that a pointer needs to reach the tooltip. */
  closeSoon() {
    this.closing = setTimeout(this.close, 150);
  }

  elsewhere = (event) => {
    if (!this.button.contains(event.target) && !this.tip.contains(event.target)) this.close();
  };

  close = () => {
    clearTimeout(this.opening);
    clearTimeout(this.closing);
    this.pinned = false;
    if (this.tip.matches(':popover-open')) this.tip.hidePopover();
    removeEventListener('scroll', this.close, { capture: true });
    removeEventListener('pointerdown', this.elsewhere, true);
  };
}
