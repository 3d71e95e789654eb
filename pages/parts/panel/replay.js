// The replay of a run: a clock for all charts of a panel, kept by the browser alone. It draws on the canvases over the charts;
// Plotly draws nothing while it plays.

import { append, create, fill, setText } from '../elements.js';
import { formatNumber } from '../numbers.js';
import { borderOf } from './colors.js';
import { valueAt } from './curves.js';
import { PlayedTrack, Track, decodeBase64 } from './tracks.js';

/**
 * @typedef {object} ReplayData from schedules/figures/replay.py
 * @property {number} last the last step
 * @property {number} until the step at which the replay ends
 * @property {number} every steps between two losses
 * @property {string | null} loss float32 in base 64
 * @property {number[]} cycles the steps after which a cycle is complete
 * @property {string} [hint] in place of verdicts, where a loss is predicted
 * @property {{ group: string, label: string, loss: string | null }[]} [race] of runs side by side: the losses of each
 */

const SPEEDS = [0.25, 0.5, 1, 2, 4];

/** Shortest and longest replay at speed 1 in seconds; between them a step takes a tenth of a second. */
const SHORTEST = 2;
const LONGEST = 8;

/** Length of the replay that uncovers a loss, in seconds. */
const UNCOVERS = 4;

/** Milliseconds between two updates of the numbers, so that they are readable. */
const NUMBERS_EVERY = 60;

/** Milliseconds without new data after which verdicts are requested again while a slider moves. */
const ASK_AFTER = 400;

/** Pixels within which the handle snaps to the end of a cycle. */
const SNAP = 6;

const ICONS = {
  play: 'M5 3.5v13l11-6.5z',
  pause: 'M5 3.5h3.5v13H5zM11.5 3.5H15v13h-3.5z',
  ahead: 'M4 3.5v13l9-6.5zM14 3.5h2.5v13H14z',
};

/** True if the user prefers reduced motion: a press then jumps ahead instead of playing. */
const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');

export class Replay {
  /** @param {import('./panel.js').Panel} panel */
  constructor(panel) {
    Object.assign(this, { panel, clock: null, playing: false, frames: 0, asked: null });
    this.bar = append(panel.root, 'div', 'replay', { role: 'group', hidden: '' }); // until a run is there
    this.button = append(this.bar, 'button', 'play', { type: 'button' });
    const scrub = append(this.bar, 'span', 'scrub');
    this.ticks = append(scrub, 'span', '', { 'aria-hidden': 'true' });
    this.range = append(scrub, 'input', '', { type: 'range', min: 0, step: 1 });
    this.at = append(this.bar, 'span', 'at');
    this.speed = append(this.bar, 'select');
    for (const speed of SPEEDS) append(this.speed, 'option', '', { value: speed });
    this.speed.value = 1;
    this.branch = append(this.bar, 'button', 'branch', { type: 'button', hidden: '' });
    this.branch.onclick = () => panel.branch(Math.floor(this.clock ?? this.data.last));
    this.text = append(this.bar, 'p', 'replay-text');
    this.intro = append(this.text, 'span');
    this.text.append(' ');
    this.verdict = append(this.text, 'b');
    this.losses = append(this.text, 'span', 'race');

    this.button.onclick = () => this.press();
    this.range.oninput = () => this.seek(this.snapped(Number(this.range.value)));
    this.range.onpointerdown = () => (this.dragged = true);
    this.range.onpointerup = this.range.onpointercancel = () => (this.dragged = false);
    panel.root.onkeydown = (event) => this.onKey(event);
    panel.row.tabIndex = -1; // focusable by a click on a chart, for the replay's keys
    panel.row.onpointerdown = () => panel.row.focus({ preventScroll: true });
    lessMotion.addEventListener('change', () => this.showButtons());
  }

  get words() {
    return this.panel.base.replay.words;
  }

  // ---- Data -------------------------------------------------------------------------------------------------------------

  /** Show another run. A running or stopped clock keeps its step, or the same share of a run of another length. */
  show(data) {
    this.bar.hidden = !data;
    if (!data) return this.rest();
    if (this.clock !== null) this.clock *= data.last / this.data.last;
    for (const run of [data, ...(data.race ?? [])])
      if (typeof run.loss === 'string') run.loss = new Float32Array(decodeBase64(run.loss).buffer);
    this.data = data;
    this.pastEnd = this.clock >= data.until;
    this.range.max = data.last;
    this.branch.hidden = !this.panel.data.branch;
    setText(this.branch, this.panel.data.branch ?? '');
    this.showButtons();
    this.showTicks();
    this.showTexts();
    if (this.clock !== null) this.askForStops(ASK_AFTER);
  }

  /** Show the verdicts that have arrived for this run. */
  takeStops() {
    if (this.data && this.clock !== null && this.panel.stops) this.showTexts();
  }

  /** Request the verdicts of this run once, if the server sends them on request only. */
  askForStops(delay = 0) {
    clearTimeout(this.asking);
    const { data, stops } = this.panel;
    if (!data.asks || stops || this.asked === data.of) return;
    this.asking = setTimeout(() => {
      this.asked = this.panel.data.of;
      this.panel.ask();
    }, delay);
  }

  showButtons() {
    if (!this.data) return;
    const name = this.playing ? 'pause' : lessMotion.matches ? 'ahead' : 'play';
    if (this.button.dataset.does !== name) this.button.innerHTML = `<svg viewBox="0 0 20 20"><path d="${ICONS[name]}"/></svg>`;
    this.button.dataset.does = name;
    const named = { [name]: this.button, scrub: this.range, speed: this.speed, controls: this.bar };
    for (const [word, element] of Object.entries(named)) element.setAttribute('aria-label', this.words[word]);
    this.button.title = `${this.words[name]}. ${this.data.hint ?? this.words.hint}`;
    this.speed.title = this.words.speed;
    this.speed.hidden = lessMotion.matches;
    SPEEDS.forEach((speed, i) => setText(this.speed.options[i], fill(this.words.times, { speed })));
    // While it plays, the sentence changes too often for a screen reader.
    this.text.setAttribute('aria-live', this.playing ? 'off' : 'polite');
  }

  showTicks() {
    const { cycles, last } = this.data;
    if (this.ticks.dataset.at === `${cycles}/${last}`) return;
    this.ticks.dataset.at = `${cycles}/${last}`;
    this.ticks.replaceChildren();
    for (const step of cycles) append(this.ticks, 'i').style.setProperty('--position', step / last);
  }

  // ---- The clock --------------------------------------------------------------------------------------------------------

  press() {
    if (this.playing) this.pause();
    else if (lessMotion.matches) this.jump();
    else this.play();
  }

  play() {
    this.clock ??= 0;
    this.playing = true;
    this.pastEnd = this.clock >= this.data.until;
    this.lastFrame = null;
    this.showButtons();
    this.askForStops();
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.panel.data) { // the charts have left the page; other ones may come
      this.playing = false;
      return;
    }
    const seconds = Math.min(now - (this.lastFrame ?? now), 100) / 1000;
    this.lastFrame = now;
    const { until, last } = this.data;
    const duration = this.uncovers ? UNCOVERS : Math.min(LONGEST, Math.max(SHORTEST, until / 10));
    this.clock += (seconds * until * this.speed.value) / duration;
    // A diverged run is played up to its divergence; started after that, the replay shows the rest of the schedule.
    if (this.clock >= (this.pastEnd ? last : until)) return this.rest();
    this.frames += 1;
    this.request = requestAnimationFrame((next) => this.tick(next));
    const withNumbers = now - (this.numbersAt ?? 0) >= NUMBERS_EVERY;
    if (withNumbers) this.numbersAt = now;
    this.draw(this.clock, withNumbers);
  }

  /** Play from the start; until the end, or until the user stops it, the loss is covered after the clock. */
  uncover() {
    if (lessMotion.matches) return;
    this.uncovers = true;
    this.panel.root.dataset.uncovers = '';
    this.clock = 0;
    this.play();
  }

  /** Show the loss as a whole. */
  showAll() {
    if (!this.uncovers) return;
    this.uncovers = false;
    delete this.panel.root.dataset.uncovers;
    this.panel.charts.get('loss')?.cover(null);
  }

  pause() {
    cancelAnimationFrame(this.request);
    if (!this.playing) return;
    this.playing = false;
    this.showButtons();
    this.seek(Math.floor(this.clock));
  }

  /** Advance by a tenth of the run. */
  jump() {
    this.seek(Math.floor((this.clock ?? 0) + Math.ceil(this.data.last / 10)));
  }

  /** Stop at a step; at the last one, show the complete run. */
  seek(step) {
    this.playing = false;
    this.showAll();
    cancelAnimationFrame(this.request);
    if (step >= this.data.last) return this.rest();
    this.clock = Math.max(0, step);
    this.showButtons();
    this.draw(this.clock);
    this.askForStops();
  }

  /** Turn the clock off and show the complete run. */
  rest() {
    const on = this.clock !== null;
    cancelAnimationFrame(this.request);
    clearTimeout(this.asking);
    Object.assign(this, { clock: null, playing: false });
    if (!on) return;
    this.showAll();
    this.showButtons();
    if (this.data) this.showTexts();
    this.panel.mark(null);
  }

  /** Stop for good: the panel has left the page. */
  stop() {
    clearTimeout(this.asking);
    this.pause();
  }

  /** A step of the handle, or the end of a cycle near it. */
  snapped(step) {
    const near = (SNAP * this.data.last) / this.range.clientWidth;
    return (this.dragged && this.data.cycles.find((end) => Math.abs(end - step) < near)) || step;
  }

  onKey(event) {
    const { key, target } = event;
    if (this.bar.hidden || event.altKey || event.ctrlKey || event.metaKey || target === this.speed) return;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (key === ' ' && !target.closest('button')) this.press();
    else if (direction && target !== this.range) this.seek(Math.floor(this.clock ?? this.data.last) + direction);
    else if (key === 'Escape' && this.clock !== null) this.rest();
    else return;
    event.preventDefault();
  }

  // ---- Display ----------------------------------------------------------------------------------------------------------

  /** Mark a step under the pointer while the clock is on and stopped; false if the clock is off. */
  markStep(step) {
    if (this.clock === null) {
      if (this.data?.race) this.showTexts(step ?? this.data.last);
      return false;
    }
    if (!this.playing || step === null) this.draw(this.playing ? this.clock : (step ?? this.clock));
    return true;
  }

  draw(clock, withNumbers = true) {
    this.shown = clock;
    this.panel.row.dataset.replay = '';
    for (const chart of this.panel.charts.values()) {
      if (chart.overSteps) chart.drawClock(clock, withNumbers);
      else chart.mark(clock);
    }
    if (this.uncovers) this.panel.charts.get('loss')?.cover(clock);
    if (!withNumbers) return;
    this.showTexts();
    this.panel.follow(Math.floor(clock));
  }

  /** A track up to the clock, or all of it. */
  track(track, scale, height) {
    if (this.clock === null) return new Track(track, scale, height);
    return new PlayedTrack(track, scale, height, this.shown, this.playing);
  }

  /** The losses of a run around a moment as a curve; null if unknown. */
  lossesAround(group, clock, last) {
    const { loss, every } = this.lossesOf(group) ?? {};
    if (!loss) return null;
    const from = Math.floor(clock / every) * every;
    const x = [from, from + every].filter((step) => step <= last);
    const y = x.map((step) => loss[step / every]);
    return x.length && y.every(Number.isFinite) ? { x, y } : null;
  }

  /** The losses of the run in a legend group, at every `every`-th step; null if the replay has none of it. */
  lossesOf(group) {
    const { data } = this;
    if (!data) return null;
    const found = data.race ? data.race.find((run) => run.group === group) : group === this.panel.runs[0] && data;
    return found ? { loss: found.loss, every: data.every } : null;
  }

  /** The loss of the replayed run after a step; undefined if unknown. */
  lossAt(step) {
    const { loss, every } = this.data;
    return step % every ? undefined : loss?.[step / every];
  }

  /** Ratio and reading of the step axis where it has the schedule's steps; else undefined. */
  get scaled() {
    return [...this.panel.charts.values()].map((chart) => chart.figure?.layout.meta?.scaled).find(Boolean);
  }

  /** A step of the problem as the step axis of the charts counts it. */
  counted(step) {
    return formatNumber(Math.round(step * (this.scaled?.ratio ?? 1)));
  }

  /** Show a step, by default that of the clock, its loss and the verdict there; of a race, the loss of each run. */
  showTexts(marked = this.clock ?? this.data.last) {
    const { data, words, panel } = this;
    const step = Math.min(Math.floor(marked), data.last);
    const loss = this.lossAt(step);
    const values = { step: this.counted(step), last: this.counted(data.last), loss: formatNumber(loss, 3, false) };
    const at = this.scaled ? { ...values, trained: formatNumber(step) } : values;
    this.range.value = step;
    this.range.style.setProperty('--position', step / data.last);
    this.range.setAttribute('aria-valuetext', fill(Number.isFinite(loss) ? words.value : words.value_plain, values));
    setText(this.at, fill(this.scaled?.reading ?? words.at, at));
    const on = this.clock !== null;
    this.bar.toggleAttribute('data-on', on);
    this.showRace(step, values);
    if (data.race) return this.showSentence(fill(words.value_plain, values));
    const { stops } = panel;
    const stop = stops?.stops.findLastIndex((at) => at <= step) ?? -1;
    if (!on) this.showSentence('');
    else if (data.hint) this.showSentence(data.hint);
    else if (!stops) this.showSentence(fill(Number.isFinite(loss) ? words.value : words.value_plain, values));
    else if (stop < 0) this.showSentence(Number.isFinite(loss) ? fill(words.start, values) : words.hint);
    else this.showVerdict(stops, stop, step);
  }

  /** Show the loss of each run of a race at a step, beside a sample of its line; nothing without a race. */
  showRace(step, values) {
    const { data, panel, losses, words } = this;
    const shown = (data.race ?? []).filter(({ group }) => !panel.kept.hidden.has(group));
    while (losses.children.length > shown.length) losses.lastChild.remove();
    const texts = shown.map(({ group, label, loss }, i) => {
      const value = loss ? loss[Math.floor(step / data.every)] : this.drawnLoss(group, step);
      const text = fill(Number.isFinite(value) ? words.raced : words.raced_gone, { name: label, loss: formatNumber(value, 3, false) });
      const item = losses.children[i] ?? append(losses, 'span');
      if (!item.children.length) item.append(create('i'), create('span'));
      item.firstChild.style.borderTop = borderOf(panel.entries.get(group).line, panel.palette);
      setText(item.lastChild, text);
      return text;
    });
    if (texts.length) this.range.setAttribute('aria-valuetext', [fill(words.value_plain, values), ...texts].join(', '));
  }

  /** The loss of a run as its curve shows it; null where there is none. */
  drawnLoss(group, step) {
    const curve = this.panel.charts.get('loss')?.curves.find(({ legendgroup }) => legendgroup === group);
    return curve ? valueAt(curve, step) : null;
  }

  /** Show the verdict at stop number `i`, the last one up to a step; its sentence is a pattern with "#" for each number. */
  showVerdict(stops, i, marked) {
    const { data, words } = this;
    const [stop, loss, kind] = [stops.stops[i], stops.losses[i], stops.kinds[i]];
    const [pattern, ...numbers] = stops.says[i];
    const sentence = stops.patterns[pattern].replace(/#/g, () => numbers.shift());
    const cycle = data.cycles.indexOf(stop) + 1;
    const at = loss === null ? words.gone : cycle ? words.cycle : words.stop;
    const intro = marked === stop ? at : loss === null ? words.after_gone : words.after;
    const values = { step: this.counted(marked), stop: this.counted(stop), last: this.counted(data.last), number: cycle };
    values.loss = loss === null ? '' : formatNumber(loss, 3, false);
    this.showSentence(fill(intro, values), `${this.panel.base.replay.glyphs[kind]}\u00a0${sentence}`, kind);
  }

  showSentence(intro, verdict = '', kind = 'axis') {
    setText(this.intro, intro);
    setText(this.verdict, verdict);
    this.verdict.style.color = `var(--a-${kind})`;
  }
}
