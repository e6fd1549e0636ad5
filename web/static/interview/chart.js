// Small multiples: one small drawing for each measure, from answer to answer, each with its words.

import { h, s } from "../ui/dom.js";

/** @typedef {import("../types.js").Report} Report */
/** @typedef {import("../types.js").Series} Series */

const WIDTH = 160;
const HEIGHT = 104;
const SIDE = 10;
const TOP = 26;
const BOTTOM = 26;
const [LOWEST, BEST] = [1, 10]; // of every score
const ROOM = 0.3; // above and below the measured values, of the distance between them

/** @param {Report} report */
export function chart({ series, columns }) {
  const followed = columns.some((column) => column.endsWith("+")) ? "; + is the follow-up to it" : "";
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "From answer to answer"),
    h("div", { class: "multiples" }, ...series.map((one) => multiple(one, columns))),
    h(
      "p",
      { class: "small" },
      `The number below each mark is the question${followed}. Circles are scores from 1 to 10, squares are what was measured.`,
    ),
  );
}

/**
 * @param {Series} series
 * @param {string[]} columns
 */
function multiple(series, columns) {
  const { title, unit, values, words } = series;
  const y = heights(series);
  const spots = values.map((value, at) => ({ value, x: SIDE + ((at + 0.5) / values.length) * (WIDTH - 2 * SIDE) }));
  const lines = spots.slice(1).flatMap(({ value, x }, at) => {
    const before = spots[at];
    if (value === null || before.value === null) return [];
    return [s("line", { class: "path", x1: before.x, x2: x, y1: y(before.value), y2: y(value) })];
  });
  const bottom = HEIGHT - BOTTOM;
  return h(
    "figure",
    { class: "multiple" },
    h("figcaption", { "aria-hidden": "true" }, unit.trim() ? `${title} (${unit.trim()})` : title),
    s(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
      s("line", { class: "baseline", x1: SIDE / 2, x2: WIDTH - SIDE / 2, y1: bottom, y2: bottom }),
      ...lines,
      ...spots.flatMap((spot) => marks(series, spot.x, spot.value, y)),
      ...columns.map((column, at) => s("text", { class: "column", x: spots[at]?.x ?? 0, y: HEIGHT - 7 }, column)),
    ),
  );
}

/**
 * The mark of one answer, with its number: nothing is told by a colour.
 * @param {Series} series
 * @param {number} x
 * @param {number|null} value
 * @param {(value: number) => number} y
 */
function marks({ is_score: isScore, decimals }, x, value, y) {
  if (value === null) return [s("text", { x, y: (TOP + HEIGHT - BOTTOM) / 2 }, "–")];
  const mark = isScore
    ? s("circle", { cx: x, cy: y(value), r: 4 })
    : s("rect", { x: x - 3.5, y: y(value) - 3.5, width: 7, height: 7 });
  return [mark, s("text", { class: "number", x, y: y(value) - 9 }, value.toFixed(decimals))];
}

/**
 * How high each value of a measure stands.
 * @param {Series} series
 * @returns {(value: number) => number}
 */
function heights({ is_score: isScore, values }) {
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const room = (most - least || 1) * ROOM;
  const [low, high] = isScore ? [LOWEST, BEST] : [least - room, most + room];
  return (value) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
}
