// Advice, each piece with a button that applies it. A click includes the setting that the advice was given for, so that the
// server can ignore a click that arrives too late.

/** Draw the element with the data from `show_advice` in verdict.py. */
export function drawAdvice({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.anneal-advice');
  root.style.setProperty('--tone', data.color);
  root.replaceChildren(
    ...data.pieces.map(({ text, label }, number) => {
      const piece = document.createElement('span');
      piece.innerHTML = text;
      if (!label) return piece;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = data.apply;
      button.setAttribute('aria-label', label);
      button.onclick = () => setTriggerValue('apply', { of: data.of, number });
      piece.append(' ', button);
      return piece;
    }),
  );
  const box = root.closest('.st-key-verdict_box');
  if (!box) return;
  box.style.minHeight = ''; // held while a slider moves, without advice, so that the charts stay where they are
  box.style.minHeight = `${box.getBoundingClientRect().height}px`;
}
