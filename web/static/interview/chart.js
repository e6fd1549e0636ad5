// Small multiples: one small drawing for each measure, from answer to answer, each with its words.

import { h, s } from "../ui/dom.js";

/** @typedef {import("../types.js").Report} Report */
/** @typedef {import("../types.js").Series} Series */

const WIDTH = 220;
const HEIGHT = 96;
const SIDE = 24;
const TOP = 24;
const BOTTOM = 22;
const BEST = 10;

/** @param {Report} report */
export function chart({ series, columns }) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "From answer to answer"),
    h("p", { class: "small" }, "Below each drawing stands the question; + is the follow-up to it."),
    h("div", { class: "multiples" }, ...series.map((one) => multiple(one, columns))),
  );
}

/**
 * @param {Series} series
 * @param {string[]} columns
 */
function multiple(series, columns) {
  const { title, values, words, is_score: isScore } = series;
  const known = values.filter((value) => value !== null);
  const low = isScore ? 1 : Math.min(0, ...known);
  const high = isScore ? BEST : Math.max(...known, low + 1);
  const x = (/** @type {number} */ at) =>
    values.length === 1 ? WIDTH / 2 : SIDE + (at / (values.length - 1)) * (WIDTH - 2 * SIDE);
  const y = (/** @type {number} */ value) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const points = values.flatMap((value, at) => (value === null ? [] : [{ x: x(at), y: y(value), value }]));
  return h(
    "figure",
    { class: "multiple" },
    h("figcaption", { "aria-hidden": "true" }, title),
    s(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
      s("line", { class: "baseline", x1: SIDE / 2, x2: WIDTH - SIDE / 2, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
      s("polyline", { points: points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(" ") }),
      ...points.flatMap((point) => [
        s("circle", { cx: point.x, cy: point.y, r: 4 }),
        s("text", { class: "value", x: point.x, y: point.y - 9 }, numberText(series, point.value)),
      ]),
      ...columns.map((column, at) => s("text", { class: "column", x: x(at), y: HEIGHT - 6 }, column)),
    ),
  );
}

/**
 * @param {Series} series
 * @param {number} value
 */
function numberText({ decimals, unit }, value) {
  return `${value.toFixed(decimals)}${unit.trim() === "%" ? "%" : ""}`;
}
