// Step: the question, as much time to think as wanted, and how long the answer may be.

import { countDown, ring, timeSpeaker } from "../recording/countdown.js";
import { button, h } from "../ui/dom.js";
import { count, lengthInWords } from "../ui/format.js";

/** @typedef {import("../types.js").Studio} Studio */

const LONGEST_PREPARATION = 120;
const STEP_SECONDS = 5;
const COUNT_FROM = 3;
const LENGTHS = [30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600];

/**
 * @param {Studio} studio
 * @returns {import("../types.js").Room}
 */
export function prepare(studio) {
  const place = h("div", { class: "prepare-place" });
  let timer = { stop: () => {} };
  let gone = false;
  let counting = false;

  const think = () => {
    const all = studio.choice.prepare;
    if (all === 0) return countIn();
    const dial = ring("Preparation time left, in seconds");
    const speak = timeSpeaker(studio.say, all);
    const ready = button("I'm ready", countIn, { icon: "next", kind: "main" });
    place.replaceChildren(
      h("div", { class: "thinking" }, dial.node, h("p", {}, "Think it through. Recording starts by itself."), ready),
    );
    ready.focus();
    studio.say(`${lengthInWords(all)} to prepare.`);
    timer.stop();
    timer = countDown(all, (left) => (dial.set(left, all), speak(left)), countIn);
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
      if (gone) return studio.devices.close();
    }
    const number = h("p", { class: "count-in", "aria-hidden": "true" });
    place.replaceChildren(number, h("p", { class: "center" }, "Look at the camera, breathe out …"));
    studio.say("Recording starts in three seconds.");
    timer = countDown(
      COUNT_FROM,
      (left) => (number.textContent = String(Math.max(1, Math.ceil(left)))),
      () => studio.go("record"),
    );
  };

  place.replaceChildren(choices(studio, think));
  return {
    heading: "Your question",
    content: [h("p", { class: "question" }, studio.session.question), place],
    leave: () => {
      gone = true;
      timer.stop();
    },
  };
}

/**
 * @param {Studio} studio
 * @param {() => void} start
 */
function choices(studio, start) {
  const { choice, session } = studio;
  const told = h("output", {}, preparationText(choice.prepare));
  const slider = h("input", {
    id: "prepare",
    type: "range",
    min: 0,
    max: LONGEST_PREPARATION,
    step: STEP_SECONDS,
    value: choice.prepare,
    "aria-valuetext": preparationText(choice.prepare),
    input: () => {
      choice.prepare = Number(slider.value);
      told.textContent = preparationText(choice.prepare);
      slider.setAttribute("aria-valuetext", preparationText(choice.prepare));
    },
  });
  const select = h("select", { change: () => (choice.answer = Number(select.value)) });
  for (const seconds of lengths(session)) {
    select.append(h("option", { value: seconds }, lengthInWords(seconds)));
  }
  select.value = String(choice.answer);
  return h(
    "div",
    { class: "card" },
    h(
      "div",
      { class: "choices two" },
      h(
        "div",
        { class: "field" },
        h("span", {}, h("label", { for: "prepare" }, "Time to prepare"), ": ", told),
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
  return seconds ? count(seconds, "second") : "none";
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
