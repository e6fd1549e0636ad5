// The parts of a result: the highlights, the scores, key points, and what was measured.

import { h, icon } from "./dom.js";
import { clockTime } from "./format.js";
import { timeline } from "./timeline.js";

/** @typedef {import("../types.js").Result} Result */
/** @typedef {import("./moments.js").Moments} Moments */

const BEST = 10;

/**
 * What went well, and one thing to try, each with its moment; then the way to try it.
 * @param {Result} result
 * @param {Moments} moments
 * @param {HTMLElement|null} again
 */
export function highlights(result, moments, again) {
  const advice = (/** @type {string} */ text, /** @type {number|null|undefined} */ at, /** @type {string} */ spoken) =>
    at === null || at === undefined ? h("p", {}, text) : moments.of(text, at, { kind: "evidence advice", spoken });
  return h(
    "div",
    { class: "highlights" },
    result.strength &&
      h(
        "div",
        { class: "card strength" },
        h("h2", {}, icon("star"), "One strength"),
        advice(result.strength, result.strength_at, "(one strength)"),
      ),
    result.next_step &&
      h(
        "div",
        { class: "card next" },
        h("h2", {}, icon("next"), "One thing to try next"),
        advice(result.next_step, result.next_step_at, "(one thing to try next)"),
      ),
    again,
  );
}

/**
 * @param {Result} result
 * @param {Moments} moments
 * @param {string} [id] of its heading, where there are several results on one page
 */
export function scores(result, moments, id = "scores-heading") {
  const assessed = result.scores.filter((score) => score.value !== null);
  const overall =
    result.overall === null
      ? null
      : h("p", { class: "overall" }, h("strong", {}, String(result.overall)), ` of ${BEST} overall`);
  return h(
    "section",
    { class: "card scores", "aria-labelledby": id },
    h("div", { class: "scores-top" }, h("h2", { id }, "Scores"), overall),
    ...assessed.map((score) => scoreView(score, moments)),
    notScored(result),
  );
}

/**
 * @param {import("../types.js").Score} score
 * @param {Moments} moments
 */
function scoreView(score, moments) {
  const fill = h("div", { class: "fill" });
  fill.style.setProperty("--fraction", String((score.value ?? 0) / BEST));
  return h(
    "div",
    { class: "score" },
    h("div", {}, h("h3", {}, score.label), score.observed && h("p", { class: "observed" }, score.observed)),
    h(
      "p",
      { class: "value" },
      h("strong", {}, String(score.value)),
      h("span", {}, `\u202f/\u202f${BEST}`),
      score.range && h("span", { class: "range" }, score.range),
    ),
    h("div", { class: "bar", "aria-hidden": "true" }, fill),
    (score.evidence || score.at_seconds !== null) &&
      moments.of(score.evidence || "The moment that shows it", score.at_seconds, { spoken: `(${score.label})` }),
  );
}

/**
 * The metrics without a number, those with the same reason together; and one line about what the
 * engine in use does not look at.
 * @param {Result} result
 */
function notScored(result) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const { value, reason, label, left_out: leftOut } of result.scores) {
    if (value === null && !(leftOut && result.not_looked_at))
      groups.set(reason ?? "not assessed", [...(groups.get(reason ?? "not assessed") ?? []), label]);
  }
  if (!groups.size && !result.not_looked_at) return null;
  const lines = [...groups].map(([reason, labels]) => h("li", {}, `${labels.join(", ")}: ${reason}`));
  return h(
    "div",
    { class: "not-scored" },
    h("h3", {}, "Not scored"),
    lines.length > 0 && h("ul", {}, ...lines),
    result.not_looked_at && h("p", {}, result.not_looked_at),
  );
}

/**
 * @param {Result} result
 * @param {Moments} moments
 */
export function keyPoints(result, moments) {
  const missing = result.not_heard ?? [];
  if (!result.key_points.length && !missing.length) return null;
  const points = result.key_points.map((point) => h("li", {}, moments.of(point.text, point.at_seconds)));
  return h(
    "section",
    { class: "card points" },
    points.length > 0 && h("h2", {}, "Key points"),
    points.length > 0 && h("ul", {}, ...points),
    missing.length > 0 && h("h2", {}, "Not heard"),
    missing.length > 0 && h("ul", { class: "missing" }, ...missing.map((text) => h("li", {}, text))),
  );
}

/**
 * What was measured: the drawing, its sentences, and each pause and filler to play.
 * @param {Result} result
 * @param {Moments} moments
 */
export function measured(result, moments) {
  const { delivery } = result;
  if (!delivery) return null;
  const { pauses, fillers, remarks = [] } = delivery;
  return h(
    "section",
    { class: "card measured" },
    h("h2", {}, "Measured in your delivery"),
    delivery.words > 0 && timeline(result, moments.player),
    remarks.length > 0 && h("ul", { class: "remarks" }, ...remarks.map((remark) => remarkView(remark, moments))),
    h("ul", { class: "lines" }, ...delivery.lines.map((line) => h("li", {}, line))),
    (pauses.length > 0 || fillers.length > 0) && eachOne(delivery, moments),
  );
}

/**
 * Something about one moment: plain words first, the figure behind them.
 * @param {import("../types.js").Remark} remark
 * @param {Moments} moments
 */
function remarkView({ text, figure, at_seconds: at, seconds }, moments) {
  return h("li", {}, moments.of(`${text} (${figure})`, at, { seconds }));
}

/**
 * Each pause and filler to play, which on a phone come out when they are asked for.
 * @param {import("../types.js").Delivery} delivery
 * @param {Moments} moments
 */
function eachOne({ pauses, fillers }, moments) {
  return h(
    "details",
    { open: true },
    h("summary", {}, "Each pause and filler"),
    pauses.length > 0 &&
      chips(
        "Pauses",
        pauses.map((pause) =>
          moments.of(`${tenths(pause.seconds)} s`, pause.start, {
            kind: "chip",
            seconds: pause.seconds + 1,
            spoken: "pause",
          }),
        ),
      ),
    fillers.length > 0 &&
      chips(
        "Fillers",
        fillers.map((filler) =>
          moments.of(filler.text, filler.at_seconds, { kind: "chip", seconds: 1.5, spoken: "filler" }),
        ),
      ),
  );
}

/**
 * @param {string} title
 * @param {HTMLElement[]} items
 */
function chips(title, items) {
  return h("div", { class: "chips" }, h("h3", {}, title), ...items);
}

/** @param {number} seconds */
function tenths(seconds) {
  return seconds < 60 ? String(Math.round(seconds * 10) / 10) : clockTime(seconds);
}

/** @param {Result} result */
export function goodToKnow(result) {
  const { notes, footer } = result;
  return h(
    "section",
    { class: "card notes" },
    h("h2", {}, "Good to know"),
    h("ul", {}, ...notes.map((note) => h("li", {}, note))),
    h("p", { class: "small" }, footer),
  );
}
