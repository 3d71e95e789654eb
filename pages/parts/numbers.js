// Numbers as text, like `format_number` in schedules/core/numbers.py.

const groupDigits = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * A number as text: 1,000, 0.1, 3e-4.
 *
 * @param {number} value
 * @param {number} [digits] significant digits
 * @param {boolean} [exact] whether integers of up to 12 digits are written in full; measured ones are rounded at 7
 * @returns {string}
 */
export function formatNumber(value, digits = 3, exact = true) {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size === 0) return '0';
  if (Number.isInteger(value) && size < (exact ? 1e12 : 1e7)) return sign + groupDigits(String(size));
  if (Number(size.toExponential(digits - 1)) >= 1e-3 && size < 1e6) {
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    const [integer, fraction = ''] = size.toFixed(decimals).split('.');
    const rest = fraction.replace(/0+$/, '');
    return sign + groupDigits(integer) + (rest && `.${rest}`);
  }
  const [mantissa, exponent] = size.toExponential(digits - 1).split('e');
  return `${sign}${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}e${Number(exponent)}`;
}

/**
 * A ratio in percent.
 *
 * @param {number} ratio
 * @param {number} [digits]
 */
export const formatPercent = (ratio, digits = 3) => `${formatNumber(100 * ratio, digits)} %`;
