// The menu to share the setting: its link, a QR code of the link, and a picture of the charts.

import { append, create, fill } from '../elements.js';
import { savePicture } from '../panel/panel.js';
import { shownVerdict } from '../verdict/verdict.js';
import { menuOf } from './menu.js';

/**
 * @typedef {object} Share data from `mount` in verbs.py
 * @property {string} address of the route that draws QR codes, from the root of the app
 * @property {number} most bytes that a QR code holds
 * @property {string} file name of the picture
 * @property {string} key that of the charts on the picture; empty for those of Explore
 * @property {string} query the query of the link; empty for that of the address
 * @property {Record<string, string>} words
 */

/** The root of the app. */
const ROOT = new URL('../../../', import.meta.url);
/** Modules of white around a QR code, which readers need. */
const MARGIN = 4;

/**
 * Add the menu to the button of a row. Further ways to share are further entries here.
 *
 * @param {HTMLElement} button
 * @param {() => Share} share
 */
export function addShare(button, share) {
  const { words } = share();
  const menu = menuOf(button, () => said.replaceChildren());
  const entries = { copy_link: copyLink, qr: showCode, picture: saveCharts };
  for (const [name, act] of Object.entries(entries)) {
    const entry = append(menu, 'button', '', { type: 'button', 'data-share': name });
    entry.textContent = words[name];
    entry.onclick = () => act(share(), said, code);
  }
  const said = append(menu, 'p', '', { role: 'status' });
  const code = append(menu, 'div', 'qr', { popover: 'auto', role: 'dialog', 'aria-label': words.qr });
}

/** @param {Share} share */
const linkOf = ({ query }) => (query ? new URL(`?${query}`, location.href).href : location.href);

async function copyLink(share, said) {
  const { words } = share;
  try {
    await navigator.clipboard.writeText(linkOf(share));
    said.textContent = words.copied;
  } catch {
    // the browser allows it only over HTTPS, or not at all
    const box = create('input', '', { readonly: '', 'aria-label': words.by_hand });
    box.value = linkOf(share);
    said.replaceChildren(words.by_hand, box);
    box.select();
  }
}

/** Show the QR code of the page's address, or say why there is none. */
async function showCode(share, said, code) {
  const { address, most, words } = share;
  const link = linkOf(share);
  const bytes = new TextEncoder().encode(link).length;
  said.textContent = bytes > most ? fill(words.qr_too_long, { bytes: bytes.toLocaleString('en') }) : '';
  if (bytes > most) return;
  try {
    const answer = await fetch(new URL(`${address}?${new URLSearchParams({ link })}`, ROOT));
    if (!answer.ok) throw new Error(String(answer.status));
    const { side, path } = await answer.json();
    code.replaceChildren(drawing(side, path, words.qr_alt), create('small', '', {}, link));
    code.showPopover();
  } catch {
    said.textContent = words.qr_failed;
  }
}

/** A QR code as an SVG, with the margin that readers need. */
function drawing(side, path, label) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const width = side + 2 * MARGIN;
  const attributes = { viewBox: `${-MARGIN} ${-MARGIN} ${width} ${width}`, role: 'img', 'aria-label': label };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.append(document.createElementNS(space, 'path'));
  svg.firstElementChild?.setAttribute('d', path);
  return svg;
}

async function saveCharts(share, said) {
  const { file, key, words } = share;
  said.textContent = '';
  const saved = await savePicture(key || 'panel', file, shownDeparture() ?? shownVerdict('verdict'), linkOf(share));
  said.textContent = saved ? words.saved : words.no_picture;
}

/** The first sentence of Your run over its charts, if there is one. */
function shownDeparture() {
  const line = document.querySelector('.anneal-departure');
  return line && { text: line.textContent ?? '', color: line.hasAttribute('data-on') ? 'error' : 'ink' };
}
