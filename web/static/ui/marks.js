// Every moment of a result in the order of time, as the timeline leads through them.

import { clockTime } from "./format.js";

/** @typedef {import("../types.js").Result} Result */
/** @typedef {{at: number, text: string}} Mark */

/**
 * @param {Result} result
 * @returns {Mark[]}
 */
export function marksOf(result) {
  const { delivery, parts = [], picture } = result;
  /** @type {[number|null|undefined, string][]} */
  const all = [
    [result.strength_at, "one strength"],
    [result.next_step_at, "one thing to try next"],
    ...result.scores.map((score) => /** @type {[number|null, string]} */ ([score.at_seconds, score.label])),
    ...result.key_points.map(
      (point) => /** @type {[number|null, string]} */ ([point.at_seconds, `key point: ${point.text}`]),
    ),
    ...parts.map((part) => /** @type {[number|null, string]} */ ([part.at_seconds, `part: ${part.label}`])),
    [result.better?.at_seconds, "a passage that could be said better"],
    ...(delivery?.pauses ?? []).map(
      ({ start, seconds }) => /** @type {[number, string]} */ ([start, `pause of ${seconds.toFixed(1)} seconds`]),
    ),
    ...(delivery?.fillers ?? []).map(
      ({ text, at_seconds: at }) => /** @type {[number, string]} */ ([at, `filler: ${text}`]),
    ),
    ...(delivery?.remarks ?? [])
      .filter(({ kind }) => kind !== "pause")
      .map(
        ({ text, figure, at_seconds: at }) =>
          /** @type {[number, string]} */ ([at, `${text.toLowerCase()}, ${figure}`]),
      ),
    ...(picture?.away ?? []).map(
      ({ start, end }) => /** @type {[number, string]} */ ([start, `head turned away until ${clockTime(end)}`]),
    ),
  ];
  /** @type {Map<number, string[]>} */
  const places = new Map();
  for (const [at, text] of all) {
    if (at === null || at === undefined) continue;
    const tenth = Math.round(at * 10) / 10;
    places.set(tenth, [...(places.get(tenth) ?? []), text]);
  }
  return [...places].map(([at, texts]) => ({ at, text: texts.join("; ") })).sort((one, other) => one.at - other.at);
}
