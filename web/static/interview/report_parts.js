// The parts of an interview's report: moments to hear again, and each question with its result.

import { h } from "../ui/dom.js";
import { Moments } from "../ui/moments.js";
import { answerParts, picture, wording } from "../ui/result_content.js";
import { goodToKnow, highlights, keyPoints, measured, scores } from "../ui/result_parts.js";
import { transcript } from "../ui/transcript.js";

/** @typedef {import("../types.js").ReportMoment} ReportMoment */
/** @typedef {import("../types.js").ReportedAnswer} ReportedAnswer */
/** @typedef {import("./clips.js").Clips} Clips */

/**
 * Something about one answer, with the moment to hear again.
 * @param {ReportMoment} moment
 * @param {Clips} clips
 */
export function momentOf({ text, label, attempt_id: id, at_seconds: at }, clips) {
  const moments = new Moments(clips.of(id, label));
  return h(
    "div",
    { class: "report-moment" },
    moments.of(text, at, { kind: "evidence advice", spoken: `(${label})` }),
    h("p", { class: "small" }, label),
  );
}

/**
 * A question with its result, which comes out when it is asked for.
 * @param {ReportedAnswer} answer
 * @param {Clips} clips
 */
export function answerCard({ label, question, words, attempt_id: id, result }, clips) {
  const heading = h("h3", {}, label);
  const top = [h("p", { class: "question small-question" }, question), h("p", { class: "answer-words" }, words)];
  if (!result) return h("section", { class: "card answer" }, heading, ...top);
  const clip = clips.of(id, label);
  const moments = new Moments(clip);
  const details = h(
    "details",
    {},
    h("summary", {}, "The whole result", h("span", { class: "visually-hidden" }, `: ${label}`)),
    highlights(result, moments, null),
    scores(result, moments, `scores-${id}`),
    keyPoints(result, moments),
    answerParts(result, moments),
    wording(result, moments),
    measured(result, moments),
    picture(result, moments),
    result.transcript.length > 0 &&
      h("section", { class: "card" }, h("h2", {}, "Transcript"), transcript(result.transcript, clip)),
    result.notes.length > 0 && goodToKnow(result),
  );
  return h("section", { class: "card answer" }, heading, ...top, details);
}
