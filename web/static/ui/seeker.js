// Leads through the moments of a result on the timeline: by pointer, and by keyboard from one to the next.

import { h } from "./dom.js";
import { clockTime } from "./format.js";
import { marksOf } from "./marks.js";

/** @typedef {import("../types.js").Result} Result */
/** @typedef {import("./marks.js").Mark} Mark */

/**
 * Lies over the drawing: a press goes to that place, the arrow keys from moment to moment, and Enter plays.
 * @param {Result} result
 * @param {import("./player.js").Playable} player
 * @param {number} total
 * @param {HTMLElement} chosen where the moment is named that was gone to
 */
export function seeker(result, player, total, chosen) {
  const marks = marksOf(result);
  const node = h("div", {
    class: "seeker",
    role: "slider",
    tabindex: 0,
    "aria-label": "Moments of your answer: arrow keys go from one to the next, Enter plays",
    "aria-valuemin": 0,
    "aria-valuemax": Math.round(total),
    "aria-valuenow": 0,
    "aria-valuetext": clockTime(0),
  });
  const show = (/** @type {number} */ at, /** @type {string} */ text) => {
    node.setAttribute("aria-valuenow", String(Math.round(at)));
    node.setAttribute("aria-valuetext", text);
  };
  /** @param {Mark|undefined} mark */
  const goTo = (mark) => {
    if (!mark) return;
    player.seek(mark.at);
    show(mark.at, `${clockTime(mark.at)}, ${mark.text}`);
    chosen.textContent = `${clockTime(mark.at)}: ${mark.text}`;
    at = mark.at;
  };
  let at = 0;
  node.addEventListener("click", (event) => {
    const box = node.getBoundingClientRect();
    at = ((event.clientX - box.left) / box.width) * total;
    player.seek(at);
    show(at, clockTime(at));
    chosen.textContent = "";
  });
  node.addEventListener("keydown", (event) => {
    const moves = {
      ArrowRight: () => goTo(marks.find((mark) => mark.at > at + 0.05)),
      ArrowUp: () => goTo(marks.find((mark) => mark.at > at + 0.05)),
      ArrowLeft: () => goTo(marks.findLast((mark) => mark.at < at - 0.05)),
      ArrowDown: () => goTo(marks.findLast((mark) => mark.at < at - 0.05)),
      Home: () => goTo(marks[0]),
      End: () => goTo(marks[marks.length - 1]),
      Enter: () => player.playAt(at),
      " ": () => player.playAt(at),
    };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (!move) return;
    event.preventDefault();
    move();
  });
  return node;
}
