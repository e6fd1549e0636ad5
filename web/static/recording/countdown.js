// Timers that can be seen, heard and skipped: the preparation ring and the 3-2-1.

import { h, s } from "../ui/dom.js";
import { durationInWords } from "../ui/format.js";

const TICK_MS = 100;
const SPOKEN = new Set([60, 30, 10]); // seconds left at which screen readers hear about it

/**
 * Count down; `onEnd` is called once at the end, and never after `stop`.
 * @param {number} seconds
 * @param {(left: number) => void} onTick
 * @param {() => void} onEnd
 * @returns {{stop: () => void}}
 */
export function countDown(seconds, onTick, onEnd) {
  const end = performance.now() + seconds * 1000;
  const timer = setInterval(() => {
    const left = (end - performance.now()) / 1000;
    if (left > 0) return onTick(left);
    clearInterval(timer);
    onTick(0);
    onEnd();
  }, TICK_MS);
  onTick(seconds);
  return { stop: () => clearInterval(timer) };
}

/**
 * A ring that empties, with the seconds in it.
 * @param {string} label what is being counted
 */
export function countdownRing(label) {
  const arc = s("circle", { class: "arc", cx: 60, cy: 60, r: 52, pathLength: 100 });
  const number = h("span", { class: "number" });
  const node = h(
    "div",
    { class: "ring", role: "timer", "aria-label": label },
    s(
      "svg",
      { viewBox: "0 0 120 120", "aria-hidden": "true" },
      s("circle", { class: "track", cx: 60, cy: 60, r: 52 }),
      arc,
    ),
    number,
  );
  return {
    node,
    /**
     * @param {number} left
     * @param {number} total
     */
    set(left, total) {
      number.textContent = String(Math.ceil(left));
      arc.setAttribute("stroke-dasharray", `${total ? (left / total) * 100 : 0} 100`);
    },
  };
}

/**
 * Says how much time is left, only at the moments that matter.
 * @param {(text: string) => void} announce
 * @param {number} total the whole length in seconds: nothing is said right at the beginning
 */
export function timeAnnouncer(announce, total) {
  let last = Math.ceil(total);
  return (/** @type {number} */ left) => {
    const now = Math.ceil(left);
    if (now < last && SPOKEN.has(now)) announce(`${durationInWords(now)} left.`);
    last = now;
  };
}
