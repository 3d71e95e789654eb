// The element: its controls, one for each declared hyperparameter. Put behind controls.js and knots.js.

const KINDS = {
  number: NumberControl, spans: SpansControl, knots: KnotsControl, choice: ChoiceControl, switch: SwitchControl,
};

// ---- The element: controls are made once and kept, so that focus, a drag and an open tip outlive every rerun -------------

class Panel {
  controls = new Map();
  line = new Line();

  constructor(root) {
    this.root = root;
    this.line.changed = (busy) => root.toggleAttribute('data-busy', busy);
  }

  take(data, send) {
    this.line.send = (move) => send('move', move);
    this.line.answer(data.heard);
    const name = (facts) => `${facts.kind} ${facts.key}`;
    this.drop(new Set(data.fields.map(name)));
    data.fields.forEach((facts, i) => {
      const control = this.controls.get(name(facts)) ?? new KINDS[facts.kind](this, facts);
      this.controls.set(name(facts), control);
      if (this.root.children[i] !== control.root) this.root.insertBefore(control.root, this.root.children[i] ?? null);
      control.take(facts, this.line.settled(facts.key)); // in its place by now: the charts show handles for knots that are on the page
    });
  }

  drop(kept) {
    for (const [name, control] of this.controls) {
      if (kept.has(name)) continue;
      control.help.close();
      control.root.remove();
      this.controls.delete(name);
      this.line.waiting.delete(control.key);
    }
  }

  leave = () => {
    clearTimeout(this.line.timer);
    for (const control of this.controls.values()) control.help.close();
  };
}

// The element itself carries no script, only values: this one travels apart, once, and serves whatever waits for it.
const panels = new WeakMap();
const hub = (globalThis.annealControls ??= { waiting: new Map() });

hub.serve = () => {
  for (const [root, { data, setStateValue }] of hub.waiting) {
    if (!panels.has(root)) panels.set(root, new Panel(root));
    panels.get(root).take(data, setStateValue);
  }
  hub.waiting.clear();
};

hub.leave = (root) => panels.get(root)?.leave();

export default () => hub.serve();

export { people, shown, read, SCALES };
