// The panel: charts of rate, loss and path in one element, drawn with Plotly.react, which keeps zoom and never shows an empty
// chart.
//
// Several elements of the page deliver its data: `setBase` the empty panel with texts, palettes and surfaces, which seldom change;
// `drawPanel` curves and paths, with each move of a slider; `setStops` and `setLate` the results computed after that. They may
// arrive in any order.

import { onKnotsChange } from '../drawn_knots.js';
import { append, create, setText } from '../elements.js';
import { Chart } from './chart.js';
import { saveImage } from './chart_image.js';
import { borderOf, isDark } from './colors.js';
import { rove } from '../roving.js';
import { setTerms } from '../terms.js';
import { loadPlotly, plotly } from './plotly.js';
import { Replay } from './replay.js';
import { Swipe } from './swipe.js';

/**
 * @typedef {object} Base data that Python sends once
 * @property {string} key identifies the panel
 * @property {string} plotly address of Plotly's script, from the root of the app
 * @property {Record<'light' | 'dark', Record<string, string>>} palettes
 * @property {Record<string, any>} words texts of the charts
 * @property {{ words: Record<string, string>, glyphs: Record<string, string> }} replay texts of the replay, signs of verdicts
 * @property {import('../terms.js').Terms} terms
 * @property {Record<string, object>} surfaces figures by token
 */
/**
 * @typedef {object} PanelData data that Python sends with each move
 * @property {string} key
 * @property {import('./chart.js').ChartData[]} charts
 * @property {string[]} runs legend groups of the runs; the first is the run that is replayed
 * @property {import('./replay.js').ReplayData | null} replay
 * @property {string} of identifies the shown setting; stops and late parts with the same value belong to it
 * @property {string} [branch] label of the button that branches cool-downs off the marked step; empty or absent for none
 * @property {boolean} asks whether stops are sent only after a request by `wants_stops`
 * @property {Record<string, [string, string, string]>} verdicts color, sign and word of the verdict on a run by its legend group
 */
/**
 * @typedef {object} Component the argument that Streamlit passes to a component
 * @property {any} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/** The root of the app, where Plotly's address starts. */
const ROOT = new URL('../../../', import.meta.url);

/** Up to this width in pixels a panel is laid out for a phone. */
const NARROW = 620;

/** Legend groups besides the runs, in the legend's order; all others follow them. */
const LINES = ['best', 'limit', 'goal'];

// The data of each panel by its key; they may arrive before the panel. `kept` are the user's changes to the charts: zoom, hidden
// curves and scales. They persist while sliders move, and when the user leaves the page and returns.
/** @type {Map<string, Base>} */
const bases = new Map();
/** @type {Map<string, Component>} */
const drawn = new Map();
/** @type {Map<string, Record<string, object>>} */
const surfaces = new Map();
/** @type {Map<string, any>} */
const stops = new Map();
/** @type {Map<string, any>} */
const late = new Map();
/** @type {Map<string, { zoom: Record<string, number[]>, hidden: Set<string>, scale: Record<string, string> }>} */
const kept = new Map();
/** @type {Map<string, Panel>} */
const panels = new Map();

/**
 * A picture outside of a panel that is saved as panels are.
 *
 * @typedef {object} Drawing
 * @property {Record<string, string>} palette
 * @property {string} font
 * @property {() => import('./chart_image.js').Parts[][]} imageRows
 * @property {() => { text: string, color: string } | null} sentence the sentence below it
 */
/** @type {Map<string, Drawing>} */
const drawings = new Map();

/**
 * Let `savePicture` find a drawing by its key; null removes it.
 *
 * @param {string} key
 * @param {Drawing | null} drawing
 */
export function setDrawing(key, drawing) {
  if (drawing) drawings.set(key, drawing);
  else drawings.delete(key);
}

/** @type {(step: number | null, rate: import('./curves.js').Curve | null) => void} */
let onMarked = () => {};

/**
 * Set the function to call when a step is marked, with the drawn rate of the first run; with null, none is marked.
 *
 * @param {typeof onMarked} follow
 */
export function onMark(follow) {
  onMarked = follow;
}

onKnotsChange(() => panels.forEach(({ charts }) => charts.get('rate')?.showKnots()));
document.addEventListener('click', scrollUp);

/**
 * Mount a panel with its texts, palettes and surfaces.
 *
 * @param {Component} component
 */
export function setBase({ data, parentElement }) {
  const root = parentElement.querySelector('.anneal-panel');
  bases.set(data.key, data);
  setTerms(data.terms, { light, seek });
  root.panel ??= new Panel(root, data.key);
  panels.get(data.key)?.render();
  loadPlotly(new URL(data.plotly, ROOT).href).then(
    () => panels.get(data.key)?.render(),
    () => panels.get(data.key)?.showFailure(data.words.failed),
  );
}

/**
 * Take surfaces of a panel that did not come with its texts.
 *
 * @param {Component} component
 */
export function setSurfaces({ data }) {
  surfaces.set(data.key, data.surfaces);
  panels.get(data.key)?.render();
}

/**
 * Draw the charts of a panel.
 *
 * @param {Component} component
 */
export function drawPanel(component) {
  drawn.set(component.data.key, component);
  panels.get(component.data.key)?.render();
}

/**
 * Replace charts of a panel by newer ones of the same run; of another run, they are ignored.
 *
 * @param {string} key of the panel
 * @param {string} of identifies the run, as in its data
 * @param {import('./chart.js').ChartData[]} charts
 * @returns {boolean} whether the panel shows this run
 */
export function replaceCharts(key, of, charts) {
  const component = drawn.get(key);
  if (component?.data.of !== of) return false;
  const slots = new Set(component.data.charts.map(({ slot }) => slot));
  const newer = new Map(charts.map((chart) => [chart.slot, chart]));
  const kept = component.data.charts.map((chart) => newer.get(chart.slot) ?? chart);
  const added = charts.filter(({ slot }) => !slots.has(slot));
  component.data = { ...component.data, charts: [...kept, ...added] };
  if (charts.length) panels.get(key)?.render();
  return true;
}

/**
 * Forget the charts that an element has brought; it has left the page.
 *
 * @param {Component} component
 */
export function forgetPanel({ parentElement }) {
  for (const [key, component] of drawn) if (component.parentElement === parentElement) drawn.delete(key);
}

/**
 * Remove a panel that has left the page.
 *
 * @param {Component} component
 */
export function removePanel({ parentElement }) {
  parentElement.querySelector('.anneal-panel')?.panel?.remove();
}

/**
 * Store the verdicts at the stops of a replay.
 *
 * @param {Component} component
 */
export function setStops({ data }) {
  stops.set(data.key, data);
  panels.get(data.key)?.replay.takeStops();
}

/**
 * Store lines and readouts that were computed after the charts.
 *
 * @param {Component} component
 */
export function setLate({ data }) {
  late.set(data.key, data);
  panels.get(data.key)?.render();
}

/** Show the handles on all charts, after the server has answered a change of their fields. */
export function showAllHandles() {
  for (const { charts } of panels.values()) for (const chart of charts.values()) chart.showHandles();
}

/**
 * Set the points of lines, and the path of the first run, in a panel that shows these charts. The data that Python has sent are
 * changed, so that the points stay when the panel is drawn again.
 *
 * @param {string} key of the panel
 * @param {string} of identifies the charts
 * @param {Record<string, Record<string, import('./curves.js').Curve>>} lines by slot and legend group
 * @param {{ at: number[], points: Int16Array } | null} path the steps and the packed positions of one seed
 */
export function setPoints(key, of, lines, path) {
  const panel = panels.get(key);
  if (panel?.data?.of === of) panel.setPoints(lines, path);
}

/**
 * Save a picture of all charts of a panel as a PNG, with a verdict and a link below them.
 *
 * @param {string} key of the panel
 * @param {string} file its name
 * @param {{ text: string, color: string } | null} verdict
 * @param {string} link
 * @returns {Promise<boolean>} false if no chart is drawn yet
 */
export async function savePicture(key, file, verdict, link) {
  const drawing = drawings.get(key);
  const panel = drawing ?? panels.get(key);
  const rows = panel?.imageRows() ?? [];
  if (rows.length) await saveImage(rows, panel, file, drawing ? drawing.sentence() : verdict, link);
  return rows.length > 0;
}

/** Light the lines of a legend group in all charts; null lights none. */
function light(group) {
  for (const panel of panels.values()) panel.light(group);
}

/** Move the replay of the first panel that has one to a step. */
function seek(step) {
  [...panels.values()].find(({ replay }) => replay.data)?.replay.seek(step);
}

/** Scroll to the charts after a click on a link to another setting. */
function scrollUp({ target }) {
  if (!target.closest?.('[data-testid="stPageLink-NavLink"]')) return;
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
  for (const { root } of panels.values()) root.closest('[data-testid="stMain"]')?.scrollTo({ top: 0, behavior });
}

export class Panel {
  /**
   * @param {HTMLElement & { panel?: Panel }} root
   * @param {string} key
   */
  constructor(root, key) {
    root.replaceChildren();
    Object.assign(this, { root, key, charts: new Map(), draws: 0, step: null, lit: null });
    this.legend = append(root, 'div', 'legend');
    this.names = append(root, 'div', 'names');
    this.row = append(root, 'div', 'charts');
    this.swipe = new Swipe(this.row, this.names);
    this.rove = rove(root, () => [...root.querySelectorAll('.anneal-legend button, .anneal-chart header button, .anneal-chart .anneal-term')]);
    this.replay = new Replay(this);
    this.resizes = new ResizeObserver(() => [...this.charts.values()].some((chart) => chart.resized()) && this.render());
    panels.set(key, this);
    if (!kept.has(key)) kept.set(key, { zoom: {}, hidden: new Set(), scale: {} });
    this.kept = kept.get(key);
  }

  /** True on Explore, whose first screen has no room for captions of pictures. */
  get quiet() {
    return Boolean(this.root.closest('.st-key-explore'));
  }

  get base() {
    return bases.get(this.key);
  }

  get data() {
    return drawn.get(this.key)?.data;
  }

  /** Request the verdicts at the stops of the replay. */
  ask() {
    drawn.get(this.key)?.setTriggerValue('wants_stops', this.data.of);
  }

  /** Ask for cool-downs from a step. */
  branch(step) {
    drawn.get(this.key)?.setTriggerValue('branch', step);
  }

  get words() {
    return this.base.words;
  }

  get surfaces() {
    return { ...this.base.surfaces, ...surfaces.get(this.key) };
  }

  /** Verdicts at the stops of the replay; undefined until those of the displayed run are known. */
  get stops() {
    const found = stops.get(this.key);
    return found?.stops && found.of === this.data?.of ? found : undefined;
  }

  get runs() {
    return this.data.runs;
  }

  /** The data of the charts, with later additions. */
  get chartData() {
    const more = late.get(this.key);
    if (more?.of !== this.data.of) return this.data.charts;
    return this.data.charts.map((chart) => {
      const added = more.more[chart.slot];
      if (!added) return chart;
      const figure = { ...chart.figure, data: [...chart.figure.data, ...added.lines] };
      return { ...chart, figure, readouts: [...chart.readouts, ...added.readouts] };
    });
  }

  /** Show all available data; charts follow once Plotly is loaded. */
  render() {
    if (!this.base || !this.data || !this.root.isConnected) return;
    const theme = isDark(this.root) ? 'dark' : 'light';
    if (this.theme !== theme) this.applyTheme(theme);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16; // larger where the browser's text is
    this.typeScale = rem * (Number(getComputedStyle(this.root).getPropertyValue('--type')) || 1);
    const { chartData } = this;
    const slots = chartData.map((chart) => chart.slot);
    for (const [slot, chart] of this.charts) {
      if (slots.includes(slot)) continue;
      chart.remove();
      this.charts.delete(slot);
    }
    const added = slots.filter((slot) => !this.charts.has(slot));
    for (const data of chartData) {
      if (!this.charts.has(data.slot)) this.charts.set(data.slot, new Chart(this, data.slot));
      this.charts.get(data.slot).showTexts(data);
    }
    this.row.dataset.charts = String(slots.length);
    for (const [i, slot] of slots.entries()) this.charts.get(slot).element.style.order = i;
    this.showLegend(chartData);
    this.rove();
    this.replay.show(this.data.replay);
    this.narrow = this.quiet && this.root.clientWidth <= NARROW;
    this.swipe.show(slots.map((slot) => this.charts.get(slot)));
    if (this.narrow && this.draws && added.length === 1) this.swipe.to(this.charts.get(added[0]).element);
    if (!plotly()) return;
    for (const chart of this.charts.values()) chart.measure();
    for (const chart of this.charts.values()) chart.draw();
    this.uncover(chartData);
    this.mark(this.step);
    this.root.dataset.draws = String(++this.draws);
  }

  /** Play the replay once if the run of a covered chart has arrived: the chart is uncovered up to the clock. */
  uncover(chartData) {
    const covered = chartData.some(({ figure }) => figure?.layout.meta.cover);
    if (this.covered && !covered && this.data.replay) this.replay.uncover();
    this.covered = covered;
    this.root.toggleAttribute('data-covered', covered);
  }

  /** Set the points of lines by slot and legend group, and the path of the first run; see the function of this name. */
  setPoints(lines, path) {
    const figures = new Map(this.data.charts.map((chart) => [chart.slot, chart.figure]));
    for (const [slot, groups] of Object.entries(lines)) {
      for (const [group, points] of Object.entries(groups)) {
        const { data } = figures.get(slot);
        const i = data.findIndex(({ legendgroup, showlegend }) => legendgroup === group && showlegend !== false);
        if (i < 0) continue;
        Object.assign(data[i], points);
        const zone = data[i + 1]; // the area above a limit ends with its line
        if (zone?.fill && zone.legendgroup === group) zone.x = [points.x[0], points.x.at(-1)];
      }
      if (plotly() && this.charts.get(slot)?.size) this.charts.get(slot).draw();
    }
    const runs = this.data.charts.find((chart) => chart.path)?.path.runs;
    if (path && runs) {
      const track = { ...path, frames: path.at.length, last: path.at.at(-1), seeds: 1 };
      runs[0] = { ...runs[0], path: track, seeds: track };
    }
    this.mark(this.step);
  }

  applyTheme(theme) {
    this.theme = theme;
    this.palette = this.base.palettes[theme];
    this.font = getComputedStyle(this.root).fontFamily;
    for (const [name, color] of Object.entries(this.palette)) this.root.style.setProperty(`--a-${name}`, color);
  }

  /** One legend for all charts; each entry is a button that hides its curves everywhere. */
  showLegend(chartData) {
    const entries = (this.entries = new Map());
    for (const { figure } of chartData)
      for (const trace of figure?.data ?? [])
        if (trace.legendgroup && trace.showlegend !== false && !entries.has(trace.legendgroup)) entries.set(trace.legendgroup, trace);
    for (const button of [...this.legend.children]) if (!entries.has(button.dataset.group)) button.remove();
    const first = [...this.runs, ...LINES];
    this.groups = [...first.filter((group) => entries.has(group)), ...[...entries.keys()].filter((group) => !first.includes(group))];
    for (const group of this.groups) {
      const { name, line } = entries.get(group);
      const button = this.legend.querySelector(`[data-group="${group}"]`) ?? this.addEntry(group);
      button.title = this.words.help[group] ?? '';
      button.style.order = this.groups.indexOf(group);
      button.firstChild.style.borderTop = borderOf(line, this.palette);
      setText(button.children[1], name);
      this.showVerdict(button, this.data.verdicts?.[group]);
      button.setAttribute('aria-pressed', !this.kept.hidden.has(group));
    }
  }

  /** Show the verdict on a run beside its name in the legend, if there is one. */
  showVerdict(button, verdict) {
    if (!verdict) return button.children[2]?.remove();
    const [color, sign, word] = verdict;
    const mark = button.children[2] ?? append(button, 'b');
    setText(mark, [sign, word].join('\u00a0'));
    mark.style.color = `var(--a-${color})`;
  }

  addEntry(group) {
    const button = append(this.legend, 'button', '', { type: 'button', 'data-group': group });
    button.append(create('i', '', { 'aria-hidden': 'true' }), create('span'));
    button.onclick = () => this.toggle(group);
    return button;
  }

  /** Hide the curves of a legend group, or show them again. */
  toggle(group) {
    const { hidden } = this.kept;
    if (!hidden.delete(group)) hidden.add(group);
    this.render();
  }

  /** The parts of the charts' images, in the rows in which they stand on the screen; on a phone one below the other. */
  imageRows() {
    const rows = new Map();
    for (const chart of this.charts.values()) {
      const parts = chart.imageParts();
      const row = this.narrow ? chart.slot : chart.element.offsetTop;
      if (parts) rows.set(row, [...(rows.get(row) ?? []), parts]);
    }
    return [...rows.values()];
  }

  /** Light the lines of a legend group; null lights none. */
  light(group) {
    this.lit = group;
    for (const chart of this.charts.values()) chart.light();
  }

  /** Mark a step on every chart; null removes the mark. */
  mark(step) {
    this.step = step;
    this.follow(step);
    if (this.replay.markStep(step)) return;
    for (const chart of this.charts.values()) chart.mark(step);
  }

  /** Tell the page which step is marked, with the rate of the first run. */
  follow(step) {
    const curve = this.charts.get('rate')?.figure?.data.find((line) => line.legendgroup === this.runs[0] && line.showlegend !== false);
    onMarked(curve ? step : null, curve ?? null);
  }

  showFailure(text) {
    append(this.root, 'p', 'failed', { role: 'alert' }).textContent = text;
  }

  remove() {
    this.resizes.disconnect();
    this.replay.stop();
    for (const chart of this.charts.values()) chart.remove();
    if (panels.get(this.key) === this) panels.delete(this.key);
    this.root.panel = null;
  }
}
