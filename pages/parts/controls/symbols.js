// Symbols of formulas in text.

import { create } from '../elements.js';

/**
 * A symbol as elements; single letters are italic.
 *
 * @param {[string, string][]} parts texts with "sub", "sup" or "", from `symbol_parts` in controls.py
 * @returns {HTMLElement[]}
 */
export function symbolElements(parts) {
  return parts.map(([text, tag]) =>
    create(tag || 'span', 'symbol-part', {}, /^\p{Letter}$/u.test(text) ? create('i', '', {}, text) : text));
}
