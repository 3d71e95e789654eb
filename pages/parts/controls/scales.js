// Sliders and their boxes: values as texts, texts as values, and positions of values on a slider.

import { fill } from '../elements.js';
import { formatNumber } from '../numbers.js';

/**
 * A value as its box shows it: exactly where six digits suffice, else with three significant ones.
 *
 * @param {number} value
 * @param {string} scale
 */
export function boxText(value, scale) {
  for (let digits = 3; digits <= 6; digits++) {
    const text = formatNumber(value, digits);
    if (Number(text.replaceAll(',', '')) === value) return text;
  }
  const nines = scale === 'log1m' && value < 1 ? 2 + Math.ceil(-Math.log10(1 - value)) : 3;
  return formatNumber(value, Math.max(3, nines));
}

/** A number followed by a word. */
const NUMBER_AND_WORD = /^([+-]?(?:\d[\d,\s]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(%|\p{Letter}[\p{Letter} ]*)?$/iu;
const FRACTION = /^([\d.]+)\s*\/\s*([\d.]+)$/;
/** What letters after a count multiply it by: 350k, 1.4M. */
const THOUSANDS_OF = { k: 1e3, m: 1e6 };
/** A number with thousands separators. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:[,\s]\d{3})+(?:\.\d*)?$/;

/**
 * The number and the word in a typed text, such as 3e-4, 0.1, 0,1, 1,000, 1/300, 10 %, 50 steps; null without a number.
 *
 * @param {string} text
 * @returns {{ number: number, word: string } | null}
 */
export function parseNumber(text) {
  const [, over, under] = FRACTION.exec(text.trim()) ?? [];
  if (under && Number.isFinite(over / under)) return { number: over / under, word: '' };
  const found = NUMBER_AND_WORD.exec(text.trim().replace('−', '-'));
  if (!found) return null;
  let digits = found[1].trim();
  if (THOUSANDS.test(digits)) digits = digits.replace(/[,\s]/g, '');
  else if (/^[^,.]*,[^,.]*$/.test(digits)) digits = digits.replace(',', '.');
  const number = /[,\s]/.test(digits) ? NaN : Number(digits);
  return Number.isFinite(number) ? { number, word: (found[2] ?? '').toLowerCase().trim() } : null;
}

// ---- Scales: the position of a value on a slider from 0 to 1, and the next value for a key --------------------------------

/**
 * @typedef {object} SliderScale
 * @property {number} stops positions of the slider
 * @property {(value: number) => number} position
 * @property {(position: number) => number} value
 * @property {(value: number, count: number, fine: boolean) => number} next the value `count` steps away
 */

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const rounded = (value, digits) => Number(value.toPrecision(digits));

/** The nearest of 1, 2 or 5 times a power of ten. */
function rounded125(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const lead = value / power;
  return rounded((lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power, 3);
}

function linear(low, high, integer) {
  const range = high - low || 1;
  const fineStep = Math.max(rounded125(range / 500), integer ? 1 : 0);
  const coarseStep = Math.max(rounded125(range / 100), integer ? 1 : 0);
  const multiple = (count, step) => clamp(rounded(count * step, 12), low, high);
  return {
    stops: integer && range <= 1000 ? range : 1000,
    position: (value) => (value - low) / range,
    value: (position) => (position >= 1 ? high : multiple(Math.round((low + position * range) / fineStep), fineStep)),
    next(value, count, fine) {
      const step = fine ? fineStep : coarseStep;
      const from = count > 0 ? Math.floor(value / step + 1e-9) : Math.ceil(value / step - 1e-9);
      return multiple(from + count, step);
    },
  };
}

/** Logarithmic; a lowest value of zero is at the end, six decades below the highest value or just below one. */
function log(low, high, integer) {
  const bottom = low > 0 ? low : integer ? 0.5 : high * 1e-6;
  const decades = Math.log10(high / bottom) || 1;
  const tidy = (value, digits) => {
    if (value <= bottom * (1 + 1e-9)) return low;
    const short = rounded(value, digits);
    return clamp(integer ? Math.round(short) : short, low, high);
  };
  const perDecade = [1, 2, 5, 10, 20, 40, 80, 160].reduce((best, r) =>
    Math.abs(Math.log(decades * r / 100)) < Math.abs(Math.log(decades * best / 100)) ? r : best);
  return {
    stops: 1000,
    position: (value) => (value <= bottom ? 0 : Math.log10(value / bottom) / decades),
    value: (position) => (position >= 1 ? high : tidy(bottom * 10 ** (position * decades), 3)),
    next(value, count, fine) {
      const steps = perDecade * (fine ? 10 : 1);
      const valueOf = (i) => tidy(10 ** (i / steps), steps <= 20 ? 2 : 3);
      const at = Math.log10(Math.max(value, bottom)) * steps;
      const from = valueOf(Math.round(at)) === value ? Math.round(at) : count > 0 ? Math.floor(at) : Math.ceil(at);
      let to = from + count;
      while (valueOf(to) === value && value !== (count > 0 ? high : low)) to += Math.sign(count);
      return valueOf(to);
    },
  };
}

/** Logarithmic in 1 - value. */
function log1m(low, high) {
  const flip = (value) => Number((1 - value).toFixed(12));
  const mirror = log(flip(high), flip(low), false);
  return {
    stops: 1000,
    position: (value) => 1 - mirror.position(flip(value)),
    value: (position) => clamp(flip(mirror.value(1 - position)), low, high),
    next: (value, count, fine) => clamp(flip(mirror.next(flip(value), -count, fine)), low, high),
  };
}

/** @type {Record<string, (low: number, high: number, integer: boolean) => SliderScale>} */
export const SCALES = { linear, log, log1m };

/**
 * The scale of a slider: over its declared range, or over the steps of a run if a share of the run is shown in steps.
 *
 * @param {any} field from `field_data` in controls.py
 * @returns {SliderScale}
 */
export function scaleOf(field) {
  const kind = field.n && field.scale === 'log1m' ? 'linear' : field.scale;
  return SCALES[kind](field.low, field.high, field.integer || Boolean(field.n));
}

/**
 * A value in the slider's unit: a share of the run in steps if `field.n`, their number, is given; else the value itself. A text
 * such as 2000s or 1e-6r is a value that keeps its unit, steps or a rate.
 */
export function inSteps(value, field) {
  if (typeof value !== 'string') return field.n ? Math.floor(value * field.n + 0.5) : value;
  const number = parseFloat(value);
  return field.n ? Math.floor(number / field.stepsPerUpdate + 0.5) : clamp(number / field.peak, field.low, field.high);
}
/** The share or ratio of a value in the slider's unit. */
export const fromSteps = (value, field) => (field.n ? value / field.n : value);
/** A value in the slider's unit as a text that keeps the unit of `field.suffix`. */
export const quantityText = (value, field) =>
  (field.n ? value * field.stepsPerUpdate : rounded(value * field.peak, 3)) + field.suffix;
/** A value in the slider's unit as it is sent: a text if the last value that was sent is one. */
export const sentValue = (value, last, field) =>
  typeof last === 'string' ? quantityText(value, field) : fromSteps(value, field);

/**
 * The text after a box.
 *
 * @param {number} value in the slider's unit
 * @param {number | string} sent the value as it was sent: a text if it keeps its unit
 * @param {any} field from `field_data` in controls.py
 */
export function unitText(value, sent, field) {
  const kept = typeof sent === 'string';
  const share = formatNumber(100 * fromSteps(value, field), 2);
  if (field.n && kept) return fill(value === 1 ? field.keptUnitOne : field.keptUnit, { share });
  if (field.n) return fill(value === 1 ? field.stepsUnitOne : field.stepsUnit, { share });
  if (!field.peak) return value === 1 ? field.unitOne : field.unit;
  const rate = formatNumber(value * field.peak);
  const given = kept ? formatNumber(parseFloat(sent)) : rate;
  return fill(given !== rate ? field.cutUnit : kept ? field.keptUnit : field.rateUnit, { rate, given });
}

/**
 * The value of a typed text in the slider's unit, and the value to send: the exact share or ratio, or the text of a value that
 * keeps its unit; undefined if it cannot be parsed or is not allowed.
 *
 * @param {string} text
 * @param {any} field from `field_data` in controls.py
 * @param {Record<'step' | 'update' | 'epoch' | 'rate', string[]>} units the names of each unit in the language of the page
 * @returns {{ value: number, sent: number | string } | undefined}
 */
export function parseValue(text, field, units) {
  const found = parseNumber(text);
  if (!found) return undefined;
  const rate = field.peak && units.rate.includes(found.word);
  const many = field.integer || field.n ? THOUSANDS_OF[found.word] : undefined;
  const [word, number] = many ? ['', rounded(found.number * many, 12)] : [found.word, found.number];
  const value = rate ? number / field.peak : valueIn(word, number, field, units);
  if (value === undefined || value < field.low || value > field.high) return undefined;
  if (field.integer && !Number.isInteger(value)) return undefined;
  if (rate) return { value, sent: number + field.suffix };
  if (field.n && word === '%') return { value, sent: number / 100 };
  if (field.n && !word && !Number.isInteger(number)) return { value, sent: number };
  return { value, sent: field.n && field.suffix ? quantityText(value, field) : fromSteps(value, field) };
}

/** A number followed by this word, converted to the slider's unit. */
function valueIn(word, number, field, units) {
  if (word === '%') return field.n ? inSteps(number / 100, field) : number / 100;
  if (units.epoch.includes(word) && field.stepsPerEpoch) return Math.round(number * field.stepsPerEpoch);
  const held = field.stepsPerUpdate > 1;
  if (units.step.includes(word) && held) {
    const updates = number / field.stepsPerUpdate;
    return Number.isInteger(updates) || !field.n ? updates : undefined;
  }
  if (field.n) {
    if (word && !units[held ? 'update' : 'step'].includes(word)) return undefined;
    return Number.isInteger(number) ? number : number < 1 ? inSteps(number, field) : undefined;
  }
  return ['', field.unit.toLowerCase(), field.unitOne.toLowerCase()].includes(word) ? number : undefined;
}
