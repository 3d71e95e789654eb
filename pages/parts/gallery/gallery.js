// The cards of the page Schedules: while the names of a card are open, it takes the whole row; and "Add to Compare" keeps the
// slots that Compare has.

const spread = ({ target }) => {
  const card = target.closest?.('.anneal-fold .anneal-card');
  if (!card) return;
  card.classList.toggle('anneal-spread', target.open);
  card.scrollIntoView({ block: 'nearest' });
};

/** The query parameters of Compare as it was last shown; empty if it was not opened yet. */
let comparison = '';

/** Complete the link of a card to Compare, before the browser follows it. */
const complete = ({ target }) => {
  const link = target.closest?.('a.anneal-add');
  if (link && comparison) link.search = `?${comparison}&add=${new URLSearchParams(link.search).get('add')}`;
};
const EVENTS = { toggle: spread, click: complete, auxclick: complete };

/**
 * Widen each card when its names open, and complete links to Compare.
 *
 * @param {{ data: { comparison: string } }} component
 */
export function watchCards({ data }) {
  comparison = data.comparison;
  for (const [name, act] of Object.entries(EVENTS)) document.addEventListener(name, act, true);
}

/** End what `watchCards` began. */
export function leaveCards() {
  for (const [name, act] of Object.entries(EVENTS)) document.removeEventListener(name, act, true);
}
