// Replay: one clock for all charts of a panel, kept by the browser alone. It draws on the canvases that lie over the pictures;
// Plotly draws nothing while it runs. Put behind panel.js, whose parts it uses.

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const LONGEST = 8; // seconds of a replay at speed 1; short runs take a tenth of a second a step, but no less than
const SHORTEST = 2;
const READ_EVERY = 60; // milliseconds between two changes of the numbers: faster ones cannot be read
const CROWD = 16; // of more seeds than this only the last bit of the way is drawn while they move
const TAIL = 5;
const ICONS = {
  play: 'M5 3.5v13l11-6.5z',
  pause: 'M5 3.5h3.5v13H5zM11.5 3.5H15v13h-3.5z',
  ahead: 'M4 3.5v13l9-6.5zM14 3.5h2.5v13H14z',
};

/** Whether this person asked for a page that does not move; a replay is then a row of jumps, one for each press. */
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** A sentence with its open fields filled. */
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

class Replay {
  constructor(panel) {
    Object.assign(this, { panel, clock: null, playing: false, frames: 0 });
    this.bar = make('div', 'anneal-replay', panel.root, { role: 'group' });
    this.button = make('button', 'anneal-play', this.bar, { type: 'button' });
    const scrub = make('span', 'anneal-scrub', this.bar);
    this.ticks = make('span', '', scrub, { 'aria-hidden': 'true' });
    this.range = make('input', '', scrub, { type: 'range', min: 0, step: 1 });
    this.at = make('span', 'anneal-at', this.bar);
    this.speed = make('select', '', this.bar);
    for (const speed of SPEEDS) make('option', '', this.speed, { value: speed }).textContent = `${speed}×`;
    this.speed.value = 1;
    this.said = make('p', 'anneal-said', this.bar);
    this.lead = make('span', '', this.said);
    this.said.append(' ');
    this.verdict = make('b', '', this.said);

    this.button.onclick = () => this.press();
    this.range.oninput = () => this.seek(this.caught(Number(this.range.value)));
    this.range.onpointerdown = () => (this.pulled = true);
    this.range.onpointerup = this.range.onpointercancel = () => (this.pulled = false);
    panel.root.onkeydown = (event) => this.key(event);
    panel.row.tabIndex = -1; // a click on a chart gives it the keys
    panel.row.onpointerdown = () => panel.row.focus({ preventScroll: true });
    calm.onchange = () => this.label();
  }

  get words() {
    return this.panel.ground.replay.words;
  }

  /** Another run, while a slider moves or after: the clock goes on where it was; where the length changed, at the same share. */
  follow(data) {
    this.bar.hidden = !data;
    if (!data) return this.rest();
    if (this.clock !== null) this.clock *= data.last / this.data.last;
    data.loss = floats(data.loss);
    this.data = data;
    this.hear();
    this.beyond = this.clock >= data.until;
    this.range.max = data.last;
    this.label();
    this.showTicks();
    this.tell();
  }

  /** What is said where this run is stopped: it comes by itself, a little later than the run. */
  hear() {
    const found = hub.stops?.get(this.panel.key);
    if (!this.data || !found?.stops || found.of !== this.panel.data.of) return;
    Object.assign(this.data, { stops: found.stops, losses: found.losses, kinds: found.kinds });
    Object.assign(this.data, { patterns: found.patterns, says: found.says });
    if (this.clock !== null) this.tell();
  }

  label() {
    if (!this.data) return;
    const name = this.playing ? 'pause' : calm.matches ? 'ahead' : 'play';
    if (this.button.dataset.does !== name) this.button.innerHTML = `<svg viewBox="0 0 20 20"><path d="${ICONS[name]}"/></svg>`;
    this.button.dataset.does = name;
    const titled = { [name]: this.button, scrub: this.range, speed: this.speed, controls: this.bar };
    for (const [word, element] of Object.entries(titled)) element.setAttribute('aria-label', this.words[word]);
    this.button.title = this.words[name];
    this.speed.title = this.words.speed;
    this.speed.hidden = calm.matches;
    // While it plays the sentence changes too often to be read out.
    this.said.setAttribute('aria-live', this.playing ? 'off' : 'polite');
  }

  showTicks() {
    const { cycles, last } = this.data;
    if (this.ticks.dataset.at === `${cycles}/${last}`) return;
    this.ticks.dataset.at = `${cycles}/${last}`;
    this.ticks.replaceChildren();
    for (const step of cycles) make('i', '', this.ticks).style.setProperty('--place', step / last);
  }

  // ---- The clock --------------------------------------------------------------------------------------------------------

  press() {
    if (this.playing) this.pause();
    else if (calm.matches) this.jump();
    else this.play();
  }

  play() {
    this.clock ??= 0;
    this.playing = true;
    this.beyond = this.clock >= this.data.until;
    this.then = null;
    this.label();
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    const seconds = Math.min(now - (this.then ?? now), 100) / 1000;
    this.then = now;
    const { until, last } = this.data;
    const lasts = Math.min(LONGEST, Math.max(SHORTEST, until / 10));
    this.clock += (seconds * until * this.speed.value) / lasts;
    // A run that diverged is played up to there; who starts after that sees the rest of the schedule.
    if (this.clock >= (this.beyond ? last : until)) return this.rest();
    this.frames += 1;
    this.frame = requestAnimationFrame((next) => this.tick(next));
    const worded = now - (this.told ?? 0) >= READ_EVERY;
    if (worded) this.told = now;
    this.show(this.clock, worded);
  }

  pause() {
    cancelAnimationFrame(this.frame);
    if (!this.playing) return;
    this.playing = false;
    this.label();
    this.seek(Math.floor(this.clock));
  }

  /** A tenth further, without motion. */
  jump() {
    this.seek(Math.floor((this.clock ?? 0) + Math.ceil(this.data.last / 10)));
  }

  /** Stand still at a step; at the last one there is nothing to stop, and the whole picture is shown. */
  seek(step) {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    if (step >= this.data.last) return this.rest();
    this.clock = Math.max(0, step);
    this.label();
    this.show(this.clock);
  }

  /** The whole picture again. */
  rest() {
    const moved = this.clock !== null;
    cancelAnimationFrame(this.frame);
    Object.assign(this, { clock: null, playing: false });
    if (!moved) return;
    this.label();
    if (this.data) this.tell();
    this.panel.mark(null);
  }

  /** The end of a cycle, where the hand comes near it. */
  caught(step) {
    const near = (6 * this.data.last) / this.range.clientWidth;
    return (this.pulled && this.data.cycles.find((end) => Math.abs(end - step) < near)) || step;
  }

  key(event) {
    const { key, target } = event;
    if (this.bar.hidden || event.altKey || event.ctrlKey || event.metaKey || target === this.speed) return;
    const way = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (key === ' ' && !target.closest('button')) this.press();
    else if (way && target !== this.range) this.seek(Math.floor(this.clock ?? this.data.last) + way);
    else if (key === 'Escape' && this.clock !== null) this.rest();
    else return;
    event.preventDefault();
  }

  // ---- What is seen -----------------------------------------------------------------------------------------------------

  /** Whether the charts show the replay, whatever step is pointed at; while it stands still, a pointed step has a look of its own. */
  holds(step) {
    if (this.clock === null) return false;
    if (!this.playing || step === null) this.show(this.playing ? this.clock : (step ?? this.clock));
    return true;
  }

  show(clock, worded = true) {
    this.shown = clock;
    this.panel.row.dataset.replay = '';
    for (const box of this.panel.boxes.values()) {
      if (box.steps) drawClock(box, clock, worded);
      else box.mark(clock);
    }
    if (worded) this.tell();
  }

  /** A track as it is drawn now: up to the clock, or all of it. */
  track(track, scale, height) {
    if (this.clock === null) return new Track(track, scale, height);
    return new Played(track, scale, height, this.shown, this.playing);
  }

  /** The losses around a moment as a curve of their own: the drawn one leaves steps out. Null where they are not known. */
  known(clock, last) {
    if (!this.data?.loss) return null;
    const { every } = this.data;
    const from = Math.floor(clock / every) * every;
    const x = [from, from + every].filter((step) => step <= last);
    const y = x.map((step) => this.loss(step));
    return x.length && y.every(Number.isFinite) ? { x, y } : null;
  }

  /** The loss after a step; undefined where it is not known. */
  loss(step) {
    const { loss, every } = this.data;
    return step % every ? undefined : loss?.[step / every];
  }

  /** The step and the stop in words. */
  tell() {
    const { data, words } = this;
    const step = this.clock === null ? data.last : Math.floor(this.clock);
    const loss = this.loss(step);
    const values = { step: people(step), last: people(data.last), loss: people(loss, 3, false) };
    this.range.value = step;
    this.range.style.setProperty('--place', step / data.last);
    this.range.setAttribute('aria-valuetext', fill(Number.isFinite(loss) ? words.value : words.value_plain, values));
    setText(this.at, fill(words.at, values));
    const on = this.clock !== null;
    if (this.bar.hasAttribute('data-on') !== on) {
      this.bar.toggleAttribute('data-on', on);
      if (this.panel.narrow) requestAnimationFrame(() => this.panel.render()); // its sentence takes room from the charts
    }
    const stop = (data.stops ?? []).findLastIndex((at) => at <= step);
    if (this.clock === null) this.say(words.hint);
    else if (stop < 0) this.say(data.stops && Number.isFinite(loss) ? fill(words.start, values) : words.hint);
    else this.sayStop(stop);
  }

  sayStop(i) {
    const { data, words } = this;
    const [step, loss, kind] = [data.stops[i], data.losses[i], data.kinds[i]];
    const [pattern, ...numbers] = data.says[i];
    const sentence = data.patterns[pattern].replace(/#/g, () => numbers.shift());
    const cycle = data.cycles.indexOf(step) + 1;
    const lead = loss === null ? words.gone : cycle ? words.cycle : words.stop;
    const values = { step: people(step), last: people(data.last), loss: loss === null ? '' : people(loss, 3, false), number: cycle };
    this.say(fill(lead, values), `${this.panel.ground.replay.glyphs[kind]}\u00a0${sentence}`, kind);
  }

  say(lead, verdict = '', kind = 'axis') {
    setText(this.lead, lead);
    setText(this.verdict, verdict);
    this.verdict.style.color = `var(--a-${kind})`;
  }
}

function floats(packed) {
  return typeof packed === 'string'
    ? new Float32Array(Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)).buffer)
    : packed;
}

/** A track up to the clock. While it moves, a seed is on the straight line between two frames, otherwise where it was. */
class Played extends Track {
  constructor(track, scale, height, clock, moves) {
    super(track, scale, height);
    this.now = moves ? this.moment(clock) : this.frame(clock);
  }

  place(frame, seed = 0) {
    const from = super.place(Math.floor(frame), seed);
    const share = frame % 1;
    const to = share ? super.place(Math.ceil(frame), seed) : from;
    if (!from || !to) return null;
    const x = from[0] + share * (to[0] - from[0]);
    return [x, this.height ? this.height(x) : from[1] + share * (to[1] - from[1])];
  }

  places() {
    return Array.from({ length: this.seeds }, (_, seed) => this.place(this.now, seed)).filter(Boolean);
  }

  *steps(seed = 0) {
    for (let frame = this.seeds > CROWD ? Math.max(0, Math.floor(this.now) - TAIL) : 0; frame < this.now; frame++) {
      const point = this.place(frame, seed);
      if (!point) return;
      yield point;
    }
    const point = this.place(this.now, seed);
    if (point) yield point;
  }
}

// ---- Ink ----------------------------------------------------------------------------------------------------------------

/** The clock on a chart over steps: a line, and a dot on each curve; numbers too, when they are due. */
function drawClock(box, clock, worded) {
  const { context: pen, panel, figure } = box;
  const full = box.picture._fullLayout;
  if (!pen || !figure || !full) return;
  const { xaxis, yaxis } = full;
  pen.clearRect(0, 0, ...box.drawn.size);
  const [left, right] = [xaxis._offset, xaxis._offset + xaxis._length];
  const [top, bottom] = [yaxis._offset, yaxis._offset + yaxis._length];
  const x = left + xaxis.d2p(clock);
  const seen = x >= left - 0.5 && x <= right + 0.5; // a logarithmic axis has no step 0, and a zoomed one may be elsewhere
  if (seen) {
    pen.strokeStyle = panel.palette.axis;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, bottom);
    pen.stroke();
  }
  const readings = [];
  for (const curve of box.curves) {
    const color = resolve(curve.line.color, panel.palette);
    const exact = box.exact(curve, clock);
    const y = yaxis._offset + heightOf(exact || curve, clock, xaxis, yaxis);
    if (seen && y < top) arrow(pen, [x, top + 2], [0, -1], color, panel.palette.paper);
    else if (seen && y <= bottom) dot(pen, [x, y], curve.legendgroup === 'run' ? 4.5 : 3.5, color, panel.palette.paper);
    if (!worded) continue;
    const step = Math.floor(clock);
    const value = reading(exact || curve, step);
    if (!Number.isFinite(value)) continue;
    readings.push([curve.line, figure.layout.meta.percent ? `${people(100 * value)} %` : people(value, 3, false)]);
  }
  if (worded) box.showReading(`${panel.ground.words.step} ${people(Math.floor(clock))}`, readings);
}

/** The height in pixels of a drawn line at any moment; the last entry holds for one step. Not a number elsewhere. */
function heightOf({ x, y }, clock, xaxis, yaxis) {
  const last = x.length - 1;
  if (clock < x[0] || clock > x[last] + 1) return NaN;
  if (clock >= x[last]) return yaxis.d2p(y[last]);
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= clock) low = middle;
    else high = middle;
  }
  const [from, to, at] = [x[low], x[high], clock].map((step) => xaxis.d2p(step));
  const share = Number.isFinite(from) ? (at - from) / (to - from) : (clock - x[low]) / (x[high] - x[low]);
  return yaxis.d2p(y[low]) + share * (yaxis.d2p(y[high]) - yaxis.d2p(y[low]));
}

/** Arrows at the edge where runs have left the picture. */
function drawWayOut(pen, palette, { run, ghost }, step, axes) {
  const ends = axes.map((axis) => [axis._offset, axis._offset + axis._length]);
  for (const [track, color] of [[ghost, palette.ghost], [run, palette.run]]) {
    for (const place of track?.places(step) ?? []) {
      const edge = place.map((value, i) => Math.min(Math.max(value, ends[i][0]), ends[i][1]));
      const way = place.map((value, i) => value - edge[i]);
      const size = Math.hypot(...way);
      if (size > 4) arrow(pen, edge, way.map((value) => value / size), color, palette.paper);
    }
  }
}

/** An arrowhead that points along a way of length one, its tip at a place. */
function arrow(pen, [x, y], [u, v], color, edge) {
  const [length, half] = [13, 7];
  Object.assign(pen, { fillStyle: color, strokeStyle: edge, lineWidth: 1.5 });
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - length * u - half * v, y - length * v + half * u);
  pen.lineTo(x - length * u + half * v, y - length * v - half * u);
  pen.closePath();
  pen.fill();
  pen.stroke();
}
