// Words in sentences that point: a term lights its line in the charts and says what it is, and "step 46" moves the replay there.
// Which words these are comes from the file of the language; no sentence marks them itself.

import { append, create } from './elements.js';
import { rove } from './roving.js';

/**
 * @typedef {object} Terms data from `terms_data` in terms.py
 * @property {Record<string, string>} words for each term its words, separated by |, longer ones first
 * @property {Record<string, string>} help for each term what it is, with the term between ** and **
 * @property {string} step a step in a sentence, with {step} in place of the number
 * @property {string} step_help
 * @typedef {object} Pointer what a term moves
 * @property {(term: string | null) => void} light lights the line of a term; null lights none
 * @property {(step: number) => void} seek moves the replay
 */

const TIP = 'anneal-term-tip';
/** Pixels between a word and what it is, and between that and the edge of the window. */
const GAP = 6;
const EDGE = 8;

/** @type {Terms | null} */
let terms = null;
/** @type {RegExp | null} */
let pattern = null;
/** @type {Pointer | null} */
let pointer = null;
/** @type {Element | null} */
let shown = null;

/** Pages whose texts with `data-terms` have terms, the terms given there or all: texts that Streamlit sets as HTML, at any time. */
const PAGES = '.st-key-story, .st-key-theory';
/** @type {Element | null} */
let page = null;
/** @type {WeakSet<Element>} */
const marked = new WeakSet();
const drawn = new MutationObserver(markTexts);
/** Elements whose sentences came before the terms, with their `done`. @type {Map<Element, (() => void) | undefined>} */
const waiting = new Map();

document.addEventListener('pointerover', ({ target, pointerType }) => pointerType !== 'touch' && show(termAt(target)));
document.addEventListener('focusin', ({ target }) => show(termAt(target)));
document.addEventListener('focusout', () => show(null));
document.addEventListener('click', ({ target }) => act(termAt(target)));
document.addEventListener('scroll', () => shown && show(null), true);
document.addEventListener('keydown', (event) => {
  const term = termAt(event.target);
  if (event.key === 'Escape') show(null);
  if (!term || !['Enter', ' '].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  act(term);
}, true);

/**
 * Set the terms and what they move.
 *
 * @param {Terms} found
 * @param {Pointer} moved
 */
export function setTerms(found, moved) {
  [terms, pointer] = [found, moved];
  const [before, after] = found.step.split('{step}').map(escaped);
  const parts = Object.entries(found.words).map(([term, words]) => `(?<${term}>${words.split('|').map(escaped).join('|')})`);
  pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${before}(?<step>\\d+(?:[.,]\\d{3})*)${after}|${parts.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  for (const [root, done] of waiting) if (root.isConnected) markTerms(root, done);
  waiting.clear();
  const present = document.querySelector(PAGES);
  if (page !== present) {
    drawn.disconnect();
    page = present;
    if (page) drawn.observe(page, { childList: true, subtree: true });
  }
  markTexts();
}

/** Mark the terms in the texts of the page; those of one text are one tab stop. */
function markTexts() {
  for (const text of page?.querySelectorAll('[data-terms]') ?? []) {
    if (marked.has(text)) continue;
    marked.add(text);
    markTerms(text, rove(text, () => [...text.querySelectorAll('.anneal-term')]));
  }
}

/**
 * Mark the terms and steps in the sentences of an element, a term where it occurs first. It may be called again after any change
 * of the sentences.
 *
 * @param {Element} root
 * @param {() => void} [done] called once they are marked
 */
export function markTerms(root, done) {
  if (!pattern) return void waiting.set(root, done);
  const found = new Set([...root.querySelectorAll('[data-term]')].map(({ dataset }) => dataset.term));
  const only = root.dataset.terms?.split(' ').filter(Boolean) ?? [];
  const skips = (term) => found.has(term) || (only.length > 0 && !only.includes(term));
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (texts.nextNode()) if (!texts.currentNode.parentElement.closest('.anneal-term, button')) nodes.push(texts.currentNode);
  for (const node of nodes) {
    const parts = split(node.data, skips, found);
    if (parts.length > 1) node.replaceWith(...parts);
  }
  done?.();
}

/** A text in pieces: plain ones, terms that are not skipped, which are added to those found, and steps. */
function split(text, skips, found) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [term, words] = Object.entries(match.groups).find(([, part]) => part !== undefined);
    if (skips(term)) continue;
    if (term !== 'step') found.add(term);
    const data = term === 'step' ? { 'data-step': words.replace(/\D/g, '') } : { 'data-term': term };
    const attributes = { role: 'button', tabindex: -1, 'aria-describedby': TIP, ...data };
    parts.push(text.slice(end, match.index), create('span', 'term', attributes, match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** What describes elements that are explained as terms are. @type {WeakMap<Element, () => Element[]>} */
const described = new WeakMap();

/**
 * Explain an element on hover and focus, as a term is.
 *
 * @param {Element} element
 * @param {() => Element[]} describe returns what it is explained by
 */
export function explain(element, describe) {
  if (!described.has(element)) element.classList.add('anneal-explained');
  element.setAttribute('aria-describedby', TIP);
  described.set(element, describe);
}

/** The term that an element is in; null for none. */
const termAt = (target) => target?.closest?.('.anneal-term, .anneal-explained') ?? null;

/** Move the replay to the step of a term; other terms are shown, as by focus. */
function act(term) {
  if (term?.dataset.step) pointer?.seek(Number(term.dataset.step));
  else if (term) show(term);
}

/** The sentence on a term, in pieces. */
function sentence({ dataset }) {
  const help = dataset.step ? terms.step_help : terms.help[dataset.term];
  return help.split('**').map((part, i) => (i % 2 ? create('b', '', {}, part) : part));
}

/** Say what a term is and light its line; null ends both. */
function show(term) {
  if (term === shown || (term && !terms)) return;
  shown = term;
  const attributes = { id: TIP, popover: 'manual', role: 'tooltip' };
  const tip = document.getElementById(TIP) ?? append(document.querySelector('.stApp'), 'div', 'term-tip', attributes);
  pointer?.light(term?.dataset.term ?? null);
  tip.hidePopover();
  if (!term) return;
  tip.replaceChildren(...(described.get(term)?.() ?? sentence(term)));
  tip.showPopover();
  const [at, { width, height }] = [term.getClientRects()[0], tip.getBoundingClientRect()];
  tip.style.left = `${Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE))}px`;
  tip.style.top = `${at.top - height - GAP < EDGE ? at.bottom + GAP : at.top - height - GAP}px`;
}
