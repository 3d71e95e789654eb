// Advice, each piece with a button that applies it. A click includes the setting that the advice was given for, so that the
// server can ignore a click that arrives too late.

import { append } from '../elements.js';
import { markTerms } from '../terms.js';

/**
 * Draw the advice below the element of a verdict, or remove it.
 *
 * @param {HTMLElement} verdict
 * @param {import('./verdict.js').Component} [component] its data come from `show_advice` in verdict.py
 * @param {() => void} [done] called once its terms are marked
 */
export function drawAdvice(verdict, component, done) {
  const shown = verdict.parentElement.querySelector('.anneal-advice');
  if (!component) return shown?.remove();
  const { data, setTriggerValue } = component;
  const root = shown ?? append(verdict.parentElement, 'div', 'advice', { role: 'status' });
  root.style.setProperty('--tone', data.color);
  root.replaceChildren(
    ...data.pieces.map(({ text, label }, number) => {
      const piece = document.createElement('span');
      piece.innerHTML = text;
      if (!label) return piece;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = data.apply;
      button.setAttribute('aria-label', label);
      button.onclick = () => setTriggerValue('apply', { of: data.of, number });
      piece.append(' ', button);
      return piece;
    }),
  );
  markTerms(root, done);
  const box = root.closest('.st-key-verdict_box');
  if (!box) return;
  box.style.minHeight = ''; // held while a slider moves, without advice, so that the charts stay where they are
  box.style.minHeight = `${box.getBoundingClientRect().height}px`;
}
