// Draws how the answer went over its length: speech and its pace, pauses, fillers, and where it plays.

import { h, s } from "./dom.js";
import { clockTime, durationInWords, pluralize } from "./format.js";

const WIDTH = 1000;
const HEIGHT = 100;
const BASELINE = 78; // where the bars stand; fillers lie below
const SLOWEST = 60; // words per minute that give the lowest bar
const FASTEST = 240; // and the highest

/** @typedef {import("../types.js").Result} Result */

/**
 * @param {Result} result
 * @param {import("./player.js").Player|null} player
 */
export function timeline(result, player) {
  const total = lengthOf(result);
  const x = (/** @type {number} */ seconds) => Math.min(1, Math.max(0, seconds / total)) * WIDTH;
  const playhead = s("line", { class: "playhead", x1: 0, x2: 0, y1: 0, y2: HEIGHT });
  const drawing = s(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": description(result, total),
    },
    s("line", { class: "baseline", x1: 0, x2: WIDTH, y1: BASELINE, y2: BASELINE }),
    ...result.transcript.map((sentence) => speechBar(sentence, x)),
    ...(result.delivery?.pauses ?? []).map((pause) => pauseBar(pause, x)),
    ...(result.delivery?.fillers ?? []).map((filler) => fillerMark(filler, x)),
    player && playhead,
  );
  if (player) {
    drawing.classList.add("seekable");
    drawing.addEventListener("click", (event) => {
      const box = drawing.getBoundingClientRect();
      player.seek(((event.clientX - box.left) / box.width) * total);
    });
    player.onTimeChange(() => {
      for (const end of ["x1", "x2"]) playhead.setAttribute(end, String(x(player.currentTime)));
    });
  }
  return h(
    "figure",
    { class: "timeline" },
    drawing,
    h("div", { class: "scale", "aria-hidden": "true" }, ...scale(total)),
    legend(result),
  );
}

/** @param {Result} result */
function lengthOf(result) {
  const ends = result.transcript.map((sentence) => sentence.end);
  return Math.max(1, result.duration_seconds, ...ends);
}

/**
 * A stretch of speech, taller where it is faster.
 * @param {import("../types.js").Sentence} sentence
 * @param {(seconds: number) => number} x
 */
function speechBar(sentence, x) {
  const height = paceHeight(pace(sentence));
  const width = Math.max(2, x(sentence.end) - x(sentence.start) - 2);
  return s("rect", { class: "speech", x: x(sentence.start), y: BASELINE - height, width, height, rx: 4 });
}

/**
 * @param {import("../types.js").Pause} pause
 * @param {(seconds: number) => number} x
 */
function pauseBar(pause, x) {
  const width = Math.max(4, x(pause.start + pause.seconds) - x(pause.start));
  return s("rect", { class: "silence", x: x(pause.start), y: 0, width, height: BASELINE });
}

/**
 * @param {import("../types.js").Filler} filler
 * @param {(seconds: number) => number} x
 */
function fillerMark(filler, x) {
  return s("rect", { class: "filler", x: x(filler.at_seconds) - 4, y: BASELINE + 6, width: 8, height: 14, rx: 3 });
}

/** @param {import("../types.js").Sentence} sentence */
function pace(sentence) {
  const words = sentence.text.split(/\s+/).filter(Boolean).length;
  return (words / Math.max(0.3, sentence.end - sentence.start)) * 60;
}

/** @param {number} wordsPerMinute */
function paceHeight(wordsPerMinute) {
  const part = (wordsPerMinute - SLOWEST) / (FASTEST - SLOWEST);
  return (0.2 + 0.75 * Math.min(1, Math.max(0, part))) * BASELINE;
}

/** @param {number} total */
function scale(total) {
  return [0, total / 2, total].map((seconds) => h("span", {}, clockTime(seconds)));
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
 * @param {number} total
 */
function description(result, total) {
  const { delivery } = result;
  const parts = [`Your answer over its ${durationInWords(total)}`];
  if (delivery?.pauses.length) {
    parts.push(
      `${pluralize(delivery.pauses.length, "pause")} at ${delivery.pauses.map((pause) => clockTime(pause.start)).join(", ")}`,
    );
  }
  if (delivery?.fillers.length) {
    parts.push(
      `${pluralize(delivery.fillers.length, "filler")} at ${delivery.fillers.map((filler) => clockTime(filler.at_seconds)).join(", ")}`,
    );
  }
  const known = result.transcript.filter((sentence) => sentence.end - sentence.start >= 1);
  if (known.length > 1) {
    const fastest = known.reduce((one, other) => (pace(other) > pace(one) ? other : one));
    const slowest = known.reduce((one, other) => (pace(other) < pace(one) ? other : one));
    parts.push(`fastest around ${clockTime(fastest.start)}, slowest around ${clockTime(slowest.start)}`);
  }
  return `${parts.join("; ")}.`;
}
