// One chart of the panel: title, readouts, Plotly's chart, and a canvas over it for marks and paths.

import { append, fill, setSentence, setText } from '../elements.js';
import { formatNumber, formatPercent } from '../numbers.js';
import { markTerms } from '../terms.js';
import { makeAxis, shapesOn, toNumbers, toRange } from './axes.js';
import { clipTo, drawArrow, drawDot, drawLine, resizeCanvas } from './canvas.js';
import { saveImage } from './chart_image.js';
import { borderOf, enlarged, withColors } from './colors.js';
import { curveHeight, heightAt, valueAt } from './curves.js';
import { drawDecisions, drawExamples } from './decisions.js';
import { activeHandle, listenForStart, showHandles } from './handles.js';
import { showKnots } from './knot_handles.js';
import { plotly } from './plotly.js';
import { fixedPart, isLine, moveLines, resetMarks } from './plotly_lines.js';
import { drawExits, drawFirstStep, drawOnContour, drawOnCurve } from './run_paths.js';

/**
 * @typedef {object} ChartData data of a chart from Python (pages/parts/panel/panel.py)
 * @property {string} slot
 * @property {any} figure null for a surface, which is sent once per token
 * @property {[string, string][]} readouts
 * @property {any} path
 * @property {string} token
 * @property {string} alt
 * @property {string} [caption] in place of the figure's own
 * @property {boolean} stale
 */

/** Pixels that the name of the stability limit needs between it and the handles, so that it does not touch the text there. */
const LIMIT_LABEL = 30;
const EDGE_HANDLE = 17; // pixels by which the text at the top right stands lower, below the handles at the edge, if it has room

/** Width of a letter over the size of its font, on average. */
const LETTER = 0.45;

/** Pixels for a value among the readings of more curves than a header has room for, and for the title with the step. */
const READING = 72;
const TITLE = 170;

const SAVE_ICON = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 2.5v9.5m-4-4 4 4 4-4M3.5 13v3.5h13V13"/></svg>';

export class Chart {
  /**
   * @param {import('./panel.js').Panel} panel
   * @param {string} slot
   */
  constructor(panel, slot) {
    Object.assign(this, { panel, slot, drawn: {}, ownRelayouts: 0 });
    this.element = append(panel.row, 'section', 'chart', { 'data-slot': slot });
    const head = append(this.element, 'header');
    this.title = append(head, 'h4');
    this.subtitle = append(head, 'small');
    this.reading = append(head, 'span', 'reading', { 'aria-hidden': 'true' });
    this.switches = append(head, 'span', 'switches');
    this.saveButton = append(head, 'button', 'save', { type: 'button' });
    this.saveButton.innerHTML = SAVE_ICON;
    this.saveButton.onclick = () => this.save();
    this.plot = append(this.element, 'div', 'plot');
    this.picture = append(this.plot, 'div', 'picture', { role: 'img' });
    this.canvas = append(this.plot, 'canvas', '', { 'aria-hidden': 'true' });
    this.knots = append(this.plot, 'div', 'knot-handles', { 'aria-hidden': 'true' });
    this.sheet = append(this.plot, 'p', 'sheet', { hidden: '' });
    this.handles = append(this.plot, 'div', 'handles');
    listenForStart(this);
    this.readouts = append(this.element, 'dl', 'readouts');
    this.caption = append(this.element, 'p', 'caption');
    this.plot.addEventListener('pointermove', (event) => panel.mark(this.stepAt(event)));
    this.plot.addEventListener('pointerdown', (event) => {
      if (this.behind) this.redraw(); // a zoom may begin
      panel.mark(this.stepAt(event));
    });
    this.plot.addEventListener('pointerleave', () => panel.mark(null));
    panel.resizes.observe(this.plot);
  }

  /** The figure to draw; undefined if its surface has not arrived yet. */
  get figure() {
    return this.data.figure ?? this.panel.surfaces[this.data.token];
  }

  /** True if it is drawn over steps; else it is a surface, drawn once, with paths on the canvas. */
  get overSteps() {
    return !this.data.token;
  }

  // ---- Texts ------------------------------------------------------------------------------------------------------------

  /**
   * Show title, switches, readouts, and the text alternative.
   *
   * @param {ChartData} data
   */
  showTexts(data) {
    this.data = data;
    const { figure } = this;
    if (!figure) return;
    const { words } = this.panel;
    const { title, meta } = figure.layout;
    setText(this.title, title.text);
    setText(this.subtitle, title.subtitle.text);
    const quiet = !this.overSteps && this.panel.quiet; // how to read a picture is a tooltip where room is short
    const caption = data.caption || meta.caption;
    setSentence(this.caption, quiet ? '' : caption);
    this.title.title = quiet ? caption : '';
    this.subtitle.title = words.help[meta.subtitle_help] ?? '';
    setText(this.sheet, meta.cover ?? '');
    this.element.toggleAttribute('data-stale', data.stale);
    this.saveButton.hidden = Boolean(meta.cover);
    this.saveButton.title = words.save;
    this.saveButton.setAttribute('aria-label', fill(words.save_chart, { title: title.text }));
    this.picture.setAttribute('aria-label', data.alt || meta.alt);
    for (const name of ['x', 'y']) this.showSwitch(name, meta[name].log && !meta.fixed);
    while (this.readouts.children.length > data.readouts.length) this.readouts.lastChild.remove();
    data.readouts.forEach(([name, value], i) => {
      const readout = this.readouts.children[i] ?? append(this.readouts, 'div');
      setText(readout.children[0] ?? append(readout, 'dt'), name);
      setText(readout.children[1] ?? append(readout, 'dd'), value);
    });
    markTerms(this.readouts);
    markTerms(this.caption);
  }

  /** Show the switch of an axis between linear and logarithmic, if both are possible. */
  showSwitch(name, possible) {
    let button = this.switches.querySelector(`[data-axis=${name}]`);
    if (!possible) return button?.remove();
    const { words } = this.panel;
    if (!button) {
      button = append(this.switches, 'button', '', { type: 'button', 'data-axis': name });
      button.onclick = () => {
        this.panel.kept.scale[this.axisKey(name)] = this.scale(name) === 'log' ? 'linear' : 'log';
        this.panel.render();
      };
    }
    setText(button, words[`log_${name}`]);
    button.title = words[`log_${name}_help`];
    button.setAttribute('aria-pressed', this.scale(name) === 'log');
  }

  /**
   * Show values of the curves at a step in place of the switches.
   *
   * @param {string} step
   * @param {[object, string][]} values the line and the value of each curve
   */
  showReading(step, values) {
    this.reading.replaceChildren(step);
    const title = this.panel.replay?.data?.race ? TITLE : 0; // a race tells its losses below, and keeps the title readable
    if ((title + values.length * READING) * this.panel.typeScale > this.size[0]) values = [];
    for (const [line, text] of values) {
      const item = append(this.reading, 'span');
      append(item, 'i').style.borderTop = borderOf(line, this.panel.palette);
      item.append(text);
    }
    this.element.dataset.marked = '';
  }

  /** The value of a curve as text. */
  valueText(value) {
    return this.figure.layout.meta.percent ? formatPercent(value) : formatNumber(value, 3, false);
  }

  // ---- Axes -------------------------------------------------------------------------------------------------------------

  /** The key of an axis in the kept zooms and scales: all charts share the step axis. */
  axisKey(name) {
    return name === 'x' ? 'x' : this.slot;
  }

  scale(name) {
    const { log, scale } = this.figure.layout.meta[name];
    return log ? (this.panel.kept.scale[this.axisKey(name)] ?? scale) : 'linear';
  }

  /** Scale and range of an axis, with the user's zoom. */
  shownAxis(name) {
    const type = this.scale(name);
    if (name === 'y' && this.heldRange) return { type, range: this.heldRange };
    const initial = this.figure.layout.meta[name][type];
    const zoom = this.overSteps ? this.panel.kept.zoom[this.axisKey(name)] : null;
    return { type, range: zoom ? toRange(type, zoom, initial) : initial };
  }

  // ---- Plotly -----------------------------------------------------------------------------------------------------------

  /** Read the size of the plot. All charts are measured before any is drawn: reading after a change forces a page layout. */
  measure() {
    this.size = [this.plot.clientWidth, this.plot.clientHeight];
  }

  resized() {
    return String([this.plot.clientWidth, this.plot.clientHeight]) !== String(this.drawn.size);
  }

  draw() {
    const { figure, panel, data, size } = this;
    if (!figure || !size[0]) return;
    const now = { size, token: data.token, theme: panel.theme, typeScale: panel.typeScale };
    const same = !this.overSteps && Object.keys(now).every((key) => String(now[key]) === String(this.drawn[key]));
    if (!same) this.drawFigure(figure, size);
    this.drawn = now;
    this.context = resizeCanvas(this.canvas, ...size);
    this.light();
    this.cover(figure.layout.meta.cover ? 0 : null);
    showKnots(this);
    showHandles(this);
  }

  /** Put a sheet over the chart from a step on; null removes it. */
  cover(step) {
    this.sheet.hidden = step === null;
    if (step === null) return;
    const { xaxis, yaxis } = this.picture._fullLayout;
    const left = xaxis._offset + Math.max(0, xaxis.d2p(step) || 0);
    const right = xaxis._offset + xaxis._length;
    const sides = { left, top: yaxis._offset, width: Math.max(0, right - left), height: yaxis._length };
    for (const [side, pixels] of Object.entries(sides)) this.sheet.style[side] = `${pixels}px`;
  }

  drawFigure(figure, [width, height]) {
    const { kept, palette, font, typeScale, words } = this.panel;
    const { meta } = figure.layout;
    const { margin, ...layout } = enlarged(withColors(figure.layout, palette), typeScale);
    const inner = [width - margin.l - margin.r, height - margin.t - margin.b];
    const data = enlarged(withColors(figure.data, palette), typeScale).map((trace) => this.shownTrace(trace, inner[1]));
    const linear = this.scale('y') === 'linear';
    Object.assign(layout, {
      width, height, margin,
      title: undefined, showlegend: false, hovermode: false, meta: undefined,
      dragmode: this.overSteps && matchMedia('(pointer: fine)').matches ? 'zoom' : false,
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      font: { ...layout.font, family: font },
      xaxis: makeAxis(layout.xaxis, this.shownAxis('x'), inner[0], 62 * typeScale, {
        integer: this.overSteps && !meta.real, epoch: meta.epoch, words, ratio: meta.scaled?.ratio,
      }),
      yaxis: makeAxis(layout.yaxis, this.shownAxis('y'), inner[1], (linear ? 26 : 15) * typeScale, { percent: meta.percent }),
      shapes: shapesOn(layout.shapes, this.scale('x')),
      annotations: kept.hidden.has('limit') ? [] : layout.annotations?.filter(({ name, text, font }) =>
        name === 'zone' ? this.hasRoomAtTop(data, inner[1])
          : name !== 'linear only' || (linear && text.length * font.size * LETTER < inner[0])),
    });
    if (this.hasRoomAtTop(data, inner[1], EDGE_HANDLE))
      for (const note of layout.annotations ?? []) if (['zone', 'linear only'].includes(note.name)) note.yshift = -EDGE_HANDLE;
    this.wanted = { data, layout };
    const axes = ['xaxis', 'yaxis'];
    const frame = { ...layout, ...Object.fromEntries(axes.map((name) => [name, { ...layout[name], range: 0 }])) };
    const fixed = JSON.stringify([frame, data.map(fixedPart)]);
    if (fixed !== this.fixed || !this.moveDrawn()) this.redraw();
    this.fixed = fixed;
    if (!this.listening) this.listen();
  }

  /** Move the elements that Plotly has drawn to the new data; false if that is not possible. */
  moveDrawn() {
    const { data, layout } = this.wanted;
    const { _fullLayout: full } = this.picture;
    const moved = ['xaxis', 'yaxis'].filter((name) => String(full[name].range) !== String(layout[name].range));
    if (moved.length) {
      this.ownRelayouts += 1; // Plotly reports them like a zoom
      plotly().relayout(this.picture, Object.fromEntries(moved.map((name) => [`${name}.range`, [...layout[name].range]])));
    }
    this.behind = moveLines(this.picture, this.drawnData, data);
    return this.behind;
  }

  /** Redraw with Plotly, whose data may be older than the displayed data until then (see `moveLines`). */
  redraw() {
    const config = { displayModeBar: false, doubleClick: false, showTips: false, staticPlot: !this.overSteps };
    resetMarks(this.picture);
    plotly().react(this.picture, this.wanted.data, this.wanted.layout, config);
    this.drawnData = this.wanted.data;
    this.behind = false;
  }

  /** Light the lines of the panel's lit group, and dim the others; a chart without such a line stays as it is. */
  light() {
    const { lit } = this.panel;
    const groups = (this.drawnData ?? []).filter(({ visible }) => visible !== false).map(({ legendgroup }) => legendgroup);
    const nodes = [...this.picture.querySelectorAll('.scatterlayer > .trace')];
    const on = lit !== null && nodes.length === groups.length && groups.includes(lit);
    this.picture.toggleAttribute('data-lit', on);
    nodes.forEach((node, i) => node.classList.toggle('anneal-lit', on && groups[i] === lit));
  }

  /** True if the text at the top right, `lower` by some pixels, touches neither the limit nor a curve. */
  hasRoomAtTop(data, height, lower = 0) {
    const { type, range } = this.shownAxis('y');
    const share = ((this.panel.typeScale * LIMIT_LABEL) / 2 + lower) / height;
    const [, high] = toNumbers(type, [range[0], range[1] - share * (range[1] - range[0])]);
    const middle = 0.4 * toNumbers(this.scale('x'), this.shownAxis('x').range)[1];
    return !data.some((trace) => isLine(trace) && trace.line.width && trace.x.some((x, k) => x > middle && trace.y[k] > high));
  }

  /** A trace as it is shown: hidden by the legend, without room for its text, or a mark kept inside of the chart. */
  shownTrace(trace, height) {
    if (this.panel.kept.hidden.has(trace.legendgroup)) return { ...trace, visible: false };
    const { type, range } = this.shownAxis('y');
    if (trace.text && trace.legendgroup === 'limit') {
      const y = type === 'log' ? Math.log10(trace.y[0]) : trace.y[0];
      const room = ((range[1] - y) / (range[1] - range[0])) * height;
      return { ...trace, visible: room > this.panel.typeScale * LIMIT_LABEL + EDGE_HANDLE }; // the legend names it too
    }
    if (!trace.meta?.keep) return trace;
    const [low, high] = toNumbers(type, [range[0], range[0] + (range[1] - range[0]) * 0.95]);
    return { ...trace, y: trace.y.map((y) => Math.min(Math.max(y, low), high)) };
  }

  /** Keep the user's zoom; a double click resets it. */
  listen() {
    this.listening = true;
    this.picture.on('plotly_relayout', (change) => {
      if (this.ownRelayouts > 0) {
        this.ownRelayouts -= 1;
        return;
      }
      for (const name of ['x', 'y'])
        if (Object.keys(change).some((key) => key.startsWith(`${name}axis.range`))) {
          const { type, range } = this.picture.layout[`${name}axis`];
          this.panel.kept.zoom[this.axisKey(name)] = toNumbers(type, range);
        }
      this.panel.render();
    });
    this.picture.on('plotly_doubleclick', () => {
      delete this.panel.kept.zoom.x;
      delete this.panel.kept.zoom[this.slot];
      this.panel.render();
    });
  }

  showKnots() {
    showKnots(this);
  }

  showHandles() {
    if (this.context) showHandles(this);
  }

  // ---- The marked step --------------------------------------------------------------------------------------------------

  /** The step under a pointer; null if there is none. */
  stepAt({ clientX, clientY }) {
    const { _fullLayout: full } = this.picture;
    if (!full || !this.overSteps || this.figure.layout.meta.still) return null;
    const { left, top } = this.plot.getBoundingClientRect();
    const { xaxis, yaxis } = full;
    const [x, y] = [clientX - left - xaxis._offset, clientY - top - yaxis._offset];
    if (x < 0 || x > xaxis._length || y < 0 || y > yaxis._length) return null;
    return Math.max(0, xaxis.p2d(x));
  }

  /** Mark a step on the curves, or show the paths up to it; null for none. */
  mark(step) {
    if (!this.context || !this.figure) return; // a new surface may arrive after its path
    this.context.clearRect(0, 0, ...this.drawn.size);
    delete this.element.dataset.marked;
    const handle = activeHandle(this);
    if (!this.overSteps) this.drawPath(step);
    else if (step !== null && !handle) this.drawMark(step);
    if (!handle) return;
    const values = this.overSteps ? [] : this.drawFirstStep();
    this.showReading(this.panel.narrow && values.length ? '' : handle.reading, values); // a phone has no room for both
  }

  /** The visible curves with a legend entry, in the legend's order. */
  get curves() {
    const named = this.figure.data.filter(({ showlegend, line }) => showlegend !== false && line?.width !== 0); // an area alone is no curve
    const shown = this.panel.groups.filter((group) => group !== 'goal' && !this.panel.kept.hidden.has(group));
    return shown.flatMap((group) => named.filter((trace) => trace.legendgroup === group));
  }

  /** The losses of a run around a moment, from the replay if it has them: the drawn curve omits steps. */
  exactCurve(curve, moment) {
    return this.slot === 'loss' ? this.panel.replay.lossesAround(curve.legendgroup, moment, curve.x.at(-1)) : null;
  }

  /** Draw a vertical line over the chart. */
  drawStepLine(x) {
    const { _offset: top, _length: height } = this.picture._fullLayout.yaxis;
    drawLine(this.context, [[x, top], [x, top + height]], this.panel.palette.axis, 1);
  }

  drawMark(step) {
    const { palette, words } = this.panel;
    const { context, curves } = this;
    const { meta } = this.figure.layout;
    const leader = curves.find(({ x }) => step <= x.at(-1) + 0.5);
    if (!leader) return;
    // The same step on all charts, although the points of each curve are at other steps.
    const nearest = () => leader.x.reduce((best, x) => (Math.abs(x - step) < Math.abs(best - step) ? x : best));
    const at = meta.real ? nearest() : Math.min(Math.round(step), leader.x.at(-1));
    const { xaxis, yaxis } = this.picture._fullLayout;
    const x = xaxis._offset + xaxis.d2p(at);
    this.drawStepLine(Math.round(x) + 0.5);
    const values = [];
    for (const curve of curves) {
      const value = valueAt(this.exactCurve(curve, at) ?? curve, at);
      if (value === null) continue;
      const y = yaxis._offset + yaxis.d2p(value);
      const inside = y >= yaxis._offset && y <= yaxis._offset + yaxis._length;
      if (inside) drawDot(context, [x, y], 3.5, withColors(curve.line.color, palette), palette.paper);
      values.push([curve.line, this.valueText(value)]);
    }
    const where = { step: formatNumber(at), value: formatNumber(at), name: meta.word };
    if (meta.epoch) where.epoch = formatNumber(Math.floor(at / meta.epoch));
    if (meta.scaled) this.showReading(this.scaledStep(at), values);
    else this.showReading(fill(meta.epoch ? words.step_at : meta.word ? words.value_at : words.step_tick, where), values);
  }

  /** A step of the problem with the one of the schedule that it stands for, where the axis has the schedule's steps. */
  scaledStep(step) {
    const { ratio, reading } = this.figure.layout.meta.scaled;
    return fill(reading, { step: formatNumber(Math.round(step * ratio)), trained: formatNumber(step) });
  }

  /**
   * Draw the clock of a replay: a line and a dot on each curve, an arrow where a curve is above the chart.
   *
   * @param {number} clock a moment between steps
   * @param {boolean} withNumbers whether the values are shown too
   */
  drawClock(clock, withNumbers) {
    const { context, figure, panel } = this;
    const full = this.picture._fullLayout;
    if (!context || !figure || !full) return;
    const { xaxis, yaxis } = full;
    context.clearRect(0, 0, ...this.drawn.size);
    const [left, right] = [xaxis._offset, xaxis._offset + xaxis._length];
    const [top, bottom] = [yaxis._offset, yaxis._offset + yaxis._length];
    const x = left + xaxis.d2p(clock);
    const inside = x >= left - 0.5 && x <= right + 0.5; // false at step 0 of a logarithmic axis, and outside of the zoom
    if (inside) this.drawStepLine(x);
    const values = [];
    for (const curve of this.curves) {
      const color = withColors(curve.line.color, panel.palette);
      const exact = this.exactCurve(curve, clock) ?? curve;
      const y = top + heightAt(exact, clock, xaxis, yaxis);
      if (inside && y < top) drawArrow(context, [x, top + 2], [0, -1], color, panel.palette.paper);
      else if (inside && y <= bottom)
        drawDot(context, [x, y], curve.legendgroup === panel.runs[0] ? 4.5 : 3.5, color, panel.palette.paper);
      if (!withNumbers) continue;
      const value = valueAt(exact, Math.floor(clock));
      if (Number.isFinite(value)) values.push([curve.line, this.valueText(value)]);
    }
    if (!withNumbers) return;
    const step = Math.floor(clock);
    const scaled = figure.layout.meta.scaled;
    this.showReading(scaled ? this.scaledStep(step) : fill(panel.words.step_tick, { step: formatNumber(step) }), values);
  }

  /** Draw the paths of the runs over the surface, or the decisions of a network, at a step; null for the end. */
  drawPath(step) {
    const { data: { path }, context, panel: { palette, kept, replay, runs } } = this;
    const { _fullLayout: full } = this.picture;
    if (!path || !full) return;
    const { xaxis, yaxis } = full;
    const { meta } = this.figure.layout;
    clipTo(context, xaxis, yaxis);
    if (path.decisions) {
      const colors = [palette.class_1, palette.class_2];
      if (!kept.hidden.has(runs[0])) drawDecisions(context, path, step, replay.playing, colors, xaxis, yaxis);
      drawExamples(context, meta.examples, colors, palette.paper, xaxis, yaxis);
    } else {
      const scale = [xaxis, yaxis].map((axis, i) => {
        const [low, high] = path.extent[i].map((value) => axis._offset + axis.d2p(value));
        return { middle: (low + high) / 2, unit: ((high - low) / 2) * (path.around / 32767) };
      });
      const height = path.axes === 1 ? curveHeight(this.figure.data[0], xaxis, yaxis) : null;
      const track = (packed) => packed && replay.track(packed, scale, height);
      const shown = path.runs.filter(({ group }) => !kept.hidden.has(group)).map((run) => ({
        ...run, color: withColors(run.color, palette), path: track(run.path), seeds: track(run.seeds), ends: track(run.ends),
        races: path.race,
      }));
      if (meta.kind === 'contour') drawOnContour(context, shown, step, palette.paper);
      else drawOnCurve(context, shown, step, palette.paper, yaxis._offset);
      drawExits(context, shown, step, palette.paper, [xaxis, yaxis]);
    }
    context.restore();
  }

  /** Draw the first step and the gradient at the start; returns the line and the numbers of both. */
  drawFirstStep() {
    const { context, data: { path }, panel: { palette, words } } = this;
    const found = path?.first_step;
    if (!found) return [];
    const { xaxis, yaxis } = this.picture._fullLayout;
    const { pixels } = this.handlesByName.get('start');
    const lines = [{ color: palette.muted, width: 2 }, { color: palette.run, width: 2 }];
    const down = found.gradient.map((value) => -value);
    const toPixels = (vector) => [xaxis, yaxis].map((axis, i) => (vector[i] ?? 0) * (axis.d2p(1) - axis.d2p(0)));
    drawFirstStep(context, [pixels.x, pixels.y], toPixels(down), toPixels(found.step), lines);
    const numbers = (vector) => (vector.length > 1 ? `(${vector.map((one) => formatNumber(one, 2)).join(', ')})` : formatNumber(vector[0], 2));
    const first = found.noisy ? words.first_step_noisy : words.first_step;
    return [[lines[0], `${words.gradient} ${numbers(down)}`], [lines[1], `${first} ${numbers(found.step)}`]];
  }

  // ---- Image ------------------------------------------------------------------------------------------------------------

  /** What an image of the chart shows; null before it is drawn. */
  imageParts() {
    const { panel, picture, canvas } = this;
    if (!this.drawn.size || !this.figure) return null;
    const groups = this.overSteps ? this.figure.data.map((trace) => trace.legendgroup) : panel.runs;
    const shown = panel.groups.filter((group) => groups.includes(group) && !panel.kept.hidden.has(group));
    if (this.behind) this.redraw();
    const legend = shown.map((group) => panel.entries.get(group));
    return { picture, canvas, size: this.drawn.size, title: this.title.textContent, subtitle: this.subtitle.textContent, legend };
  }

  /** Save the chart as a PNG with its title and legend. */
  async save() {
    const parts = this.imageParts();
    if (parts) await saveImage([[parts]], this.panel, fill(this.panel.words.picture, { slot: this.slot }));
  }

  remove() {
    this.panel.resizes.unobserve(this.plot);
    plotly()?.purge(this.picture);
    this.element.remove();
  }
}
