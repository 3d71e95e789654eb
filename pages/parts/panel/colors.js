// Colors of a figure, whose names are replaced by those of the palette; and sizes in projector mode.

const isNumber = (value) => typeof value === 'number';

/** True if an element has a dark background. */
export function isDark(element) {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}

/**
 * A figure, or a part of it, with colors in place of their names: "@run" is `palette.run`.
 *
 * @param {any} value
 * @param {Record<string, string>} palette
 * @returns {any}
 */
export function withColors(value, palette) {
  if (typeof value === 'string') return value[0] === '@' ? palette[value.slice(1)] : value;
  if (Array.isArray(value)) return value.every(isNumber) ? value : value.map((item) => withColors(item, palette));
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withColors(item, palette)]));
}

/** Plotly's dashes as styles of CSS borders, which have only two. */
const BORDERS = { dash: 'dashed', longdash: 'dashed', dashdot: 'dashed', dot: 'dotted' };

/** The style of a line as a CSS border: a sample of it for the legend. */
export const borderOf = ({ dash, color }, palette) =>
  `2px ${BORDERS[dash] ?? 'solid'} ${withColors(color, palette)}`;

/** Properties of a figure in pixels: font sizes, line widths, and margins with text. */
const PIXEL_PROPERTIES = new Set(['size', 'width', 'l', 'r', 'b']);

/**
 * A figure, or a part of it, with text, lines and margins enlarged.
 *
 * @param {any} value
 * @param {number} factor
 * @param {string} [key] the key of this part in its parent
 * @returns {any}
 */
export function enlarged(value, factor, key = '') {
  if (key === 'contours') return value; // its size is the distance of levels
  if (factor === 1 || !value || typeof value !== 'object')
    return PIXEL_PROPERTIES.has(key) && isNumber(value) ? value * factor : value;
  if (Array.isArray(value)) return value.every(isNumber) ? value : value.map((item) => enlarged(item, factor));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, enlarged(item, factor, name)]));
}
