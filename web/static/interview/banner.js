// What stands above each step of an interview: which question it is, and how the others stand.

import { button, h, icon } from "../ui/dom.js";

/** @typedef {import("./interview.js").Interview} Interview */
/** @typedef {import("../types.js").Question} Question */

const STANDINGS = {
  unanswered: "not answered yet",
  under_way: "being assessed",
  assessed: "result is there",
  came_to_nothing: "no result",
  left_out: "left out",
};

/**
 * How a question stands, in words.
 * @param {Question} question
 */
export function standingWords(question) {
  return STANDINGS[question.standing];
}

/**
 * What a question is called among the others: "Question 2", "Follow-up to question 1".
 * @param {Question} question
 */
export function nameOf({ label }) {
  return label.replace(/ of \d+$/, "");
}

/**
 * How a question is marked, for the eye.
 * @param {Question} question
 * @returns {Node}
 */
export function standingMark(question) {
  if (question.standing === "under_way") return h("span", { class: "spinner", "aria-hidden": "true" });
  if (question.standing === "assessed") return icon("tick");
  if (question.standing === "came_to_nothing") return icon("warn");
  return h("span", { class: "unmarked", "aria-hidden": "true" });
}

/**
 * The number a question is known by: "2", or "2+" for a follow-up.
 * @param {Question[]} questions
 * @param {Question} question
 */
export function shortName(questions, question) {
  const planned = questions.filter(({ follow_up: followUp }) => !followUp);
  const number = planned.filter(({ position }) => position <= question.position).length;
  return question.follow_up ? `${number}+` : String(number);
}

/**
 * @param {Interview} interview
 * @returns {HTMLElement}
 */
export function banner(interview) {
  const node = h("div", { class: "interview-banner" });
  const show = () => {
    const { questions } = interview.state;
    const now = interview.at(interview.position);
    const leave = button("Overview", () => interview.studio.go("interview"), { kind: "quiet" });
    node.replaceChildren(
      h("p", { class: "interview-now" }, now ? now.label : "Interview"),
      h(
        "ol",
        { class: "interview-dots", "aria-label": "Questions of the interview" },
        ...questions.map((question) =>
          h(
            "li",
            { class: `dot ${question.standing}`, "aria-current": question === now ? "step" : null },
            h("span", { class: "visually-hidden" }, `${question.label}: ${standingWords(question)}`),
            h("span", { "aria-hidden": "true" }, shortName(questions, question)),
            question.standing === "assessed" && h("span", { class: "dot-mark" }, icon("tick")),
          ),
        ),
      ),
      leave,
    );
  };
  interview.onChange(show);
  show();
  return node;
}
