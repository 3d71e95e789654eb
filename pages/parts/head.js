// The projector mode stands in the address, so the page is laid out for it before any part of it has come.

const mirror = () => {
  const on = new URLSearchParams(location.search).get('projector') === 'on';
  document.documentElement.toggleAttribute('data-projector', on);
};

mirror();
addEventListener('popstate', mirror);
for (const name of ['pushState', 'replaceState']) {
  const own = history[name];
  history[name] = function (...state) {
    own.apply(this, state);
    mirror();
  };
}
