// HTML elements and their texts.

/**
 * Create an element whose class names start with "anneal-".
 *
 * @param {string} tag
 * @param {string} [name] class name without the prefix; empty for none
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any} the element
 */
export function create(tag, name = '', attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = `anneal-${name}`;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/**
 * Create an element as the last child of another; arguments as for `create`.
 *
 * @param {Element} parent
 * @param {string} tag
 * @param {string} [name]
 * @param {Record<string, string | number>} [attributes]
 * @returns {any} the element
 */
export const append = (parent, tag, name = '', attributes = {}) => parent.appendChild(create(tag, name, attributes));

/**
 * Set the text of an element, unless it has that text already.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const NUMBER = /(\d[\d.,]*(?:e-\d+(?: %)?| %))/;

/**
 * Set a sentence in which no line breaks inside a number or before its "%": browsers would break after the sign of an exponent.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setSentence(element, text) {
  if (element.textContent === text) return;
  element.replaceChildren(...text.split(NUMBER).map((part, i) => (i % 2 ? create('span', 'number', {}, part) : part)));
}

/**
 * A template with its fields filled: `fill('step {step}', { step: 3 })` is "step 3".
 *
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
export const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
