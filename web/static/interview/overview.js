// Step: how far the interview is, and what can be done now: go on, leave out, wait, or finish.

import { ApiError } from "../api.js";
import { hideLinkExpiry } from "../link_expiry.js";
import { button, h, notice, setText } from "../ui/dom.js";
import { pluralize } from "../ui/format.js";
import { nameOf, standingMark, standingWords } from "./banner.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").Question} Question */
/** @typedef {import("./interview.js").Interview} Interview */

/**
 * @param {Studio} studio
 * @param {string} [detail] what led here, said above
 * @returns {import("../types.js").StepView}
 */
export function overview(studio, detail) {
  const { interview } = studio;
  if (!interview) throw new Error("there is no interview");
  studio.devices.close();
  hideLinkExpiry();
  interview.position = null;
  const said = h("p", { class: "small", role: "status" });
  const container = h("div", { class: "interview-overview" });
  const view = { interview, said, confirming: false, show: () => {} };
  let heard = summary(interview);
  const show = () => {
    if (isReported(interview)) return queueMicrotask(() => studio.go("report"));
    keepFocus(container, () => container.replaceChildren(...parts(view).filter((part) => part !== null)));
    const now = summary(interview);
    if (now !== heard) studio.announce(now);
    heard = now;
  };
  view.show = show;
  show();
  const leave = interview.onChange(show);
  return {
    heading: interview.state.state === "stopped" ? "This interview was ended" : "Your interview",
    content: [detail ? notice("info", h("p", {}, detail)) : null, container, said],
    leave,
  };
}

/**
 * Whether there is nothing left to wait for, so that the report is all there is.
 * @param {Interview} interview
 */
export function isReported({ state }) {
  const assessed = state.questions.some(({ standing }) => standing === "assessed");
  return state.complete ? state.state === "finished" : state.over && assessed && !state.under_way;
}

/** @typedef {{interview: Interview, said: HTMLElement, confirming: boolean, show: () => void}} View */

/**
 * @param {View} view
 * @returns {(HTMLElement|null)[]}
 */
function parts(view) {
  const { interview } = view;
  return [now(view), questions(view), interview.ended ? null : ending(view)];
}

/**
 * What is next, in one card.
 * @param {View} view
 */
function now(view) {
  const { interview } = view;
  const { state, next } = interview;
  const press =
    next &&
    button(nextWords(next), () => act(view, () => interview.answer(next.position)), { icon: "camera", kind: "main" });
  if (press) press.dataset.key = "next";
  const hasResults = state.state !== "stopped" && state.questions.some(({ standing }) => standing === "assessed");
  const results = hasResults && button("Results so far", () => interview.studio.go("report"), { kind: "quiet" });
  if (results) results.dataset.key = "results";
  return h(
    "div",
    { class: "card" },
    h("p", { class: "lead" }, summary(interview)),
    ...explained(interview).map((line) => h("p", {}, line)),
    press && allowance(interview),
    press || results ? h("p", { class: "actions" }, press, results) : null,
  );
}

/** @param {Question} next */
function nextWords(next) {
  if (next.standing === "came_to_nothing") return `Record again: ${nameOf(next).toLowerCase()}`;
  return next.follow_up ? "Answer the follow-up" : `Answer ${nameOf(next).toLowerCase()}`;
}

/**
 * How it is, in one sentence; spoken when it changes.
 * @param {Interview} interview
 */
function summary({ state, next }) {
  if (state.state === "stopped") return "It was ended in Discord, so there is no report.";
  if (state.over) return "The day of this interview is over.";
  if (state.state === "finished") return "You have finished. The report comes when the last result is here.";
  if (next?.follow_up && next.standing === "unanswered") return "A follow-up question has come.";
  if (next?.standing === "came_to_nothing") return "All other questions are done. One answer came to nothing.";
  if (next) return `${next.label} is next.`;
  if (state.waits) return "All answered. One more question may come when a result is here; you can finish now.";
  if (state.under_way) return "All answered. The report comes when the last result is here.";
  return "All answered. One moment, the last result is being looked at.";
}

/** @param {Interview} interview */
function explained({ state, next }) {
  if (state.state === "stopped") {
    return [
      "What you answered is in Discord, in /history. Go on with it by /interview show, or begin a new one with /interview start.",
    ];
  }
  if (state.over) return ["What you answered is in Discord, in /history. Begin a new one with /interview start."];
  if (next) {
    const hours = Math.max(1, Math.floor(state.seconds_left / 3600));
    return [
      "You see each question when it is its turn. While you answer the next one, the last one is assessed.",
      `Take a break whenever you like: this link goes on where you were for ${pluralize(hours, "more hour")}, on another device too.`,
    ];
  }
  return ["You can close this page: the report also comes to Discord, and this link shows it."];
}

/**
 * Said only where the allowance does not do for what is left.
 * @param {Interview} interview
 */
function allowance({ state }) {
  const open = state.questions.filter(({ standing }) => standing === "unanswered" || standing === "came_to_nothing");
  if (state.refused) return notice("warn", h("p", {}, state.refused));
  if (state.answers_left >= open.length) return null;
  const left = pluralize(state.answers_left, "more answer");
  return notice("info", h("p", {}, `Your allowance does for ${left} now. Leave a question out, or finish earlier.`));
}

/**
 * Every question and how it stands, with what can be done about it.
 * @param {View} view
 */
function questions(view) {
  const { interview } = view;
  return h(
    "section",
    { class: "card", "aria-labelledby": "questions-heading" },
    h("h2", { id: "questions-heading" }, "Questions"),
    h("ol", { class: "interview-questions" }, ...interview.state.questions.map((question) => row(view, question))),
  );
}

/**
 * @param {View} view
 * @param {Question} question
 */
function row(view, question) {
  const { interview } = view;
  const why = question.standing === "came_to_nothing" ? (question.failure ?? "You stopped it.") : question.stage;
  return h(
    "li",
    { class: question.standing },
    standingMark(question),
    h(
      "div",
      {},
      h("h3", {}, nameOf(question), h("span", { class: "standing" }, ` · ${standingWords(question)}`)),
      question.text && h("p", {}, question.text),
      question.by_judge && h("p", { class: "small" }, "Worded for this interview by the judge."),
      why && h("p", { class: "small" }, why),
      interview.ended ? null : choices(view, question),
    ),
  );
}

/**
 * @param {View} view
 * @param {Question} question
 */
function choices(view, question) {
  const { interview } = view;
  const { position, standing } = question;
  /** @type {HTMLButtonElement[]} */
  const made = [];
  const add = (/** @type {string} */ key, /** @type {string} */ words, /** @type {() => Promise<void>} */ doIt) => {
    const press = button(words, () => act(view, doIt), { kind: "quiet" });
    press.append(h("span", { class: "visually-hidden" }, `: ${nameOf(question)}`));
    press.dataset.key = `${key}-${position}`;
    made.push(press);
  };
  const leaveOut = async (/** @type {boolean} */ leftOut) =>
    interview.take(await interview.api.leaveOut(position, leftOut));
  if (standing === "came_to_nothing") add("again", "Record again", () => interview.answer(position));
  if (standing === "came_to_nothing" || standing === "unanswered") add("leave", "Leave out", () => leaveOut(true));
  if (standing === "left_out") add("back", "Ask it after all", () => leaveOut(false));
  return made.length ? h("p", { class: "actions" }, ...made) : null;
}

/**
 * The button that ends it, which asks once.
 * @param {View} view
 */
function ending(view) {
  const { interview } = view;
  const finish = async () => {
    view.confirming = false;
    interview.take(await interview.api.finish());
    view.show();
  };
  const turn = (/** @type {boolean} */ on) => {
    view.confirming = on;
    view.show();
    /** @type {HTMLElement|null} */ (document.querySelector(on ? "[data-key=keep]" : "[data-key=finish]"))?.focus();
  };
  if (!view.confirming) {
    const press = button("Finish the interview", () => turn(true), { kind: "quiet", icon: "stop" });
    press.dataset.key = "finish";
    return h("p", { class: "actions" }, press);
  }
  const keep = button("No, go on", () => turn(false));
  keep.dataset.key = "keep";
  const yes = button("Yes, finish", () => act(view, finish), { kind: "danger" });
  yes.dataset.key = "yes";
  return h(
    "p",
    { class: "actions" },
    h("span", {}, "Finish now? What is not answered will not be in the report."),
    yes,
    keep,
  );
}

/**
 * Do something, and say in place why it could not be done.
 * @param {View} view
 * @param {() => Promise<void>} doIt
 */
async function act(view, doIt) {
  setText(view.said, "");
  try {
    await doIt();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (GONE.has(error.code)) return view.interview.studio.go("problem", error);
    setText(view.said, error.sentence);
    await view.interview.refresh().catch(() => {}); // it may stand otherwise by now
  }
}

const GONE = new Set(["interview_gone", "interview_link_over", "link_unknown"]);

/**
 * Exchange what is shown, and put the focus back to what has the same key, else to the heading.
 * @param {HTMLElement} container
 * @param {() => void} exchange
 */
function keepFocus(container, exchange) {
  const before = document.activeElement;
  const had = before instanceof HTMLElement && container.contains(before);
  const key = had ? before.dataset.key : "";
  exchange();
  if (!had) return;
  const same = key && /** @type {HTMLElement|null} */ (container.querySelector(`[data-key="${key}"]`));
  (same || document.getElementById("heading"))?.focus();
}
