// Plotly, as the server's own plotly package ships it.

/** @type {Promise<unknown> | undefined} */
let loading;

/**
 * Load Plotly once for the whole visit.
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

/** Plotly, once it is loaded; else undefined. */
export const plotly = () => window.Plotly;
