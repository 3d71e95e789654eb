// A chart as a PNG, created in the browser: title, legend, and the chart in its present colors.

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

/**
 * The PNG of a chart as a data URL.
 *
 * @param {object} chart
 * @param {any} chart.picture Plotly's element
 * @param {HTMLCanvasElement} chart.canvas the canvas over it
 * @param {[number, number]} chart.size
 * @param {string} chart.title
 * @param {string} chart.subtitle
 * @param {{ name: string, line: object }[]} chart.legend
 * @param {Record<string, string>} chart.palette
 * @param {string} chart.font the font family
 * @returns {Promise<string>}
 */
export async function chartImage({ picture, canvas, size: [width, height], title, subtitle, legend, palette, font }) {
  const image = new Image();
  image.src = await plotly().toImage(picture, { format: 'png', width, height, scale: RESOLUTION });
  await image.decode();
  const sheet = document.createElement('canvas');
  const context = sheet.getContext('2d');
  context.font = `12px ${font}`;
  const rows = legendRows(context, legend, width + MARGIN);
  const head = HEAD + ROW * (rows.length - 1);
  Object.assign(sheet, { width: RESOLUTION * (width + 2 * MARGIN), height: RESOLUTION * (height + head + MARGIN) });
  context.scale(RESOLUTION, RESOLUTION);
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, sheet.width, sheet.height);
  const left = MARGIN + drawText(context, [MARGIN, 24], title, `600 15px ${font}`, palette.ink) + 10;
  drawText(context, [left, 24], subtitle, `12px ${font}`, palette.muted);
  rows.forEach((row, i) => row.forEach((entry) => drawEntry(context, entry, 42 + ROW * i, palette, font)));
  for (const layer of [image, canvas]) context.drawImage(layer, MARGIN, head, width, height);
  return sheet.toDataURL('image/png');
}

/** The entries of a legend in rows that end before `right`, each with its x. */
function legendRows(context, legend, right) {
  const rows = [[]];
  let x = MARGIN;
  for (const { name, line } of legend) {
    const width = SAMPLE + context.measureText(name).width + GAP;
    if (x > MARGIN && x + width - GAP > right) {
      rows.push([]);
      x = MARGIN;
    }
    rows.at(-1).push({ name, line, x });
    x += width;
  }
  return rows;
}

function drawEntry(context, { name, line, x }, y, palette, font) {
  Object.assign(context, { strokeStyle: withColors(line.color, palette), lineWidth: 2 });
  context.setLineDash(DASHES[line.dash] ?? []);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + SAMPLE - 6, y);
  context.stroke();
  drawText(context, [x + SAMPLE, y + 4], name, `12px ${font}`, palette.ink);
}
