// Positions of seeds over a run, unpacked from schedules/figures/path.py.

import { fractionalIndex } from './curves.js';

/** @typedef {import('./canvas.js').Point} Point */
/**
 * @typedef {object} PackedTrack positions of `seeds` seeds at `frames` frames, as int16 in base 64
 * @property {string} data
 * @property {number} last the step of the last frame
 * @property {number} frames
 * @property {number} seeds
 * @property {number[]} [at] the step of each frame; by default evenly spaced
 */

/** Code of a position that is not a number, because the seed has diverged. */
const MISSING = -32768;

/** With more seeds than this, only the last few frames are drawn during a replay. */
const MANY_SEEDS = 16;
const TAIL_FRAMES = 5;

/**
 * The bytes of a text in base 64.
 *
 * @param {string} text
 */
export const decodeBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** The complete track of a run. */
export class Track {
  /**
   * @param {PackedTrack & { points?: Int16Array }} track
   * @param {{ middle: number, unit: number }[]} scale pixels of the number 0 and of a unit, for x and y
   * @param {((x: number) => number) | null} height y in pixels as a function of x, if only x was sent
   */
  constructor(track, scale, height) {
    track.points ??= new Int16Array(decodeBase64(track.data).buffer);
    Object.assign(this, track, { scale, height });
  }

  /**
   * The position of a seed in a frame; null once it has diverged.
   *
   * @returns {Point | null}
   */
  position(frame, seed = 0) {
    const i = (this.height ? 1 : 2) * (frame * this.seeds + seed);
    if (this.points[i] === MISSING) return null;
    const [x, y] = this.scale.map(({ middle, unit }, axis) => middle + unit * this.points[i + axis]);
    return [x, this.height ? this.height(x) : y];
  }

  /** The frame of a step, fractional between two frames; without a step, the last frame. */
  frameOf(step) {
    if (step === null || step >= this.last || this.frames === 1) return this.frames - 1;
    return this.at ? fractionalIndex(this.at, step) : (step / this.last) * (this.frames - 1);
  }

  /** The positions of all seeds at a step. */
  positions(step) {
    const frame = Math.round(this.frameOf(step));
    return Array.from({ length: this.seeds }, (_, seed) => this.position(frame, seed)).filter(Boolean);
  }

  /** The positions of a seed, frame by frame, until it diverges. */
  *path(seed = 0) {
    for (let frame = 0; frame < this.frames; frame++) {
      const point = this.position(frame, seed);
      if (!point) return;
      yield point;
    }
  }
}

/** A track up to the clock of a replay; while it plays, positions are interpolated linearly between frames. */
export class PlayedTrack extends Track {
  /**
   * @param {PackedTrack} track
   * @param {{ middle: number, unit: number }[]} scale
   * @param {((x: number) => number) | null} height
   * @param {number} clock
   * @param {boolean} playing
   */
  constructor(track, scale, height, clock, playing) {
    super(track, scale, height);
    const frame = this.frameOf(clock);
    this.now = playing ? frame : Math.round(frame);
  }

  position(frame, seed = 0) {
    const from = super.position(Math.floor(frame), seed);
    const share = frame % 1;
    const to = share ? super.position(Math.ceil(frame), seed) : from;
    if (!from || !to) return null;
    const x = from[0] + share * (to[0] - from[0]);
    return [x, this.height ? this.height(x) : from[1] + share * (to[1] - from[1])];
  }

  positions() {
    return Array.from({ length: this.seeds }, (_, seed) => this.position(this.now, seed)).filter(Boolean);
  }

  *path(seed = 0) {
    const first = this.seeds > MANY_SEEDS ? Math.max(0, Math.floor(this.now) - TAIL_FRAMES) : 0;
    for (let frame = first; frame < this.now; frame++) {
      const point = this.position(frame, seed);
      if (!point) return;
      yield point;
    }
    const point = this.position(this.now, seed);
    if (point) yield point;
  }
}
