// Draws how the answer went over its length: speech, pauses, fillers, parts, looks away, and where it plays.

import { h, s } from "./dom.js";
import { clockTime, durationInWords, pluralize } from "./format.js";
import { seeker } from "./seeker.js";

const WIDTH = 1000;
const HEIGHT = 124;
const SPEECH_TOP = 18; // above it the parts of the answer have their flags
const BASELINE = 86; // where the bars stand; fillers lie below, and under them the looks away
const AWAY_TOP = 110;
const SLOWEST = 60; // words per minute that give the lowest bar
const FASTEST = 240; // and the highest

/** @typedef {import("../types.js").Result} Result */

/**
 * @param {Result} result
 * @param {import("./player.js").Playable|null} player
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
    ...(result.picture?.away ?? []).map((away) => awayBar(away, x)),
    ...heardParts(result).map((part) => partFlag(part, x)),
    ...adviceMoments(result).map((at) => adviceMark(at, x)),
    player && playhead,
  );
  player?.onTimeChange(() => {
    for (const end of ["x1", "x2"]) playhead.setAttribute(end, String(x(player.currentTime)));
  });
  const chosen = h("p", { class: "small chosen-mark" });
  return h(
    "figure",
    { class: "timeline" },
    h("div", { class: "drawing" }, drawing, player && seeker(result, player, total, chosen)),
    player && chosen,
    h("div", { class: "scale", "aria-hidden": "true" }, ...scale(total)),
    legend(result),
  );
}

/** @param {Result} result */
function heardParts(result) {
  return (result.parts ?? []).filter((part) => part.at_seconds !== null);
}

/** @param {Result} result */
function adviceMoments(result) {
  const moments = [result.strength_at, result.next_step_at];
  return moments.filter((at) => at !== null && at !== undefined);
}

/**
 * @param {import("../types.js").Part} part
 * @param {(seconds: number) => number} x
 */
function partFlag({ label, at_seconds: at }, x) {
  const flag = { class: "part", x: x(at ?? 0), y: 0, width: 16, height: 12, rx: 2 };
  return s("rect", flag, s("title", {}, `${label}, ${clockTime(at ?? 0)}`));
}

/**
 * @param {number} at
 * @param {(seconds: number) => number} x
 */
function adviceMark(at, x) {
  return s("rect", { class: "advice", x: x(at) - 3, y: SPEECH_TOP, width: 6, height: BASELINE - SPEECH_TOP, rx: 3 });
}

/**
 * @param {import("../types.js").Stretch} away
 * @param {(seconds: number) => number} x
 */
function awayBar({ start, end }, x) {
  const width = Math.max(6, x(end) - x(start));
  return s("rect", { class: "away", x: x(start), y: AWAY_TOP, width, height: 10, rx: 3 });
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
  return s("rect", { class: "silence", x: x(pause.start), y: SPEECH_TOP, width, height: BASELINE - SPEECH_TOP });
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
  return (0.2 + 0.75 * Math.min(1, Math.max(0, part))) * (BASELINE - SPEECH_TOP);
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
    { name: "part", text: "part of the answer", here: heardParts(result).length > 0 },
    { name: "advice", text: "strength, next step", here: adviceMoments(result).length > 0 },
    { name: "away", text: "head turned away", here: Boolean(result.picture?.away.length) },
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
  const heard = heardParts(result);
  if (heard.length) {
    parts.push(
      `parts of the answer: ${heard.map(({ label, at_seconds: at }) => `${label} at ${clockTime(at ?? 0)}`).join(", ")}`,
    );
  }
  if (result.picture?.away.length) {
    parts.push(`head turned away at ${result.picture.away.map(({ start }) => clockTime(start)).join(", ")}`);
  }
  const known = result.transcript.filter((sentence) => sentence.end - sentence.start >= 1);
  if (known.length > 1) {
    const fastest = known.reduce((one, other) => (pace(other) > pace(one) ? other : one));
    const slowest = known.reduce((one, other) => (pace(other) < pace(one) ? other : one));
    parts.push(`fastest around ${clockTime(fastest.start)}, slowest around ${clockTime(slowest.start)}`);
  }
  return `${parts.join("; ")}.`;
}
