// Step: what the interview has shown, every moment of it to play from this browser's own recordings.

import { ApiError } from "../api.js";
import { hideLinkExpiry } from "../link_expiry.js";
import { saveFile } from "../recording/recording_file.js";
import { button, h, notice, setText } from "../ui/dom.js";
import { chart } from "./chart.js";
import { Clips } from "./clips.js";
import { answerCard, momentOf } from "./report_parts.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").Report} Report */
/** @typedef {import("./interview.js").Interview} Interview */

/**
 * @param {Studio} studio
 * @returns {import("../types.js").StepView}
 */
export function report(studio) {
  const { interview } = studio;
  if (!interview) throw new Error("there is no interview");
  studio.devices.close();
  hideLinkExpiry();
  interview.position = null;
  const container = h(
    "div",
    {},
    h("p", { class: "lead", role: "status" }, "One moment, the report is being put together."),
  );
  const more = h("div", { role: "status" });
  const clips = new Clips(studio.store);
  let hasLeft = false;

  const show = async () => {
    const found = await interview.api.report();
    await clips.find(found.answers.flatMap((one) => one.attempt_id ?? []));
    if (!hasLeft) container.replaceChildren(...content(studio, interview, found, clips));
  };
  show().catch((error) => studio.go("problem", error));

  let seen = assessedOf(interview);
  const leave = interview.onChange(() => {
    if (assessedOf(interview) === seen) return;
    seen = assessedOf(interview);
    const again = button("Show the report with it", () => studio.go("report"), { kind: "main" });
    more.replaceChildren(notice("good", h("p", {}, "Another result is here."), again));
  });
  const openAll = openForPrint(container);
  return {
    heading: "Your interview report",
    content: [more, container],
    wide: true,
    leave: () => {
      hasLeft = true;
      leave();
      openAll.stop();
      clips.close();
    },
  };
}

/** @param {Interview} interview */
function assessedOf({ state }) {
  return state.questions.filter(({ standing }) => standing === "assessed").length;
}

/**
 * @param {Studio} studio
 * @param {Interview} interview
 * @param {Report} found
 * @param {Clips} clips
 */
function content(studio, interview, found, clips) {
  const parts = [
    found.partial && notice("info", h("p", {}, found.partial)),
    actions(studio, interview, clips),
    found.assessed > 0 && clips.node,
    found.assessed > 0 && elsewhere(found, clips),
    bestAndNext(found, clips),
    found.patterns.length > 0 &&
      h(
        "section",
        { class: "card" },
        h("h2", {}, "What ran through your answers"),
        h("ul", { class: "lines" }, ...found.patterns.map((text) => h("li", {}, text))),
      ),
    found.series.length > 0 && chart(found),
    h("h2", { class: "answers-heading" }, "Question by question"),
    ...found.answers.map((one) => answerCard(one, clips)),
    h("p", { class: "small" }, found.footer),
  ];
  return parts.filter((part) => part instanceof Node);
}

/**
 * The best moment, and what to do next time.
 * @param {Report} found
 * @param {Clips} clips
 */
function bestAndNext({ best, to_do: toDo }, clips) {
  if (!best && !toDo.length) return null;
  return h(
    "div",
    { class: "report-highlights" },
    best && h("section", { class: "card strength" }, h("h2", {}, "Your best moment"), momentOf(best, clips)),
    toDo.length > 0 &&
      h(
        "section",
        { class: "card next" },
        h("h2", {}, toDo.length === 1 ? "One thing to do" : `${["Two", "Three"][toDo.length - 2]} things to do`),
        h("ol", { class: "to-do" }, ...toDo.map((one) => h("li", {}, momentOf(one, clips)))),
      ),
  );
}

/**
 * @param {Studio} studio
 * @param {Interview} interview
 * @param {Clips} clips
 */
function actions(studio, interview, clips) {
  const said = h("p", { class: "small", role: "status" });
  const save = button("Download the report", () => download(), { icon: "save" });
  const download = async () => {
    save.disabled = true;
    setText(said, "");
    try {
      saveFile(await interview.api.reportFile(), "interview-report", "html");
      setText(said, "Saved as one file that any browser opens. Your recordings are not in it.");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(said, error.sentence);
    }
    save.disabled = false;
  };
  const forget = async () => {
    await clips.forget();
    studio.go("report");
    studio.announce("Your recordings were deleted from this browser.");
  };
  return h(
    "div",
    { class: "report-actions" },
    h(
      "p",
      { class: "actions" },
      !interview.ended && button("Back to the interview", () => studio.go("interview"), { icon: "next", kind: "main" }),
      save,
      button("Print", () => print(), { icon: "file" }),
      clips.size > 0 && button("Forget my recordings", forget, { icon: "bin", kind: "quiet" }),
    ),
    said,
  );
}

/**
 * Which answers' recordings are not in this browser.
 * @param {Report} found
 * @param {Clips} clips
 */
function elsewhere(found, clips) {
  const missing = found.answers.filter(({ result, attempt_id: id }) => result && !clips.has(id));
  if (!missing.length) return null;
  const which = missing.map(({ label }) => label.toLowerCase());
  const all = missing.length === found.assessed;
  const what = all ? "Your recordings are" : `The recording of ${which.join(", ")} is`;
  return notice(
    "info",
    h(
      "p",
      {},
      `${what} not in this browser: open this link in the browser you recorded with to hear the moments. Nobody else keeps them.`,
    ),
  );
}

/**
 * On paper there is nothing to open: everything is, while it is printed.
 * @param {HTMLElement} container
 */
function openForPrint(container) {
  /** @type {HTMLDetailsElement[]} */
  let closed = [];
  const open = () => {
    closed = Array.from(container.querySelectorAll("details")).filter((one) => !one.open);
    for (const one of closed) one.open = true;
  };
  const close = () => {
    for (const one of closed) one.open = false;
    closed = [];
  };
  addEventListener("beforeprint", open);
  addEventListener("afterprint", close);
  return {
    stop: () => {
      removeEventListener("beforeprint", open);
      removeEventListener("afterprint", close);
    },
  };
}
