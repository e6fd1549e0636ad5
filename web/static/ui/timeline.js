// Draws how the answer went over its length: speech and its pace, pauses, fillers, and where it plays.

import { h, s } from "./dom.js";
import { count, lengthInWords, moment } from "./format.js";

const WIDTH = 1000;
const HEIGHT = 100;
const FLOOR = 78; // where the bars stand; fillers lie below
const SLOWEST = 60; // words per minute that give the lowest bar
const FASTEST = 240; // and the highest

/** @typedef {import("../types.js").Result} Result */

/**
 * @param {Result} result
 * @param {import("./player.js").Player|null} player
 */
export function timeline(result, player) {
  const all = lengthOf(result);
  const x = (/** @type {number} */ seconds) => Math.min(1, Math.max(0, seconds / all)) * WIDTH;
  const head = s("line", { class: "head", x1: 0, x2: 0, y1: 0, y2: HEIGHT });
  const drawing = s(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": inWords(result, all),
    },
    s("line", { class: "ground", x1: 0, x2: WIDTH, y1: FLOOR, y2: FLOOR }),
    ...result.transcript.map((said) => speechBar(said, x)),
    ...(result.delivery?.pauses ?? []).map((pause) => pauseBar(pause, x)),
    ...(result.delivery?.fillers ?? []).map((filler) => fillerMark(filler, x)),
    player && head,
  );
  if (player) {
    drawing.classList.add("seekable");
    drawing.addEventListener("click", (event) => {
      const box = drawing.getBoundingClientRect();
      player.seek(((event.clientX - box.left) / box.width) * all);
    });
    player.follow(() => {
      for (const end of ["x1", "x2"]) head.setAttribute(end, String(x(player.at)));
    });
  }
  return h(
    "figure",
    { class: "timeline" },
    drawing,
    h("div", { class: "scale", "aria-hidden": "true" }, ...scale(all)),
    legend(result),
  );
}

/** @param {Result} result */
function lengthOf(result) {
  const ends = result.transcript.map((said) => said.end);
  return Math.max(1, result.duration_seconds, ...ends);
}

/**
 * A stretch of speech, taller where it is faster.
 * @param {import("../types.js").Sentence} said
 * @param {(seconds: number) => number} x
 */
function speechBar(said, x) {
  const height = paceHeight(pace(said));
  const width = Math.max(2, x(said.end) - x(said.start) - 2);
  return s("rect", { class: "speech", x: x(said.start), y: FLOOR - height, width, height, rx: 4 });
}

/**
 * @param {import("../types.js").Pause} pause
 * @param {(seconds: number) => number} x
 */
function pauseBar(pause, x) {
  const width = Math.max(4, x(pause.start + pause.seconds) - x(pause.start));
  return s("rect", { class: "silence", x: x(pause.start), y: 0, width, height: FLOOR });
}

/**
 * @param {import("../types.js").Filler} filler
 * @param {(seconds: number) => number} x
 */
function fillerMark(filler, x) {
  return s("rect", { class: "filler", x: x(filler.at_seconds) - 4, y: FLOOR + 6, width: 8, height: 14, rx: 3 });
}

/** @param {import("../types.js").Sentence} said */
function pace(said) {
  const words = said.text.split(/\s+/).filter(Boolean).length;
  return (words / Math.max(0.3, said.end - said.start)) * 60;
}

/** @param {number} wordsPerMinute */
function paceHeight(wordsPerMinute) {
  const part = (wordsPerMinute - SLOWEST) / (FASTEST - SLOWEST);
  return (0.2 + 0.75 * Math.min(1, Math.max(0, part))) * FLOOR;
}

/** @param {number} all */
function scale(all) {
  return [0, all / 2, all].map((seconds) => h("span", {}, moment(seconds)));
}

/** @param {Result} result */
function legend(result) {
  const has = [
    { name: "speech", text: "speech, taller is faster", here: result.transcript.length > 0 },
    { name: "silence", text: "pause", here: Boolean(result.delivery?.pauses.length) },
    { name: "filler", text: "filler", here: Boolean(result.delivery?.fillers.length) },
  ];
  const shown = has.filter((each) => each.here);
  return h(
    "figcaption",
    { class: "legend" },
    ...shown.map(({ name, text }) => h("span", {}, h("i", { class: name, "aria-hidden": "true" }), text)),
  );
}

/**
 * The drawing for those who don't see it.
 * @param {Result} result
 * @param {number} all
 */
function inWords(result, all) {
  const { delivery } = result;
  const parts = [`Your answer over its ${lengthInWords(all)}`];
  if (delivery?.pauses.length) {
    parts.push(`${count(delivery.pauses.length, "pause")} at ${delivery.pauses.map((pause) => moment(pause.start)).join(", ")}`);
  }
  if (delivery?.fillers.length) {
    parts.push(`${count(delivery.fillers.length, "filler")} at ${delivery.fillers.map((filler) => moment(filler.at_seconds)).join(", ")}`);
  }
  const known = result.transcript.filter((said) => said.end - said.start >= 1);
  if (known.length > 1) {
    const fastest = known.reduce((one, other) => (pace(other) > pace(one) ? other : one));
    const slowest = known.reduce((one, other) => (pace(other) < pace(one) ? other : one));
    parts.push(`fastest around ${moment(fastest.start)}, slowest around ${moment(slowest.start)}`);
  }
  return `${parts.join("; ")}.`;
}
