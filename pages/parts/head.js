// Reads projector mode from the address, so that the page is laid out for it before its content arrives. The mode is kept when
// the user opens another page from the menu, whose address gets the parameter only later.

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
