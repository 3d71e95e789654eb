// Charts as a PNG, created in the browser in their present colors: titles, legends, charts, and what stands below them.

import { drawText } from './canvas.js';
import { withColors } from './colors.js';
import { plotly } from './plotly.js';

/** Pixels of the image for each pixel on the screen. */
const RESOLUTION = 2;
const MARGIN = 12;
/** Height of the title with one row of the legend, and of each further row. */
const HEAD = 58;
const ROW = 18;
/** Width of a line's sample in the legend with the gap after it, and the gap after a name. */
const SAMPLE = 28;
const GAP = 18;
/** Pixels of line and gap for each of Plotly's dashes. */
const DASHES = { dash: [5, 3], dot: [2, 2], longdash: [8, 3], dashdot: [5, 2, 2, 2] };

/** Height of a line of the verdict and of the link below the charts. */
const VERDICT = 22;
const LINK = 14;

/**
 * What is drawn of a chart.
 *
 * @typedef {object} Parts
 * @property {any} picture Plotly's element
 * @property {HTMLCanvasElement | null} canvas the canvas over it
 * @property {[number, number]} size
 * @property {string} title
 * @property {string} subtitle
 * @property {{ name: string, line: object }[]} legend lines with color and dash, and `wide`: pixels, 2 by default
 */

/**
 * Save charts as a PNG, in rows, with a verdict and a link below them.
 *
 * @param {Parts[][]} rows
 * @param {{ palette: Record<string, string>, font: string }} style the present colors and the font family
 * @param {string} file its name
 * @param {{ text: string, color: string } | null} [verdict]
 * @param {string} [link]
 */
export async function saveImage(rows, { palette, font }, file, verdict = null, link = '') {
  const sheet = document.createElement('canvas');
  const context = sheet.getContext('2d');
  const widths = rows.map((row) => row.reduce((sum, { size }) => sum + size[0] + MARGIN, MARGIN));
  const width = Math.max(...widths);
  const cells = rows.map((row) => row.map((parts) => ({ ...parts, ...headOf(context, parts, font) })));
  const heights = cells.map((row) => Math.max(...row.map(({ head, size }) => head + size[1])));
  const below = [
    ...wrapped(context, verdict?.text.split(/(?<= )/) ?? [], `600 15px ${font}`, width, VERDICT, palette[verdict?.color]),
    ...wrapped(context, [...link], `11px ${font}`, width, LINK, palette.muted),
  ];
  const height = [...heights, ...below.map((line) => line.height)].reduce((sum, one) => sum + one, 2 * MARGIN);
  Object.assign(sheet, { width: RESOLUTION * width, height: RESOLUTION * height });
  context.scale(RESOLUTION, RESOLUTION);
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, width, height);
  let y = 0;
  for (const [i, row] of cells.entries()) {
    let x = MARGIN;
    for (const cell of row) {
      await drawChart(context, cell, [x, y], palette, font);
      x += cell.size[0] + MARGIN;
    }
    y += heights[i];
  }
  for (const line of below) drawText(context, [MARGIN, (y += line.height)], line.text, line.font, line.color);
  Object.assign(document.createElement('a'), { href: sheet.toDataURL('image/png'), download: file }).click();
}

/** The legend of a chart in rows, and the height of title and legend. */
function headOf(context, { legend, size }, font) {
  context.font = `12px ${font}`;
  const entries = legendRows(context, legend, size[0]);
  return { entries, head: HEAD + ROW * (entries.length - 1) };
}

/** Lines of a text, given in parts between which a line may end. */
function wrapped(context, parts, font, width, height, color) {
  context.font = font;
  const lines = [];
  for (const part of parts) {
    const longer = (lines.at(-1) ?? '') + part;
    if (lines.length && context.measureText(longer).width <= width - 2 * MARGIN) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines.map((text) => ({ text, font, height, color }));
}

/** Draw a chart with title and legend, its left upper corner at a point. */
async function drawChart(context, { picture, canvas, size: [width, height], title, subtitle, entries, head }, [x, y], palette, font) {
  const image = new Image();
  image.src = await plotly().toImage(picture, { format: 'png', width, height, scale: RESOLUTION });
  await image.decode();
  const left = x + drawText(context, [x, y + 24], title, `600 15px ${font}`, palette.ink) + 10;
  drawText(context, [left, y + 24], subtitle, `12px ${font}`, palette.muted);
  for (const [i, row] of entries.entries())
    for (const entry of row) drawEntry(context, { ...entry, x: x + entry.x }, y + 42 + ROW * i, palette, font);
  for (const layer of [image, canvas].filter(Boolean)) context.drawImage(layer, x, y + head, width, height);
}

/** The entries of a legend in rows that end before `right`, each with its x. */
function legendRows(context, legend, right) {
  const rows = [[]];
  let x = 0;
  for (const { name, line } of legend) {
    const width = SAMPLE + context.measureText(name).width + GAP;
    if (x > 0 && x + width - GAP > right) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1).push({ name, line, x });
    x += width;
  }
  return rows;
}

function drawEntry(context, { name, line, x }, y, palette, font) {
  Object.assign(context, { strokeStyle: withColors(line.color, palette), lineWidth: line.wide ?? 2 });
  context.setLineDash(DASHES[line.dash] ?? []);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + SAMPLE - 6, y);
  context.stroke();
  drawText(context, [x + SAMPLE, y + 4], name, `12px ${font}`, palette.ink);
}
