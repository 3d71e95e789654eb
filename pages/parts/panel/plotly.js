// Plotly, from the server's plotly package.

/** @type {Promise<unknown> | undefined} */
let loading;

/**
 * Load Plotly once per visit.
 *
 * @param {string} address
 * @returns {Promise<unknown>}
 */
export function loadPlotly(address) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

/** Plotly; undefined until it is loaded. */
export const plotly = () => window.Plotly;
