// What a move on Compare changes beside the charts, brought by one element: the list of slots, and the fields of the sliders.

import { removeGroups, setGroups } from '../controls/control_group.js';
import { setSlots } from './slots/slot_list.js';

/**
 * Pass each part on to the elements that show it; the sliders are last, since their next value may then be sent.
 *
 * @param {import('../panel/panel.js').Component} component its data come from `send` in live.py
 */
export function drawParts({ data: { parts }, ...rest }) {
  setSlots({ ...rest, data: parts.slots });
  setGroups({ ...rest, data: parts.controls });
}

/**
 * Forget the fields; the page was left.
 *
 * @param {import('../panel/panel.js').Component} component
 */
export const removeParts = (component) => removeGroups(component);
