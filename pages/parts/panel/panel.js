// The panel: rate, loss and path in one element, drawn with Plotly.react so that nothing is ever rebuilt, blank or forgotten.
//
// Several elements meet here. The "ground" carries this script, the style and both palettes; another brings surfaces when they
// change; the panel itself brings curves and paths with every move of a slider. Whichever comes first waits.

const hub = (globalThis.annealPanel ??= { waiting: new Map(), grounds: new Map(), panels: new Map(), kept: new Map() });

/** Where the controls tell of the knots of a curve drawn by hand. */
const controls = (globalThis.annealControls ??= { waiting: new Map() });

export default function ({ data }) {
  hub.grounds.set(data.key, data);
  hub.draw = draw;
  if (!hub.lifts) document.addEventListener('click', lift);
  hub.lifts = true;
  controls.moved = () => [...hub.panels.values()].forEach(({ boxes }) => boxes.get('rate')?.showKnots());
  for (const component of hub.waiting.values()) draw(component);
  hub.waiting.clear();
  hub.panels.get(data.key)?.render();
  plotly(data.plotly).then(
    () => hub.panels.get(data.key)?.render(),
    () => hub.panels.get(data.key)?.fail(data.words.failed),
  );
}

/** Plotly, as the server's own plotly package ships it; loaded once for the whole visit. */
function plotly(address) {
  return (hub.plotly ??= new Promise((loaded, failed) => {
    const own = document.querySelector('script[src*="static/js/"]')?.src.split('static/js/')[0];
    const script = document.createElement('script');
    script.src = new URL(address, own ?? document.baseURI);
    script.onload = loaded;
    script.onerror = failed;
    document.head.appendChild(script);
  }));
}

function draw({ data, parentElement }) {
  const root = parentElement.querySelector('.anneal-panel');
  if (!(root.panel instanceof Panel)) root.panel = new Panel(root, data.key);
  root.panel.data = data;
  root.panel.render();
}

/** A link inside the page opens another setting: the charts that show it come back into view. */
function lift({ target }) {
  if (!target.closest?.('[data-testid="stPageLink-NavLink"]')) return;
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
  for (const { root } of hub.panels.values())
    for (const outer of ['stColumn', 'stMain']) root.closest(`[data-testid="${outer}"]`)?.scrollTo({ top: 0, behavior });
}

/** A sample of a line, as a border. */
const sample = ({ dash, color }, palette) => `2px ${{ dash: 'dashed', dot: 'dotted' }[dash] ?? 'solid'} ${resolve(color, palette)}`;

// ---- Axes ---------------------------------------------------------------------------------------------------------------

/** Ticks at 1, 2 or 5 times a power of ten, at most `most` of them. */
function linearTicks([low, high], most, least = 0) {
  const rough = Math.max((high - low) / most, least);
  const power = 10 ** Math.floor(Math.log10(rough));
  const every = (closest) => {
    const step = [1, 2, 5, 10].find((lead) => lead * power >= closest * (1 - 1e-9)) * power;
    const first = Math.ceil(low / step - 1e-9);
    const count = Math.floor(high / step + 1e-9) - first + 1;
    return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  };
  const ticks = every(rough);
  return ticks.length < 3 ? every(Math.max(0.6 * rough, least)) : ticks; // too few say too little: a bit closer, then
}

/** Ticks at powers of ten, some left out when there are many; inside two decades also between them, as many as there is room. */
function logTicks([low, high], most) {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  if (high - low < 1) {
    const inside = linearTicks([10 ** low, 10 ** high], most);
    return inside.filter((value) => value > 0);
  }
  const stride = Math.max(1, Math.ceil((last - first + 1) / most));
  const at = (leads, beyond = 0) => {
    const ticks = [];
    for (let power = first - 1 - beyond; power <= last + beyond; power++) {
      if (power % stride) continue;
      for (const lead of leads) {
        const value = Number(`${lead}e${power}`);
        if (beyond || (value >= 10 ** low * 0.999 && value <= 10 ** high * 1.001)) ticks.push(value);
      }
    }
    return ticks;
  };
  const finer = high - low < 2 ? [[1, 2, 5], [1, 3]] : [];
  return at(finer.find((leads) => at(leads).length <= most + 1) ?? [1], BEYOND);
}

/** The last step has a tick of its own; one that would run into it makes room, each being so many pixels wide. */
function withEnd(ticks, end, pixels, wide) {
  if (end !== Math.floor(end)) return ticks;
  return [...ticks.filter((tick) => ((end - tick) / end) * pixels >= wide), end];
}

/** Ticks that are kept ready outside of a range, so that the range may change without new ones. */
const BEYOND = 30;

/** Ticks at whole epochs, where the range has some of them; else at steps. */
function epochTicks(range, most, epoch) {
  const ticks = linearTicks(range.map((step) => step / epoch), most, 1).map((at) => at * epoch);
  return ticks.length < 3 ? linearTicks(range, most, 1) : ticks;
}

/** Steps, and epochs below them; the first tick says which line is which. */
function epochText(ticks, epoch, { step_tick, epoch_tick }) {
  const lines = ticks.map((step) => [people(step, 7), people(step / epoch, 2)]);
  if (lines.length) lines[0] = [step_tick.replace('{step}', lines[0][0]), epoch_tick.replace('{epoch}', lines[0][1])];
  return lines.map((pair) => pair.join('<br>'));
}

function axis(base, { type, range }, pixels, space, { whole, percent, epoch, words }) {
  const most = Math.max(2, Math.floor(pixels / space));
  const linear = () => (epoch ? epochTicks(range, most, epoch) : linearTicks(range, most, whole ? 1 : 0));
  let tickvals = type === 'log' ? logTicks(range, most) : linear();
  if (type !== 'log' && whole && range[0] === 0) tickvals = withEnd(tickvals, range[1], pixels, epoch ? 44 : 34);
  if (type !== 'log' && range[0] === 0 && !whole && tickvals.length > 1)
    tickvals = Array.from({ length: BEYOND }, (_, i) => Number((i * tickvals[1]).toPrecision(12)));
  const text = (value) => (percent ? `${people(100 * value)} %` : people(value, 4, false));
  const ticktext = epoch ? epochText(tickvals, epoch, words) : tickvals.map(text);
  return { ...base, type, range, tickmode: 'array', tickvals, ticktext, autorange: false };
}

/** On a logarithmic axis there is no zero for a shape to begin at, and names have room only where it starts or before they end. */
const fromOne = (shape) => ({ ...shape, x0: Math.max(1, shape.x0) });
const roomy = ({ label, x0 }) => !label || label.textposition === 'top right' || (label.textposition === 'top left' && x0 === 0);

const plain = (type, range) => (type === 'log' ? range.map((value) => 10 ** value) : range);

/** A range in plain numbers as the axis wants it; a logarithmic axis has no zero and starts where it would untouched. */
function wanted(type, range, untouched) {
  if (type !== 'log') return range;
  const [low, high] = range.map((value) => (value > 0 ? Math.log10(value) : NaN));
  return high > untouched[0] || low < high ? [Number.isNaN(low) ? untouched[0] : low, high] : untouched;
}

// ---- Colors -------------------------------------------------------------------------------------------------------------

function isDark(element) {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}

const isNumber = (value) => typeof value === 'number';

function resolve(value, palette) {
  if (typeof value === 'string') return value[0] === '@' ? palette[value.slice(1)] : value;
  if (Array.isArray(value)) return value.every(isNumber) ? value : value.map((item) => resolve(item, palette));
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, palette)]));
}

// ---- Lines ---------------------------------------------------------------------------------------------------------------
//
// Plotly draws a chart anew in 15 to 25 ms. Where only lines, marks and the ends of the axes have changed, what it has drawn is
// moved instead, in two.

const isLine = ({ mode, visible, text }) => mode === 'lines' && visible !== false && !text;
const isMark = ({ x, visible }) => x?.length === 1 && visible !== false;

/** A trace without what can be moved. */
const fixed = (trace) => (isLine(trace) || isMark(trace) ? { ...trace, x: 0, y: 0, text: !trace.text } : trace);

/** Where a value stands in pixels, null outside of the picture; what a logarithm cannot show stands at the edge, if at all. */
function pixel(axis, value, upright = false) {
  const at = axis.d2p(value);
  const lost = upright ? axis._length : 0;
  const inside = Number.isFinite(at) ? at : lost;
  return inside < -1 || inside > axis._length + 1 ? null : axis._offset + inside;
}

/** As far outside of the picture, in pixels, as a line may lead. */
const FAR = 1e4;

/**
 * Moves the lines that Plotly has drawn, the fills between them, and single marks with their words, to new data. `known` is the
 * data that Plotly has drawn them from. False where the picture is not what is expected; nothing has been moved then.
 */
function moveLines(picture, known, data) {
  const shown = data.filter(({ visible }) => visible !== false);
  const before = known.filter(({ visible }) => visible !== false);
  const nodes = [...picture.querySelectorAll('.scatterlayer > .trace')];
  if (nodes.length !== shown.length) return false;
  const { xaxis, yaxis } = picture._fullLayout;
  const place = (axis, value) => {
    const at = value === null ? NaN : axis.d2p(value);
    return Number.isFinite(at) ? Math.max(-FAR, Math.min(FAR, at)) : null; // a logarithmic axis has no zero
  };
  const point = ({ x, y }, k) => {
    const at = [place(xaxis, x[k]), place(yaxis, y[k])];
    return at.includes(null) ? null : at;
  };
  const moves = [];
  let last = null;
  for (const [i, trace] of shown.entries()) {
    if (isLine(trace)) {
      const line = nodes[i].querySelector('.js-line');
      if (!line) return false;
      const points = trace.x.map((_, k) => point(trace, k)?.map((at) => at.toFixed(2)).join() ?? null);
      const seen = points.filter((at) => at !== null);
      if (trace.fill) {
        const fill = nodes[i - 1]?.querySelector('.js-fill');
        if (!fill || !last) return false;
        moves.push([fill, 'd', `M${last.join('L')}L${seen.toReversed().join('L')}Z`]);
      }
      moves.push([line, 'd', points.map((at, k) => at && `${points[k - 1] ? 'L' : 'M'}${at}`).join('')]);
      last = seen;
    } else if (isMark(trace)) {
      const [from, to] = [point(before[i], 0), point(trace, 0)];
      if (!from || !to) return false;
      const groups = nodes[i].querySelectorAll(':scope > .points, :scope > .text');
      for (const group of groups) moves.push([group, 'transform', `translate(${to[0] - from[0]},${to[1] - from[1]})`]);
      const word = nodes[i].querySelector('.text text');
      if (word && trace.text) moves.push([word, '', trace.text[0]]);
    }
  }
  for (const [node, name, value] of moves) name ? node.setAttribute(name, value) : setText(node, value);
  return true;
}

const unmove = (picture) => {
  for (const group of picture.querySelectorAll('.scatterlayer .trace > [transform]')) group.removeAttribute('transform');
};

/** What is measured in pixels, larger: letters, lines, and the margins that hold letters. */
const LARGER = new Set(['size', 'width', 'l', 'b']);

function enlarged(value, times, key = '') {
  if (times === 1 || !value || typeof value !== 'object') return LARGER.has(key) && isNumber(value) ? value * times : value;
  if (Array.isArray(value)) return value.every(isNumber) ? value : value.map((item) => enlarged(item, times));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, enlarged(item, times, name)]));
}

/** A panel of this width or less is a phone's; pixels between its charts, and the lowest that one may be. */
const NARROW = 620;
const BETWEEN = 8;
const LOWEST = 96;

/** Pixels above the limit that its name needs, so as not to run into the words at the top. */
const ROOM = 30;

/** What the legend names first, in this order; lines of a figure's own come after them. */
const GROUPS = ['run', 'ghost', 'best', 'limit', 'goal'];

// ---- The panel ----------------------------------------------------------------------------------------------------------

function make(tag, name, parent, facts = {}) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  for (const [key, value] of Object.entries(facts)) element.setAttribute(key, value);
  parent?.appendChild(element);
  return element;
}

const setText = (element, text) => element.textContent !== text && (element.textContent = text);

/** A sentence in which no line ends inside a number or before its "%": browsers take the sign of an exponent for a hyphen. */
function setWords(element, text) {
  if (element.textContent === text) return;
  const parts = text.split(/(\d[\d.,]*(?:e-\d+(?: %)?| %))/).map((part, i) => {
    if (i % 2 === 0) return part;
    const number = make('span', 'anneal-number');
    number.textContent = part;
    return number;
  });
  element.replaceChildren(...parts);
}

class Panel {
  constructor(root, key) {
    root.replaceChildren();
    Object.assign(this, { root, key, boxes: new Map(), draws: 0, step: null });
    this.legend = make('div', 'anneal-legend', root);
    this.row = make('div', 'anneal-charts', root);
    this.replay = new Replay(this);
    this.sizes = new ResizeObserver(() => [...this.boxes.values()].some((box) => box.resized()) && this.render());
    hub.panels.set(key, this);
    // What the hand did to the picture outlives slider moves, and leaving the page and coming back.
    if (!hub.kept.has(key)) hub.kept.set(key, { zoom: {}, hidden: new Set(), scale: {} });
    this.kept = hub.kept.get(key);
  }

  get ground() {
    return hub.grounds.get(this.key);
  }

  /** The charts, with the lines and facts that came later than they did. */
  get charts() {
    const late = hub.late?.get(this.key);
    if (late?.of !== this.data.of) return this.data.charts;
    return this.data.charts.map((chart) => {
      const more = late.more[chart.slot];
      if (!more) return chart;
      const figure = { ...chart.figure, data: [...chart.figure.data, ...more.lines] };
      return { ...chart, figure, facts: [...chart.facts, ...more.facts] };
    });
  }

  render() {
    if (!this.ground || !this.data || !this.root.isConnected) return;
    const look = isDark(this.root) ? 'dark' : 'light';
    if (this.look !== look) this.dress(look);
    this.type = Number(getComputedStyle(this.root).getPropertyValue('--type')) || 1;
    const { charts } = this;
    const slots = charts.map((chart) => chart.slot);
    for (const [slot, box] of this.boxes) {
      if (slots.includes(slot)) continue;
      box.end();
      this.boxes.delete(slot);
    }
    for (const chart of charts) {
      if (!this.boxes.has(chart.slot)) this.boxes.set(chart.slot, new Box(this, chart.slot));
      this.boxes.get(chart.slot).label(chart);
    }
    this.row.dataset.charts = slots.length;
    this.showLegend(charts);
    this.replay.follow(this.data.replay);
    this.fit();
    if (!window.Plotly) return;
    for (const box of this.boxes.values()) box.measure(); // all before any is drawn: each look at the page after a change costs
    for (const box of this.boxes.values()) box.draw();
    this.mark(this.step);
    this.root.dataset.draws = ++this.draws;
  }

  /** On a phone the first two charts share what their window leaves them beside the words around them. */
  fit() {
    const stage = this.root.closest('.st-key-explore [data-testid="stColumn"]');
    this.narrow = Boolean(stage) && this.root.clientWidth <= NARROW;
    if (!this.narrow) return this.root.style.removeProperty('--chart-height');
    const first = [...this.boxes.values()].slice(0, 2);
    const above = this.row.getBoundingClientRect().top - stage.getBoundingClientRect().top + stage.scrollTop;
    const words = first.reduce((sum, { element, plot }) => sum + element.offsetHeight - plot.offsetHeight, 0);
    const left = stage.clientHeight - above - words - BETWEEN * (first.length - 1) - this.replay.bar.offsetHeight - BETWEEN;
    const height = Math.round(Math.min(LOWEST * 2, Math.max(LOWEST, left / first.length)));
    this.root.style.setProperty('--chart-height', `${height}px`);
  }

  dress(look) {
    this.look = look;
    this.palette = this.ground.palettes[look];
    this.family = getComputedStyle(this.root).fontFamily;
    this.root.dataset.look = look;
    for (const [name, color] of Object.entries(this.palette)) this.root.style.setProperty(`--a-${name}`, color);
  }

  /** One legend for all charts; a button hides its curves everywhere. */
  showLegend(charts) {
    const entries = (this.entries = new Map());
    for (const { figure } of charts)
      for (const trace of figure?.data ?? [])
        if (trace.legendgroup && trace.showlegend !== false && !entries.has(trace.legendgroup)) entries.set(trace.legendgroup, trace);
    for (const button of [...this.legend.children]) if (!entries.has(button.dataset.group)) button.remove();
    const own = [...entries.keys()].filter((group) => !GROUPS.includes(group));
    this.groups = [...GROUPS.filter((group) => entries.has(group)), ...own];
    for (const group of this.groups) {
      const { name, line } = this.entries.get(group);
      let button = this.legend.querySelector(`[data-group="${group}"]`);
      if (!button) {
        button = make('button', '', this.legend, { type: 'button', 'data-group': group });
        make('i', '', button, { 'aria-hidden': 'true' });
        make('span', '', button);
        button.title = this.ground.words.help[group] ?? '';
        button.onclick = () => this.toggle(group);
      }
      button.style.order = this.groups.indexOf(group);
      button.firstChild.style.borderTop = sample(line, this.palette);
      setText(button.lastChild, name);
      button.setAttribute('aria-pressed', !this.kept.hidden.has(group));
    }
  }

  toggle(group) {
    const { hidden } = this.kept;
    if (!hidden.delete(group)) hidden.add(group);
    this.render();
  }

  /** Show one step on every chart; null takes the mark away. */
  mark(step) {
    this.step = step;
    if (this.replay.holds(step)) return;
    for (const box of this.boxes.values()) box.mark(step);
  }

  fail(text) {
    make('p', 'anneal-failed', this.root, { role: 'alert' }).textContent = text;
  }

  end() {
    this.sizes.disconnect();
    this.replay.pause();
    for (const box of this.boxes.values()) box.end();
    if (hub.panels.get(this.key) === this) hub.panels.delete(this.key);
    this.root.panel = null;
  }
}

// ---- One chart of it ----------------------------------------------------------------------------------------------------

class Box {
  constructor(panel, slot) {
    Object.assign(this, { panel, slot, drawn: {}, ours: 0 });
    this.element = make('section', 'anneal-chart', panel.row, { 'data-slot': slot });
    const head = make('header', '', this.element);
    this.title = make('h4', '', head);
    this.subtitle = make('small', '', head);
    this.reading = make('span', 'anneal-reading', head, { 'aria-hidden': 'true' });
    this.switches = make('span', 'anneal-switches', head);
    this.keep = make('button', 'anneal-save', head, { type: 'button' });
    this.keep.innerHTML = SAVE;
    this.keep.onclick = () => this.save();
    this.plot = make('div', 'anneal-plot', this.element);
    this.picture = make('div', 'anneal-picture', this.plot, { role: 'img' });
    this.canvas = make('canvas', '', this.plot, { 'aria-hidden': 'true' });
    this.knots = make('div', 'anneal-grips', this.plot, { 'aria-hidden': 'true' });
    this.facts = make('dl', 'anneal-facts', this.element);
    this.caption = make('p', 'anneal-caption', this.element);
    this.plot.addEventListener('pointermove', (event) => panel.mark(this.stepAt(event)));
    this.plot.addEventListener('pointerdown', (event) => {
      if (this.behind) this.catchUp(); // a zoom may begin
      panel.mark(this.stepAt(event));
    });
    this.plot.addEventListener('pointerleave', () => panel.mark(null));
    panel.sizes.observe(this.plot);
  }

  get figure() {
    return this.chart.figure ?? hub.surfaces?.get(this.panel.key)?.[this.chart.token];
  }

  /** Everything in words: title, switches, facts, and what the picture says to those who cannot see it. */
  label(chart) {
    this.chart = chart;
    const { figure } = this;
    if (!figure) return;
    const { title, meta } = figure.layout;
    setText(this.title, title.text);
    setText(this.subtitle, title.subtitle.text);
    setWords(this.caption, meta.caption);
    const { save, help } = this.panel.ground.words;
    this.subtitle.title = help.seeds;
    this.element.toggleAttribute('data-stale', chart.stale);
    this.keep.title = save;
    this.keep.setAttribute('aria-label', `${save}: ${title.text}`);
    this.picture.setAttribute('aria-label', chart.alt || meta.alt);
    for (const name of ['x', 'y']) this.showSwitch(name, meta[name].log);
    while (this.facts.children.length > chart.facts.length) this.facts.lastChild.remove();
    chart.facts.forEach(([name, value], i) => {
      const fact = this.facts.children[i] ?? make('div', '', this.facts);
      setText(fact.firstChild ?? make('dt', '', fact), name);
      setText(fact.children[1] ?? make('dd', '', fact), value);
    });
  }

  showSwitch(name, possible) {
    let button = this.switches.querySelector(`[data-axis=${name}]`);
    if (!possible) return button?.remove();
    const { words } = this.panel.ground;
    if (!button) {
      button = make('button', '', this.switches, { type: 'button', 'data-axis': name, title: words[`log_${name}_help`] });
      button.textContent = words[`log_${name}`];
      button.onclick = () => {
        this.panel.kept.scale[this.axisKey(name)] = this.scale(name) === 'log' ? 'linear' : 'log';
        this.panel.render();
      };
    }
    button.setAttribute('aria-pressed', this.scale(name) === 'log');
  }

  /** The step axis is one for all charts; each value axis is its own. */
  axisKey(name) {
    return name === 'x' ? 'x' : this.slot;
  }

  scale(name) {
    const { log, scale } = this.figure.layout.meta[name];
    return log ? (this.panel.kept.scale[this.axisKey(name)] ?? scale) : 'linear';
  }

  view(name) {
    const type = this.scale(name);
    if (name === 'y' && this.held) return { type, range: this.held };
    const untouched = this.figure.layout.meta[name][type];
    const zoom = this.steps ? this.panel.kept.zoom[this.axisKey(name)] : null;
    return { type, range: zoom ? wanted(type, zoom, untouched) : untouched };
  }

  /** Whether the picture runs over steps; otherwise it is a surface, drawn once, with the path on a canvas over it. */
  get steps() {
    return !this.chart.token;
  }

  measure() {
    this.size = [this.plot.clientWidth, this.plot.clientHeight];
  }

  resized() {
    return String([this.plot.clientWidth, this.plot.clientHeight]) !== String(this.drawn.size);
  }

  draw() {
    const { figure, panel, chart, size } = this;
    if (!figure || !size[0]) return;
    const now = { size, token: chart.token, look: panel.look, type: panel.type };
    const same = !this.steps && Object.keys(now).every((key) => String(now[key]) === String(this.drawn[key]));
    if (!same) this.react(figure, size);
    this.drawn = now;
    this.context = fit(this.canvas, ...size);
    this.showKnots();
  }

  // The knots of a curve drawn by hand: handles on the curve itself, for the control beside the charts, which has keys too.

  showKnots() {
    const frame = this.figure?.layout.meta.knots;
    const { _fullLayout: full } = this.picture;
    const control = controls.knots;
    const shown = frame && full && control?.root.isConnected && !this.panel.kept.hidden.has('run') ? control.value : [];
    while (this.knots.children.length > shown.length) this.knots.lastChild.remove();
    shown.forEach(([at, height], i) => {
      const grip = this.knots.children[i] ?? this.addGrip(i);
      const [x, y] = [pixel(full.xaxis, frame.start + at * frame.steps), pixel(full.yaxis, height * frame.peak, true)];
      grip.hidden = x === null || y === null;
      if (!grip.hidden) grip.style.transform = `translate(${x}px, ${y}px)`;
    });
  }

  addGrip(i) {
    const grip = make('i', '', this.knots);
    grip.onpointerdown = (event) => {
      event.preventDefault();
      if (event.button !== 0) return;
      this.held = this.view('y').range; // the picture holds still under the hand
      const at = ({ clientX, clientY }) => {
        const { xaxis, yaxis } = this.picture._fullLayout;
        const { left, top } = this.plot.getBoundingClientRect();
        const { start, steps, peak } = this.figure.layout.meta.knots;
        const [x, y] = [xaxis.p2d(clientX - left - xaxis._offset), yaxis.p2d(clientY - top - yaxis._offset)];
        return [(x - start) / steps, y / peak];
      };
      controls.knots.drag(event, grip, i, at, () => {
        this.held = null;
      });
    };
    return grip;
  }

  react(figure, [width, height]) {
    const { kept, palette, family, type } = this.panel;
    const { margin, ...layout } = enlarged(resolve(figure.layout, palette), type);
    const inner = [width - margin.l - margin.r, height - margin.t - margin.b];
    const data = enlarged(resolve(figure.data, palette), type).map((trace) => this.shown(trace, inner[1]));
    const linear = this.scale('y') === 'linear';
    Object.assign(layout, {
      width, height, margin,
      title: undefined, showlegend: false, hovermode: false, meta: undefined,
      dragmode: this.steps && matchMedia('(pointer: fine)').matches ? 'zoom' : false,
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      font: { ...layout.font, family },
      xaxis: axis(layout.xaxis, this.view('x'), inner[0], 62 * type, {
        whole: this.steps && !figure.layout.meta.real, epoch: figure.layout.meta.epoch, words: this.panel.ground.words,
      }),
      yaxis: axis(layout.yaxis, this.view('y'), inner[1], (linear ? 26 : 15) * type, { percent: figure.layout.meta.percent }),
      shapes: this.scale('x') === 'log' ? layout.shapes?.filter(roomy).map(fromOne) : layout.shapes,
      annotations: kept.hidden.has('limit') ? [] : layout.annotations?.filter(({ name }) =>
        name === 'zone' ? this.roomAtTop(data, inner[1]) : linear || name !== 'linear only'),
    });
    this.wanted = { data, layout };
    const axes = ['xaxis', 'yaxis'];
    const frame = { ...layout, ...Object.fromEntries(axes.map((name) => [name, { ...layout[name], range: 0 }])) };
    const still = JSON.stringify([frame, data.map(fixed)]);
    if (still !== this.still || !this.follow()) this.catchUp();
    this.still = still;
    if (!this.listening) this.listen();
  }

  /** Whether the words at the top right stand clear of the limit and of every curve. */
  roomAtTop(data, height) {
    const { type, range } = this.view('y');
    const [, high] = plain(type, [range[0], range[1] - (ROOM / 2 / height) * (range[1] - range[0])]);
    const middle = 0.4 * plain(this.scale('x'), this.view('x').range)[1];
    return !data.some((trace) => isLine(trace) && trace.line.width && trace.x.some((at, k) => at > middle && trace.y[k] > high));
  }

  /** Move what Plotly has drawn; whether that was possible. */
  follow() {
    const { data, layout } = this.wanted;
    const { _fullLayout: full } = this.picture;
    const moved = ['xaxis', 'yaxis'].filter((name) => String(full[name].range) !== String(layout[name].range));
    if (moved.length) {
      this.ours += 1; // Plotly tells of this as it tells of a zoom
      Plotly.relayout(this.picture, Object.fromEntries(moved.map((name) => [`${name}.range`, [...layout[name].range]])));
    }
    this.behind = moveLines(this.picture, this.known, data);
    return this.behind;
  }

  /** Hand everything to Plotly. Until then it may know older data than what is seen (see `moveLines`). */
  catchUp() {
    const config = { displayModeBar: false, doubleClick: false, showTips: false, staticPlot: !this.steps };
    unmove(this.picture);
    Plotly.react(this.picture, this.wanted.data, this.wanted.layout, config);
    this.known = this.wanted.data;
    this.behind = false;
  }

  /** A trace as this view shows it: hidden by the legend or not, and a cross that must be seen moved to the edge. */
  shown(trace, height) {
    if (this.panel.kept.hidden.has(trace.legendgroup)) return { ...trace, visible: false };
    const { type, range } = this.view('y');
    if (trace.text && trace.legendgroup === 'limit') {
      const at = type === 'log' ? Math.log10(trace.y[0]) : trace.y[0];
      const room = ((range[1] - at) / (range[1] - range[0])) * height;
      return { ...trace, visible: room > ROOM }; // the legend names it too
    }
    if (!trace.meta?.keep) return trace;
    const [low, high] = plain(type, [range[0], range[0] + (range[1] - range[0]) * 0.95]);
    return { ...trace, y: trace.y.map((y) => Math.min(Math.max(y, low), high)) };
  }

  listen() {
    this.listening = true;
    this.picture.on('plotly_relayout', (change) => {
      if (this.ours > 0) {
        this.ours -= 1;
        return;
      }
      for (const name of ['x', 'y'])
        if (Object.keys(change).some((key) => key.startsWith(`${name}axis.range`))) {
          const { type, range } = this.picture.layout[`${name}axis`];
          this.panel.kept.zoom[this.axisKey(name)] = plain(type, range);
        }
      this.panel.render();
    });
    this.picture.on('plotly_doubleclick', () => {
      delete this.panel.kept.zoom.x;
      delete this.panel.kept.zoom[this.slot];
      this.panel.render();
    });
  }

  // The mark: a step on every chart at once.

  stepAt({ clientX, clientY }) {
    const { _fullLayout: full } = this.picture;
    if (!full || !this.steps || this.figure.layout.meta.still) return null;
    const { left, top } = this.plot.getBoundingClientRect();
    const { xaxis, yaxis } = full;
    const [x, y] = [clientX - left - xaxis._offset, clientY - top - yaxis._offset];
    if (x < 0 || x > xaxis._length || y < 0 || y > yaxis._length) return null;
    return Math.max(0, xaxis.p2d(x));
  }

  mark(step) {
    if (!this.context || !this.figure) return; // a new surface may come after its path
    this.context.clearRect(0, 0, ...this.drawn.size);
    delete this.element.dataset.marked;
    if (!this.steps) return this.drawPath(step);
    if (step !== null) this.drawMark(step);
  }

  /** The curves that the legend names and shows, in its order. */
  get curves() {
    const named = this.figure.data.filter(({ showlegend }) => showlegend !== false);
    const seen = this.panel.groups.filter((group) => group !== 'goal' && !this.panel.kept.hidden.has(group));
    return seen.flatMap((group) => named.filter((trace) => trace.legendgroup === group));
  }

  /** The run's losses around a moment, where they are known better than the drawn curve says, which leaves steps out. */
  exact(curve, at) {
    return this.slot === 'loss' && curve.legendgroup === 'run' && this.panel.replay.known(at, curve.x.at(-1));
  }

  drawMark(step) {
    const { palette, ground } = this.panel;
    const { curves } = this;
    const leader = curves.find(({ x }) => step <= x.at(-1) + 0.5);
    if (!leader) return;
    // One and the same step on all charts, although each is drawn from points of its own.
    const drawn = () => leader.x.reduce((best, x) => (Math.abs(x - step) < Math.abs(best - step) ? x : best));
    const at = this.figure.layout.meta.real ? drawn() : Math.min(Math.round(step), leader.x.at(-1));
    const { xaxis, yaxis } = this.picture._fullLayout;
    const x = xaxis._offset + xaxis.d2p(at);
    const { context: pen } = this;
    pen.strokeStyle = palette.axis;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(Math.round(x) + 0.5, yaxis._offset);
    pen.lineTo(Math.round(x) + 0.5, yaxis._offset + yaxis._length);
    pen.stroke();
    const readings = [];
    for (const curve of curves) {
      const value = reading(this.exact(curve, at) || curve, at);
      if (value === null) continue;
      const y = yaxis._offset + yaxis.d2p(value);
      const inside = y >= yaxis._offset && y <= yaxis._offset + yaxis._length;
      if (inside) dot(pen, [x, y], 3.5, resolve(curve.line.color, palette), palette.paper);
      readings.push([curve.line, this.figure.layout.meta.percent ? `${people(100 * value)} %` : people(value, 3, false)]);
    }
    const { epoch, word = ground.words.step } = this.figure.layout.meta;
    const { step_at: both } = ground.words;
    const place = epoch ? both.replace('{step}', people(at)).replace('{epoch}', people(Math.floor(at / epoch))) : `${word} ${people(at)}`;
    this.showReading(place, readings);
  }

  /** The marked step in numbers, in the place of the switches: nothing is laid over the curves. */
  showReading(step, readings) {
    this.reading.replaceChildren(step);
    for (const [line, text] of readings) {
      const item = make('span', '', this.reading);
      make('i', '', item).style.borderTop = sample(line, this.panel.palette);
      item.append(text);
    }
    this.element.dataset.marked = '';
  }

  /** Saves the chart as it is seen, with title and legend above it: a picture made by this browser, for this look. */
  async save() {
    if (!this.drawn.size) return;
    const { palette, family, entries, kept, ground } = this.panel;
    const [width, height] = this.drawn.size;
    const shown = this.steps ? new Set(this.figure.data.map((trace) => trace.legendgroup)) : new Set(['run', 'ghost']);
    const legend = this.panel.groups.filter((group) => shown.has(group) && !kept.hidden.has(group));
    if (this.behind) this.catchUp();
    const plot = new Image();
    plot.src = await Plotly.toImage(this.picture, { format: 'png', width, height, scale: SHARP });
    await plot.decode();
    const sheet = document.createElement('canvas');
    const pen = sheet.getContext('2d');
    pen.font = `12px ${family}`;
    const rows = [[]];
    let x = EDGE;
    for (const { name, line } of legend.map((group) => entries.get(group))) {
      const wide = 28 + pen.measureText(name).width + 18;
      if (x > EDGE && x + wide - 18 > width + EDGE) {
        rows.push([]);
        x = EDGE;
      }
      rows.at(-1).push({ name, line, x });
      x += wide;
    }
    const head = HEAD + ROW * (rows.length - 1);
    Object.assign(sheet, { width: SHARP * (width + 2 * EDGE), height: SHARP * (height + head + EDGE) });
    pen.scale(SHARP, SHARP);
    pen.fillStyle = palette.paper;
    pen.fillRect(0, 0, sheet.width, sheet.height);
    x = EDGE + write(pen, [EDGE, 24], this.title.textContent, `600 15px ${family}`, palette.ink) + 10;
    write(pen, [x, 24], this.subtitle.textContent, `12px ${family}`, palette.muted);
    for (const [i, row] of rows.entries())
      for (const { name, line, x: left } of row) {
        const middle = 42 + ROW * i;
        Object.assign(pen, { strokeStyle: resolve(line.color, palette), lineWidth: 2 });
        pen.setLineDash({ dash: [5, 3], dot: [2, 2] }[line.dash] ?? []);
        pen.beginPath();
        pen.moveTo(left, middle);
        pen.lineTo(left + 22, middle);
        pen.stroke();
        write(pen, [left + 28, middle + 4], name, `12px ${family}`, palette.ink);
      }
    for (const layer of [plot, this.canvas]) pen.drawImage(layer, EDGE, head, width, height);
    const link = make('a', '', null, { href: sheet.toDataURL('image/png'), download: ground.words.picture.replace('{slot}', this.slot) });
    link.click();
  }

  /** The path, over the surface; up to its end, with its points at the marked step. */
  drawPath(step) {
    const { path } = this.chart;
    const { _fullLayout: full } = this.picture;
    if (!path || !full) return;
    const { xaxis, yaxis } = full;
    if (path.decisions) return this.drawDecision(step);
    const scale = [xaxis, yaxis].map((ax, i) => {
      const [low, high] = path.view[i].map((value) => ax._offset + ax.d2p(value));
      return { middle: (low + high) / 2, unit: ((high - low) / 2) * (path.around / 32767) };
    });
    const hidden = (name) => this.panel.kept.hidden.has(name.startsWith('ghost') ? 'ghost' : 'run');
    const height = path.axes === 1 ? heights(this.figure.data[0], xaxis, yaxis) : null;
    const tracks = {};
    for (const [name, track] of Object.entries(path.tracks))
      if (!hidden(name)) tracks[name] = this.panel.replay.track(track, scale, height);
    const { context: pen } = this;
    pen.save();
    pen.beginPath();
    pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    pen.clip();
    const draw = this.figure.layout.meta.kind === 'contour' ? drawOnMap : drawOnCurve;
    draw(pen, this.panel.palette, tracks, step, yaxis._offset);
    drawWayOut(pen, this.panel.palette, tracks, step, [xaxis, yaxis]);
    pen.restore();
  }

  /** What the network says at each place, at a step or at the end, and over it the points that it learns from. */
  drawDecision(step) {
    const { chart: { path }, context: pen, panel: { palette, kept, replay } } = this;
    const { xaxis, yaxis } = this.picture._fullLayout;
    pen.save();
    pen.beginPath();
    pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    pen.clip();
    if (!kept.hidden.has('run')) {
      const { places } = path;
      const [side, height] = [xaxis, yaxis].map((ax) => ax._length / (places - 1)); // the outermost places lie on the edge
      const said = decided(path, step, replay.playing);
      const corner = [xaxis._offset - side / 2, yaxis._offset - height / 2];
      pen.drawImage(painted(said, places, palette), ...corner, side * places, height * places);
    }
    const { x, y, label } = this.figure.layout.meta.examples;
    label.forEach((one, i) => {
      const at = [xaxis._offset + xaxis.d2p(x[i]), yaxis._offset + yaxis.d2p(y[i])];
      if (one) dot(pen, at, 3, palette.run, palette.paper);
      else square(pen, at, 5, palette.bouncing, palette.paper);
    });
    pen.restore();
  }

  end() {
    this.panel.sizes.unobserve(this.plot);
    if (window.Plotly) Plotly.purge(this.picture);
    this.element.remove();
  }
}

// ---- Ink ----------------------------------------------------------------------------------------------------------------

const GONE = -32768;
const CROWDED = 60; // of so many balls each is drawn smaller, and smaller still where a heap would leave the picture

// A saved picture: pixels for each one on the screen, air around it, room for the title and a row of the legend, each
// further row, and the button's icon.
const SHARP = 2;
const EDGE = 12;
const HEAD = 58;
const ROW = 18;
const SAVE = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 2.5v9.5m-4-4 4 4 4-4M3.5 13v3.5h13V13"/></svg>';

/** A canvas of this size in sharp pixels, cleared. */
function fit(canvas, width, height) {
  const sharp = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
    Object.assign(canvas, { width: Math.round(width * sharp), height: Math.round(height * sharp) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  return pen;
}

/** Where seeds went, in pixels: a track packed by schedules/figures/path.py on the scale of this picture. */
class Track {
  constructor(track, scale, height) {
    track.points ??= new Int16Array(Uint8Array.from(atob(track.data), (letter) => letter.charCodeAt(0)).buffer);
    Object.assign(this, track, { scale, height });
  }

  /** Where a seed was in a frame; null once it is gone. On a landscape only x is sent: the height is that of the curve. */
  place(frame, seed = 0) {
    const i = (this.height ? 1 : 2) * (frame * this.seeds + seed);
    if (this.points[i] === GONE) return null;
    const [x, y] = this.scale.map(({ middle, unit }, axis) => middle + unit * this.points[i + axis]);
    return [x, this.height ? this.height(x) : y];
  }

  /** The frame of a step, between two frames where the step is; the last one without a step. */
  moment(step) {
    if (step === null || step >= this.last || this.frames === 1) return this.frames - 1;
    if (!this.at) return (step / this.last) * (this.frames - 1);
    const after = this.at.findIndex((at) => at > step);
    return after - (this.at[after] - step) / (this.at[after] - this.at[after - 1]);
  }

  frame(step) {
    return Math.round(this.moment(step));
  }

  /** Where every seed was at a step. */
  places(step) {
    return Array.from({ length: this.seeds }, (_, seed) => this.place(this.frame(step), seed)).filter(Boolean);
  }

  *steps(seed = 0) {
    for (let frame = 0; frame < this.frames; frame++) {
      const point = this.place(frame, seed);
      if (!point) return;
      yield point;
    }
  }
}

/** The height in pixels of the one drawn curve at a place in pixels; level beyond its ends. */
function heights({ x, y }, xaxis, yaxis) {
  const [from, to] = [x[0], x.at(-1)].map((value) => xaxis._offset + xaxis.d2p(value));
  const height = y.map((value) => yaxis._offset + yaxis.d2p(value));
  return (at) => {
    const place = Math.min(Math.max((at - from) / (to - from), 0), 1) * (x.length - 1); // its points stand at even distances
    const i = Math.min(Math.floor(place), x.length - 2);
    return height[i] + (place - i) * (height[i + 1] - height[i]);
  };
}

/** The decisions at a step, from 0 to 255; between two that are known a mixture of both while they move, else the nearer. */
function decided(path, step, moves) {
  const { at, places } = path;
  path.bytes ??= Uint8Array.from(atob(path.decisions), (letter) => letter.charCodeAt(0));
  const frame = (i) => path.bytes.subarray(i * places ** 2, (i + 1) * places ** 2);
  const after = step === null ? -1 : at.findIndex((known) => known > step);
  if (after < 0) return frame(at.length - 1);
  const share = (step - at[after - 1]) / (at[after] - at[after - 1]);
  const [from, to] = [frame(after - 1), frame(after)];
  return moves ? Float32Array.from(from, (value, i) => value + share * (to[i] - value)) : share < 0.5 ? from : to;
}

/** Decisions as a picture, a pixel for each place: the surer, the deeper the color. They are sent from below upwards. */
function painted(said, places, palette) {
  const sheet = document.createElement('canvas');
  Object.assign(sheet, { width: places, height: places });
  const pen = sheet.getContext('2d');
  const image = pen.createImageData(places, places);
  const [no, yes] = [palette.bouncing, palette.run].map((color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)));
  said.forEach((value, i) => {
    const pixel = 4 * ((places - 1 - Math.floor(i / places)) * places + (i % places));
    image.data.set([...(value > 127.5 ? yes : no), Math.abs(value - 127.5)], pixel);
  });
  pen.putImageData(image, 0, 0);
  return sheet;
}

/** Over a contour: lines, faint for the other seeds; a ring at the start, a dot at the end. */
function drawOnMap(pen, palette, { run, cloud, ghost }, step) {
  const { run: color, ghost: grey, paper } = palette;
  pen.lineJoin = 'round';
  if (ghost) {
    stroke(pen, ghost.steps(), grey, 1.25, 0.85);
    for (const point of ghost.places(step)) dot(pen, point, 4, grey, paper);
  }
  if (!run) return;
  for (let seed = 1; seed < cloud.seeds; seed++) stroke(pen, cloud.steps(seed), color, 1, 0.2);
  stroke(pen, run.steps(), color, 1.5, 1);
  dot(pen, run.place(0), 4, paper, color);
  for (const point of cloud.places(step).slice(1)) dot(pen, point, 3, color, paper);
  for (const point of run.places(step)) dot(pen, point, 5, color, paper);
}

/** On a landscape: a haze of where seed 0 has been, and where every seed stands, heaped up where they meet, below `top`. */
function drawOnCurve(pen, palette, { run, cloud, ghost_ends: ghosts }, step, top) {
  const { run: color, ghost: grey, paper } = palette;
  for (const point of run?.steps() ?? []) dot(pen, point, 2, color, null, 0.18);
  const standing = [
    ...(cloud?.places(step) ?? []).map((point) => [point, color]),
    ...(step === null ? (ghosts?.places(step) ?? []) : []).map((point) => [point, grey]),
  ];
  const places = standing.map(([place]) => place);
  let radius = standing.length > CROWDED ? 3 : 4.5;
  let heaped = heap(places, radius);
  while (radius > 1 && heaped.some(([, y], i) => y < top + radius && places[i][1] > top + 2 * radius)) heaped = heap(places, (radius *= 0.8));
  heaped.forEach((at, i) => dot(pen, at, radius, standing[i][1], radius < 2 ? null : paper));
}

/** Balls of this radius at these places on a curve, each as far up as it must be to lie on those before it. */
function heap(places, radius) {
  const heaped = [];
  for (const [x, y] of places) {
    const at = [x, y - radius - 1.5];
    while (heaped.some(([u, v]) => Math.hypot(u - at[0], v - at[1]) < 2 * radius - 0.5)) at[1] -= 1;
    heaped.push(at);
  }
  return heaped;
}

/** Writes a text and tells how wide it is. */
function write(pen, [x, y], text, font, color) {
  Object.assign(pen, { font, fillStyle: color });
  pen.fillText(text, x, y);
  return pen.measureText(text).width;
}

/** The height of a drawn curve at a step inside it; null beyond its ends and in its gaps. */
function reading({ x, y }, step) {
  const i = x.findIndex((value) => value >= step);
  if (i < 0 || step < x[0]) return null;
  if (x[i] === step) return y[i];
  if (y[i] === null || y[i - 1] === null) return null;
  return y[i - 1] + ((y[i] - y[i - 1]) * (step - x[i - 1])) / (x[i] - x[i - 1]);
}

function stroke(pen, points, color, width, alpha) {
  Object.assign(pen, { strokeStyle: color, lineWidth: width, globalAlpha: alpha });
  pen.beginPath();
  for (const point of points) pen.lineTo(...point);
  pen.stroke();
  pen.globalAlpha = 1;
}

function dot(pen, [x, y], radius, color, edge, alpha = 1) {
  Object.assign(pen, { fillStyle: color, strokeStyle: edge, lineWidth: 1.5, globalAlpha: alpha });
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
  if (edge) pen.stroke();
  pen.globalAlpha = 1;
}

function square(pen, [x, y], side, color, edge) {
  Object.assign(pen, { fillStyle: color, strokeStyle: edge, lineWidth: 1.5 });
  pen.beginPath();
  pen.rect(x - side / 2, y - side / 2, side, side);
  pen.fill();
  pen.stroke();
}
