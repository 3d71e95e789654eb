// Numbers as people write them: the twin of `people` in schedules/core/numbers.py. Put in front of a script that needs it.

const grouped = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ',');

function people(value, digits = 3, exact = true) {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size === 0) return '0';
  if (Number.isInteger(value) && size < (exact ? 1e12 : 1e7)) // a measured value comes rounded: its zeros are no digits
    return sign + grouped(String(size));
  if (Number(size.toExponential(digits - 1)) >= 1e-3 && size < 1e6) {
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    const [whole, rest = ''] = size.toFixed(decimals).split('.');
    const tail = rest.replace(/0+$/, '');
    return sign + grouped(whole) + (tail && '.' + tail);
  }
  const [mantissa, exponent] = size.toExponential(digits - 1).split('e');
  return `${sign}${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}e${Number(exponent)}`;
}
