// The cards of the page Schedules: while the names of a card are open, it takes the whole row.

const spread = ({ target }) => {
  const card = target.closest?.('.anneal-fold .anneal-card');
  if (!card) return;
  card.classList.toggle('anneal-spread', target.open);
  card.scrollIntoView({ block: 'nearest' });
};

/** Widen each card when its names open; again called, it changes nothing. */
export function watchCards() {
  document.addEventListener('toggle', spread, true);
}

/** End what `watchCards` began. */
export function leaveCards() {
  document.removeEventListener('toggle', spread, true);
}
