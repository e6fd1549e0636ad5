// Step: the question, as much time to think as wanted, and how long the answer may be.

import { countDown, countdownRing, timeAnnouncer } from "../recording/countdown.js";
import { button, h } from "../ui/dom.js";
import { durationInWords, pluralize } from "../ui/format.js";

/** @typedef {import("../types.js").Studio} Studio */

const LONGEST_PREPARATION = 120;
const STEP_SECONDS = 5;
const COUNT_FROM = 3;
const LENGTHS = [30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600];

/**
 * @param {Studio} studio
 * @returns {import("../types.js").StepView}
 */
export function prepare(studio) {
  const container = h("div", { class: "prepare-layout" });
  let timer = { stop: () => {} };
  let hasLeft = false;
  let counting = false;

  const startPreparation = () => {
    const total = studio.options.prepareSeconds;
    if (total === 0) return countIn();
    const ring = countdownRing("Preparation time left, in seconds");
    const announceTime = timeAnnouncer(studio.announce, total);
    const ready = button("I'm ready", countIn, { icon: "next", kind: "main" });
    container.replaceChildren(
      h("div", { class: "preparing" }, ring.node, h("p", {}, "Think it through. Recording starts by itself."), ready),
    );
    ready.focus();
    studio.announce(`${durationInWords(total)} to prepare.`);
    timer.stop();
    const onTick = (/** @type {number} */ left) => {
      ring.set(left, total);
      announceTime(left);
    };
    timer = countDown(total, onTick, countIn);
  };

  const countIn = async () => {
    if (counting) return; // pressed twice while the camera starts
    counting = true;
    timer.stop();
    if (!studio.devices.ready) {
      try {
        await studio.devices.open();
      } catch {
        return studio.go("check"); // where what is wrong is explained
      }
      if (hasLeft) return studio.devices.close();
    }
    const number = h("p", { class: "count-in", "aria-hidden": "true" });
    container.replaceChildren(number, h("p", { class: "center" }, "Look at the camera, breathe out …"));
    studio.announce("Recording starts in three seconds.");
    timer = countDown(
      COUNT_FROM,
      (left) => (number.textContent = String(Math.max(1, Math.ceil(left)))),
      () => studio.go("record"),
    );
  };

  container.replaceChildren(choices(studio, startPreparation));
  return {
    heading: "Your question",
    content: [h("p", { class: "question" }, studio.session.question), container],
    leave: () => {
      hasLeft = true;
      timer.stop();
    },
  };
}

/**
 * @param {Studio} studio
 * @param {() => void} start
 */
function choices(studio, start) {
  const { options, session } = studio;
  const output = h("output", {}, preparationText(options.prepareSeconds));
  const slider = h("input", {
    id: "prepare",
    type: "range",
    min: 0,
    max: LONGEST_PREPARATION,
    step: STEP_SECONDS,
    value: options.prepareSeconds,
    "aria-valuetext": preparationText(options.prepareSeconds),
    input: () => {
      options.prepareSeconds = Number(slider.value);
      output.textContent = preparationText(options.prepareSeconds);
      slider.setAttribute("aria-valuetext", preparationText(options.prepareSeconds));
    },
  });
  const select = h("select", { change: () => (options.answerSeconds = Number(select.value)) });
  for (const seconds of lengths(session)) {
    select.append(h("option", { value: seconds }, durationInWords(seconds)));
  }
  select.value = String(options.answerSeconds);
  return h(
    "div",
    { class: "card" },
    h(
      "div",
      { class: "choices two" },
      h(
        "div",
        { class: "field" },
        h("span", {}, h("label", { for: "prepare" }, "Time to prepare"), ": ", output),
        slider,
      ),
      h("label", { class: "field" }, h("span", {}, "Longest answer"), select),
    ),
    h("p", { class: "small" }, "You can stop any time, pause in between, and record again as often as you like."),
    h(
      "p",
      { class: "actions" },
      button("Start", start, { icon: "play", kind: "main" }),
      studio.recording && button("Back to my recording", () => studio.go("review"), { kind: "quiet" }),
    ),
  );
}

/** @param {number} seconds */
function preparationText(seconds) {
  return seconds ? pluralize(seconds, "second") : "none";
}

/**
 * What can be chosen, the shortest, usual and longest always among it.
 * @param {import("../types.js").Session} session
 */
function lengths(session) {
  const { shortest_seconds: least, answer_seconds: usual, longest_seconds: most } = session;
  const between = LENGTHS.filter((seconds) => seconds > least && seconds < most);
  return [...new Set([least, ...between, usual, most])].sort((one, other) => one - other);
}
