// The parts of a result about what was said and shown: parts of the answer, wording, picture, changes.

import { h, s } from "./dom.js";
import { clockTime } from "./format.js";

/** @typedef {import("../types.js").Result} Result */
/** @typedef {import("./moments.js").Moments} Moments */

const LINE_WIDTH = 200;
const LINE_HEIGHT = 40;
const LINE_MARGIN = 6;

/**
 * Which parts of an answer to this kind of question were heard, and how it is held together.
 * @param {Result} result
 * @param {Moments} moments
 */
export function answerParts(result, moments) {
  const { parts = [], structure = "" } = result;
  if (!parts.length && !structure) return null;
  const lines = parts.map(({ label, at_seconds: at }) =>
    h("li", {}, at === null ? h("p", { class: "evidence missing" }, `${label}: not heard`) : moments.of(label, at)),
  );
  return h(
    "section",
    { class: "card points" },
    h("h2", {}, parts.length ? "Parts of your answer" : "How your answer is built"),
    lines.length > 0 && h("ul", {}, ...lines),
    structure && h("p", { class: "small" }, structure),
  );
}

/**
 * One passage as it could be said, and one question about what was missing.
 * @param {Result} result
 * @param {Moments} moments
 * @param {HTMLElement|null} [answerIt] the way to answer that question
 */
export function wording(result, moments, answerIt = null) {
  const { better = null, follow_up: followUp = "" } = result;
  if (!better && !followUp) return null;
  return h(
    "section",
    { class: "card wording" },
    better && h("h2", {}, "Said better"),
    better && moments.of(`You: “${better.quote}”`, better.at_seconds),
    better && h("p", { class: "better" }, `Better: “${better.better}”`),
    followUp && h("h2", {}, "A follow-up question"),
    followUp && h("p", {}, followUp),
    followUp && answerIt,
  );
}

/**
 * What was measured in the picture, and when the head was turned away, to play.
 * @param {Result} result
 * @param {Moments} moments
 */
export function picture(result, moments) {
  if (!result.picture) return null;
  const { lines, away } = result.picture;
  return h(
    "section",
    { class: "card measured" },
    h("h2", {}, "Measured in the picture"),
    h("ul", { class: "lines" }, ...lines.map((line) => h("li", {}, line))),
    away.length > 0 &&
      h(
        "div",
        { class: "chips" },
        h("h3", {}, "Turned away"),
        ...away.map(({ start, end }) =>
          moments.of(lengthText(end - start), start, { kind: "chip", seconds: end - start, spoken: "turned away" }),
        ),
      ),
  );
}

/**
 * What changed since the last attempt at this question, and a small line of the last ones.
 * @param {Result} result
 */
export function changes(result) {
  const { changes: lines = [], line = null } = result;
  if (!lines.length) return null;
  return h(
    "section",
    { class: "card changes" },
    h("h2", {}, "Since your last attempt at this question"),
    line && sparkline(line),
    h("ul", { class: "lines" }, ...lines.map((text) => h("li", {}, text))),
  );
}

/**
 * A line through the last attempts, for the eye; its words are read instead.
 * @param {import("../types.js").Line} line
 */
function sparkline({ title, values, words }) {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const points = values.flatMap((value, index) => {
    if (value === null) return [];
    const x = LINE_MARGIN + (index / Math.max(1, values.length - 1)) * (LINE_WIDTH - 2 * LINE_MARGIN);
    const part = high === low ? 0.5 : (value - low) / (high - low);
    return [{ x, y: LINE_HEIGHT - LINE_MARGIN - part * (LINE_HEIGHT - 2 * LINE_MARGIN) }];
  });
  const last = points[points.length - 1];
  return h(
    "figure",
    { class: "sparkline" },
    s(
      "svg",
      { viewBox: `0 0 ${LINE_WIDTH} ${LINE_HEIGHT}`, role: "img", "aria-label": words },
      s("polyline", { points: points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ") }),
      s("circle", { cx: last.x, cy: last.y, r: 4 }),
    ),
    h("figcaption", { class: "small" }, `${title}, your last ${points.length} attempts`),
  );
}

/** @param {number} seconds */
function lengthText(seconds) {
  return seconds < 60 ? `${Math.max(0.1, Math.round(seconds * 10) / 10)} s` : clockTime(seconds);
}
