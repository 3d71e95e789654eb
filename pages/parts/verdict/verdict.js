// The verdict in one line, with its reasons behind a button, which stays open or closed while the values change.

/** Set the HTML of an element if it changes, so that a screen reader does not repeat the same line. */
function setHtml(element, html) {
  if (element.source !== html) element.innerHTML = element.source = html;
}

/** Draw the element with the data from `show_verdict` in verdict.py. */
export function drawVerdict({ data, parentElement }) {
  const root = parentElement.querySelector('.anneal-result');
  const [line, why, reasons] = root.children;
  root.style.setProperty('--tone', data.color);
  setHtml(line, data.line);
  setHtml(reasons, data.reasons);
  reasons.id = `${data.key}-reasons`;
  why.textContent = data.why;
  why.setAttribute('aria-controls', reasons.id);
  why.onclick = () => {
    reasons.hidden = !reasons.hidden;
    why.setAttribute('aria-expanded', !reasons.hidden);
    root.closest('.st-key-verdict_box')?.style.removeProperty('min-height'); // set by advice.js
  };
}
