// What a slider and its box mean: a value as text, a text as a value, and where a value stands on a slider from 0 to 1.
// Put behind numbers.js and in front of a script that needs it.

/** A value as its box shows it: exactly where six digits can, else with three that count. */
function shown(value, scale) {
  for (let digits = 3; digits <= 6; digits++) {
    const text = people(value, digits);
    if (Number(text.replaceAll(',', '')) === value) return text;
  }
  const nines = scale === 'log1m' && value < 1 ? 2 + Math.ceil(-Math.log10(1 - value)) : 3;
  return people(value, Math.max(3, nines));
}

const WRITTEN = /^([+-]?(?:\d[\d,\s]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(%|[a-z][a-z ]*)?$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:[,\s]\d{3})+(?:\.\d*)?$/;

/** What a person typed: a number and the word after it, or null. Reads 3e-4, 0.1, 0,1, 1,000, 10 %, 50 steps. */
function read(text) {
  const found = WRITTEN.exec(text.trim().replace('−', '-'));
  if (!found) return null;
  let digits = found[1].trim();
  if (THOUSANDS.test(digits)) digits = digits.replace(/[,\s]/g, '');
  else if (/^[^,.]*,[^,.]*$/.test(digits)) digits = digits.replace(',', '.');
  const number = /[,\s]/.test(digits) ? NaN : Number(digits);
  return Number.isFinite(number) ? { number, word: (found[2] ?? '').toLowerCase().trim() } : null;
}

// ---- Scales: where a value stands on a slider from 0 to 1, and the next value a key leads to -----------------------------

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const rounded = (value, digits) => Number(value.toPrecision(digits));

/** The nearest of 1, 2, 5, 10, ... */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const lead = value / power;
  return rounded((lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power, 3);
}

function linear(low, high, whole) {
  const range = high - low || 1;
  const fine = Math.max(nice(range / 500), whole ? 1 : 0);
  const coarse = Math.max(nice(range / 100), whole ? 1 : 0);
  const multiple = (count, step) => clamp(rounded(count * step, 12), low, high);
  return {
    stops: whole && range <= 1000 ? range : 1000,
    place: (value) => (value - low) / range,
    value: (place) => (place >= 1 ? high : multiple(Math.round((low + place * range) / fine), fine)),
    next(value, count, finely) {
      const step = finely ? fine : coarse;
      const from = count > 0 ? Math.floor(value / step + 1e-9) : Math.ceil(value / step - 1e-9);
      return multiple(from + count, step);
    },
  };
}

/** Logarithmic; a lowest value of zero stands at the very end, six decades below the highest or just below one whole step. */
function log(low, high, whole) {
  const bottom = low > 0 ? low : whole ? 0.5 : high * 1e-6;
  const decades = Math.log10(high / bottom) || 1;
  const tidy = (value, digits) => {
    if (value <= bottom * (1 + 1e-9)) return low;
    const short = rounded(value, digits);
    return clamp(whole ? Math.round(short) : short, low, high);
  };
  const perDecade = [1, 2, 5, 10, 20, 40, 80, 160].reduce((best, r) =>
    Math.abs(Math.log(decades * r / 100)) < Math.abs(Math.log(decades * best / 100)) ? r : best);
  return {
    stops: 1000,
    place: (value) => (value <= bottom ? 0 : Math.log10(value / bottom) / decades),
    value: (place) => (place >= 1 ? high : tidy(bottom * 10 ** (place * decades), 3)),
    next(value, count, finely) {
      const steps = perDecade * (finely ? 10 : 1);
      const there = (i) => tidy(10 ** (i / steps), steps <= 20 ? 2 : 3);
      const at = Math.log10(Math.max(value, bottom)) * steps;
      const from = there(Math.round(at)) === value ? Math.round(at) : count > 0 ? Math.floor(at) : Math.ceil(at);
      let to = from + count;
      while (there(to) === value && value !== (count > 0 ? high : low)) to += Math.sign(count);
      return there(to);
    },
  };
}

/** Logarithmic in 1 - value. */
function log1m(low, high) {
  const flip = (value) => Number((1 - value).toFixed(12));
  const mirror = log(flip(high), flip(low), false);
  return {
    stops: 1000,
    place: (value) => 1 - mirror.place(flip(value)),
    value: (place) => clamp(flip(mirror.value(1 - place)), low, high),
    next: (value, count, finely) => clamp(flip(mirror.next(flip(value), -count, finely)), low, high),
  };
}

const SCALES = { linear, log, log1m };

/** A slider's scale over the declared ends, or over whole steps where a share of the run is made whole. */
function scaleOf(facts) {
  const kind = facts.n && facts.scale === 'log1m' ? 'linear' : facts.scale;
  return SCALES[kind](facts.low, facts.high, facts.integer || Boolean(facts.n));
}

const inSteps = (value, facts) => (facts.n ? Math.floor(value * facts.n + 0.5) : value);
const fromSteps = (value, facts) => (facts.n ? value / facts.n : value);

/** The slider's number that a text means: undefined when it cannot be read or is not allowed. */
function typed(text, facts) {
  const found = read(text);
  if (!found) return undefined;
  const { number, word } = found;
  const value = meant(number, word, facts);
  if (value === undefined || value < facts.low || value > facts.high) return undefined;
  return facts.integer && !Number.isInteger(value) ? undefined : value;
}

function meant(number, word, facts) {
  if (word === '%') return facts.n ? inSteps(number / 100, facts) : number / 100;
  if (/^epochs?$/.test(word) && facts.stepsPerEpoch) return Math.round(number * facts.stepsPerEpoch);
  const held = facts.stepsPerUpdate > 1;
  if (/^steps?$/.test(word) && held) {
    const updates = number / facts.stepsPerUpdate;
    return Number.isInteger(updates) || !facts.n ? updates : undefined;
  }
  if (facts.n) {
    if (!(held ? ['', 'update', 'updates'] : ['', 'step', 'steps']).includes(word)) return undefined;
    return Number.isInteger(number) ? number : number < 1 ? inSteps(number, facts) : undefined;
  }
  return ['', facts.unit.toLowerCase(), facts.unitOne.toLowerCase()].includes(word) ? number : undefined;
}
