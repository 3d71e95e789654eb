// Drive: a throttle that sets the rate while a run is trained. The browser keeps the clock and the levels so far; the server
// simulates the run at these levels and answers with its next points (route.py), which are shown in the page's panel.

import { append, create, fill, setText } from '../elements.js';
import { formatNumber } from '../numbers.js';
import { setPoints } from '../panel/panel.js';

/**
 * @typedef {object} DriveData from `mount` in drive.py
 * @property {string} key of the panel that shows the run
 * @property {string} of identifies the charts of the run in the panel
 * @property {string} address of the route, from the root of the app
 * @property {string} token of the run
 * @property {number} level the level at the beginning
 * @property {number[]} rates the rate of each level
 * @property {number[]} starts the first step of each stretch, and the number of steps
 * @property {Record<string, string>} words
 */
/**
 * @typedef {object} Answer the points of new stretches, from the route
 * @property {number} end the step at which they end
 * @property {number[]} rates the rate of each new stretch
 * @property {number[]} steps
 * @property {(number | null)[]} loss
 * @property {(number | null)[]} [limit] the stability limit at these steps, if it varies
 * @property {number[]} [path] packed positions of the first seed
 */

/** The root of the app, where the address of the route starts. */
const ROOT = new URL('../../../', import.meta.url);

/** Stretches in a second at each speed. */
const SPEEDS = { slow: 5, normal: 10, fast: 20 };

/** Milliseconds between two updates of the charts, and the stretches that a press advances with reduced motion. */
const SHOW_EVERY = 60;
const JUMP = 4;

/** Levels of the throttle for each key. */
const KEYS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };

/** True if the user prefers reduced motion: a press then advances by some stretches instead of playing. */
const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');

const rootOf = ({ parentElement }) => parentElement.querySelector('.anneal-drive');

/**
 * Show the throttle of a run.
 *
 * @param {import('../panel/panel.js').Component} component its data are of type DriveData
 */
export function drawDrive(component) {
  const root = rootOf(component);
  root.drive?.stop();
  root.drive = new Drive(root, component);
}

/**
 * Stop the clock: the mode was left.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export function removeDrive(component) {
  rootOf(component)?.drive?.stop();
}

class Drive {
  constructor(root, { data, setTriggerValue }) {
    Object.assign(this, { root, data, send: setTriggerValue, level: data.level, speed: 'normal' });
    this.build();
    this.begin();
    root.closest('[data-testid="stMain"]')?.scrollTo({ top: 0 });
    this.play.focus({ preventScroll: true });
    this.onKey = (event) => this.key(event);
    document.addEventListener('keydown', this.onKey);
    lessMotion.addEventListener('change', this.showPlay);
  }

  build() {
    const { root, data: { rates, words } } = this;
    root.replaceChildren();
    const title = append(root, 'div', 'drive-head');
    append(title, 'h4', 'drive-title').textContent = words.title;
    append(root, 'p', 'drive-task').textContent = words.task;
    this.addButton(title, 'leave', () => this.send('left', true));
    const bar = append(root, 'div', 'drive-bar'); // on a phone at the lower edge of the window
    this.play = append(bar, 'button', 'drive-play', { type: 'button' });
    this.play.onclick = () => this.press();
    const rate = append(bar, 'label', 'drive-rate');
    append(rate, 'span').textContent = words.throttle;
    this.rateText = append(rate, 'output', 'drive-number');
    this.throttle = append(bar, 'input', 'range', { type: 'range', min: 0, max: rates.length - 1, step: 1 });
    this.throttle.setAttribute('aria-label', words.throttle);
    this.throttle.oninput = () => this.setLevel(Number(this.throttle.value));
    const numbers = append(root, 'dl', 'drive-numbers');
    [this.stepText, this.lossText] = ['step', 'loss'].map((word) => {
      const pair = append(numbers, 'div');
      append(pair, 'dt').textContent = words[word];
      return append(pair, 'dd');
    });
    const row = append(root, 'div', 'drive-buttons');
    const speeds = (this.speeds = append(row, 'div', 'segments', { role: 'radiogroup', 'aria-label': words.speed }));
    for (const speed of Object.keys(SPEEDS)) {
      const input = create('input', '', { type: 'radio', name: 'drive-speed', value: speed });
      input.checked = speed === this.speed;
      input.onchange = () => (this.speed = speed);
      speeds.append(create('label', 'segment', {}, input, create('span', '', {}, words[speed])));
    }
    this.addButton(row, 'again', () => this.begin());
    this.finishButton = this.addButton(row, 'finish', () => this.finish());
    this.status = append(root, 'p', 'drive-status', { role: 'status' });
    append(root, 'p', 'drive-keys').textContent = words.keys;
  }

  addButton(row, word, act) {
    const { words } = this.data;
    const button = append(row, 'button', 'drive-button', { type: 'button' });
    setText(button, words[word]);
    button.title = words[`${word}_help`];
    button.onclick = act;
    return button;
  }

  // ---- The clock --------------------------------------------------------------------------------------------------------

  /** Begin at step 0, without the points so far. */
  begin() {
    this.pause();
    const points = { steps: [], loss: [], limit: [], path: [] };
    Object.assign(this, { clock: 0, levels: [], known: 0, points, asking: null, goal: null, ended: false, overflow: null });
    this.ask(1);
    this.setLevel(this.level);
    this.showPlay();
    setText(this.status, '');
  }

  get last() {
    return this.data.starts.at(-1);
  }

  get stretches() {
    return this.data.starts.length - 1;
  }

  /** The stretch of the clock. */
  get stretch() {
    const after = this.data.starts.findIndex((start) => start > this.clock);
    return after < 0 ? this.stretches - 1 : after - 1;
  }

  press() {
    if (this.ended) return;
    if (this.playing) this.pause();
    else if (lessMotion.matches) this.advance(JUMP);
    else this.start();
  }

  start() {
    if (!this.clock) this.askAgain(); // the level may have changed before the first step
    Object.assign(this, { playing: true, frame: null, shownAt: -Infinity });
    setText(this.status, '');
    this.showPlay();
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    cancelAnimationFrame(this.request);
    if (!this.playing) return;
    this.playing = false;
    this.showPlay();
    this.showPoints();
    this.showStatus();
  }

  tick(now) {
    const seconds = Math.min(now - (this.frame ?? now), 100) / 1000;
    this.frame = now;
    const { starts } = this.data;
    const speed = SPEEDS[this.speed];
    const stretch = this.stretch;
    this.clock += seconds * speed * (starts[stretch + 1] - starts[stretch]);
    this.clock = Math.min(this.clock, starts[this.known]);
    // The next levels are read when less than a tenth of a second is left, at the latest at the end of the known stretches.
    if (starts[this.known] - this.clock <= (starts[this.known] - starts[this.known - 1]) / 2) this.ask(Math.ceil(speed / 10));
    if (now - this.shownAt >= SHOW_EVERY) {
      this.shownAt = now;
      this.showPoints();
    }
    if (this.clock >= this.last || this.overflow !== null) return this.end();
    this.request = requestAnimationFrame((next) => this.tick(next));
  }

  /** With reduced motion: advance by some stretches at the present level. */
  advance(count) {
    if (!this.clock) this.askAgain();
    this.goal = Math.min(this.stretches, this.stretch + count);
    this.ask(Math.max(0, this.goal - this.levels.length));
    this.arrive();
  }

  /** Move the clock to the goal of `advance` once its points are known. */
  arrive() {
    if (this.goal === null || this.known < this.goal) return;
    this.clock = this.data.starts[this.goal];
    this.goal = null;
    this.showPoints();
    if (this.clock >= this.last || this.overflow !== null) this.end();
    else this.showStatus();
  }

  /** Hold the present level until the end. */
  finish() {
    if (!this.clock) this.levels = [];
    this.submit([...this.levels, this.level].slice(0, this.stretches));
  }

  /** The clock has come to the end, or the loss is out of range. */
  end() {
    this.playing = false;
    this.showPoints();
    if (this.overflow === null) return this.submit(this.levels);
    this.ended = true;
    this.showPlay();
    setText(this.status, fill(this.data.words.overflow, { step: formatNumber(this.overflow) }));
  }

  submit(levels) {
    cancelAnimationFrame(this.request);
    Object.assign(this, { playing: false, ended: true });
    this.showPlay();
    setText(this.status, this.data.words.judging);
    this.send('ended', { of: this.data.of, levels: levels.join('_') });
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.asking?.abort();
    document.removeEventListener('keydown', this.onKey);
    lessMotion.removeEventListener('change', this.showPlay);
  }

  // ---- The points -------------------------------------------------------------------------------------------------------

  /** Forget the first stretch, whose level has changed before the start, and request it again. */
  askAgain() {
    if (this.levels[0] === this.level) return;
    this.asking?.abort();
    Object.assign(this, { levels: [], known: 0, asking: null, points: { steps: [], loss: [], limit: [], path: [] } });
    this.ask(1);
  }

  /** Request the points of the next stretches at the present level, unless a request is under way. */
  async ask(count) {
    const more = Math.min(count, this.stretches - this.levels.length);
    if (this.asking || more <= 0) return;
    const control = (this.asking = new AbortController());
    const levels = [...this.levels, ...Array(more).fill(this.level)];
    const query = new URLSearchParams({ run: this.data.token, levels: levels.join('_'), known: this.known });
    try {
      const answer = await fetch(new URL(`${this.data.address}?${query}`, ROOT), { signal: control.signal });
      const found = await answer.json();
      if (this.asking !== control) return;
      if (found.error) throw new Error(found.error);
      this.levels = levels;
      this.take(found, levels.length);
    } catch (error) {
      if (this.asking === control) this.fail();
    }
  }

  /** @param {Answer} found */
  take(found, known) {
    const { points } = this;
    Object.assign(this, { asking: null, known });
    for (const name of ['steps', 'loss', 'limit', 'path']) points[name].push(...(found[name] ?? []));
    const missing = points.loss.indexOf(null);
    if (missing >= 0) this.overflow = points.steps[missing];
    this.showPoints();
    this.arrive();
  }

  fail() {
    Object.assign(this, { asking: null, goal: null });
    this.pause();
    setText(this.status, this.data.words.unreachable);
  }

  /** Show the points up to the clock. */
  showPoints() {
    const { clock, points, data: { starts, rates, key, of } } = this;
    const count = Math.max(1, points.steps.findLastIndex((step) => step <= clock) + 1);
    if (!points.steps.length) return;
    const steps = points.steps.slice(0, count);
    const rate = { x: [], y: [] };
    for (let i = 0; i <= Math.min(this.stretch, this.known - 1); i++) {
      rate.x.push(starts[i], Math.max(starts[i], Math.min(clock, starts[i + 1] - 1)));
      rate.y.push(rates[this.levels[i]], rates[this.levels[i]]);
    }
    const lines = { rate: { run: rate }, loss: { run: { x: steps, y: points.loss.slice(0, count) } } };
    if (points.limit.length) lines.rate.limit = { x: steps, y: points.limit.slice(0, count) };
    const numbers = points.path.length / points.steps.length;
    const path = numbers ? { at: steps, points: Int16Array.from(points.path.slice(0, numbers * count)) } : null;
    setPoints(key, of, lines, path);
    setText(this.stepText, fill(this.data.words.at, { step: formatNumber(Math.floor(clock)), last: formatNumber(this.last) }));
    const loss = points.loss[count - 1];
    setText(this.lossText, loss === null ? '' : formatNumber(loss, 3, false));
  }

  // ---- The throttle -----------------------------------------------------------------------------------------------------

  setLevel(level) {
    this.level = Math.min(Math.max(level, 0), this.data.rates.length - 1);
    const rate = formatNumber(this.data.rates[this.level]);
    this.throttle.value = this.level;
    this.throttle.style.setProperty('--anneal-position', this.level / (this.data.rates.length - 1));
    this.throttle.setAttribute('aria-valuetext', rate);
    setText(this.rateText, rate);
  }

  key(event) {
    const { key, target } = event;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || target.closest?.('[role="listbox"], [role="dialog"]')) return;
    const typing = target.closest?.('textarea, select, [contenteditable="true"], input:not([type="range"], [type="radio"])');
    if (typing || (target.type === 'radio' && key in KEYS)) return;
    if (key === 'Escape' && !document.querySelector(':popover-open')) this.send('left', true);
    else if (key in KEYS) this.setLevel(this.level + KEYS[key]);
    else if (key === ' ' && !target.closest?.('button, a, summary, [role="button"], [type="radio"]')) this.press();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ---- Texts ------------------------------------------------------------------------------------------------------------

  showPlay = () => {
    const { words } = this.data;
    const still = lessMotion.matches;
    setText(this.play, this.playing ? words.pause : still ? words.ahead : this.clock ? words.go_on : words.play);
    this.play.disabled = this.ended;
    this.finishButton.disabled = this.ended && this.overflow === null;
    this.speeds.hidden = still;
  };

  /** Say step, rate and loss while the clock stands. */
  showStatus() {
    const { words, rates } = this.data;
    const loss = this.lossText.textContent;
    const values = { step: formatNumber(Math.floor(this.clock)), last: formatNumber(this.last), loss };
    setText(this.status, fill(words.waiting, { ...values, rate: formatNumber(rates[this.level]) }));
    this.showPlay();
  }
}
