// The level meter: bars for the eye, a value and a sentence for screen readers.

import { h, icon } from "../ui/dom.js";

const BARS = 14;

/** A meter and how to set it, 0 to 1. */
export function levelMeter() {
  const bars = Array.from({ length: BARS }, () => h("i"));
  const node = h(
    "div",
    {
      class: "meter",
      role: "meter",
      "aria-label": "Microphone level",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": 0,
    },
    icon("mic"),
    ...bars,
  );
  return {
    node,
    /** @param {number} level */
    set(level) {
      const lit = Math.round(level * BARS);
      for (const [index, bar] of bars.entries()) bar.classList.toggle("lit", index < lit);
      node.setAttribute("aria-valuenow", String(Math.round(level * 100)));
    },
  };
}
