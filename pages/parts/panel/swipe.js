// On a phone one chart of a panel is in sight, and the others are swiped into it (phone.css). Their names are buttons that do this
// too, and mark the one in sight.

import { append, setText } from '../elements.js';
import { rove } from '../roving.js';

const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');

export class Swipe {
  /**
   * @param {HTMLElement} row holds the charts, and scrolls sideways
   * @param {HTMLElement} names the row of names
   */
  constructor(row, names) {
    Object.assign(this, { row, names, charts: [] });
    this.refresh = rove(names, () => [...names.children]);
    row.addEventListener('scroll', () => this.mark(), { passive: true });
  }

  /**
   * Show the names of the charts.
   *
   * @param {{ element: HTMLElement, title: HTMLElement }[]} charts in their order
   */
  show(charts) {
    this.charts = charts;
    while (this.names.children.length > charts.length) this.names.lastChild.remove();
    for (const [i, { title }] of charts.entries()) {
      const button = this.names.children[i] ?? append(this.names, 'button', '', { type: 'button' });
      setText(button, title.textContent);
      button.onclick = () => this.to(this.charts[i].element);
    }
    this.refresh();
    this.mark();
  }

  /** Bring a chart into sight. */
  to(chart) {
    this.row.scrollTo({ left: chart.offsetLeft - this.row.offsetLeft, behavior: lessMotion.matches ? 'auto' : 'smooth' });
  }

  /** Mark the name of the chart in sight. */
  mark() {
    const { row, names } = this;
    const at = Math.round(row.scrollLeft / (row.clientWidth || 1));
    for (const [i, button] of [...names.children].entries()) {
      if (i === at) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
  }
}
