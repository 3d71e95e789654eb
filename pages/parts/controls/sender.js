// The connection to the server: one message at a time, with only the last value of each control.

/** Milliseconds between two messages, and milliseconds until a message counts as lost. */
const INTERVAL = 50;
const TIMEOUT = 1500;

let lastNumber = 0;

/** The next number of a message; numbers grow over remounts and reloads of the page. */
function nextNumber() {
  lastNumber = Math.max(lastNumber + 1, Date.now());
  return lastNumber;
}

export class Sender {
  /** Values to send by control, longest waiting first. */
  waiting = new Map();
  /** The number of the last message of each control. */
  numbers = new Map();
  last = 0;
  heard = 0;
  sentAt = -Infinity;

  /**
   * @param {(busy: boolean) => void} onChange called with whether a message is unacknowledged
   */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /**
   * Send a value as soon as the server has acknowledged the last message.
   *
   * @param {string} key the control
   * @param {unknown} value
   * @param {boolean} final false while a slider is dragged
   */
  push(key, value, final) {
    this.waiting.set(key, { value, final });
    this.flush();
  }

  /** Discard the pending value of a control. */
  drop(key) {
    this.waiting.delete(key);
  }

  stop() {
    clearTimeout(this.timer);
  }

  flush = () => {
    clearTimeout(this.timer);
    this.sendNext();
    this.onChange(this.waiting.size > 0 || this.heard < this.last);
  };

  sendNext() {
    const [first] = this.waiting;
    if (!first) return;
    const wait = (this.heard < this.last ? TIMEOUT : INTERVAL) - (performance.now() - this.sentAt);
    if (wait > 0) {
      this.timer = setTimeout(this.flush, wait);
      return;
    }
    const [key, message] = first;
    this.waiting.delete(key);
    this.last = nextNumber();
    this.numbers.set(key, this.last);
    this.sentAt = performance.now();
    this.send({ seq: this.last, key, ...message });
  }

  /** Record that the server has received all messages up to this number. */
  answer(heard) {
    this.heard = heard;
    this.flush();
  }

  /** True if the server's value of a control is newer than the last one sent. */
  isSettled(key) {
    if (this.waiting.has(key)) return false;
    return this.heard >= (this.numbers.get(key) ?? 0) || performance.now() - this.sentAt > 2 * TIMEOUT;
  }
}
