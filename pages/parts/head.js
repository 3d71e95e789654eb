// The projector mode stands in the address, so the page is laid out for it before any part of it has come. It lasts where a person
// goes to another page by the menu: the new address gets it a moment later.

let page = location.pathname;
const mirror = (leaves) => {
  const on = new URLSearchParams(location.search).get('projector') === 'on';
  if (on || !leaves || location.pathname === page) document.documentElement.toggleAttribute('data-projector', on);
  page = location.pathname;
};

mirror(false);
addEventListener('popstate', () => mirror(false));
for (const name of ['pushState', 'replaceState']) {
  const original = history[name];
  history[name] = function (...state) {
    original.apply(this, state);
    mirror(true);
  };
}
