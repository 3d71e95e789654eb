// The address bar: puts the query parameters of a page into an address without any.

/** Replace the history entry of the page; the data holds the query as text, from `restore` in address.py. */
export function replaceAddress({ data, parentElement }) {
  if (parentElement.isConnected) history.replaceState(history.state, '', `${location.pathname}?${data.query}${location.hash}`);
}
