// Step: the result with the recording beside it, every moment of it to play.

import { hideLinkExpiry } from "../link_expiry.js";
import { saveCopy } from "../recording/recording_file.js";
import { button, h, icon, notice } from "../ui/dom.js";
import { Moments } from "../ui/moments.js";
import { Player } from "../ui/player.js";
import { goodToKnow, highlights, keyPoints, measured, scores } from "../ui/result_parts.js";
import { transcript } from "../ui/transcript.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").Snapshot} Snapshot */

const WIDE = matchMedia("(min-width: 60rem)"); // as in result.css: there is room beside the findings

/**
 * @param {Studio} studio
 * @param {Snapshot} snapshot
 * @returns {import("../types.js").StepView}
 */
export function result(studio, snapshot) {
  hideLinkExpiry();
  const found = snapshot.result;
  if (!found) return noResult(studio, snapshot);
  const { recording } = studio;
  const player = recording && new Player();
  const moments = new Moments(player);
  const transcriptSection = transcriptCard(found, player);
  const findings = h(
    "div",
    { class: "findings" },
    highlights(found),
    scores(found, moments),
    keyPoints(found, moments),
    measured(found, moments),
    goodToKnow(found),
    nextTime(),
  );
  const layout = h("div", { class: "result-layout" }, findings);
  const lastCard = findings.lastElementChild;
  const onForgotten = () => {
    moments.forget();
    layout.classList.add("no-recording");
    transcriptSection.replaceChildren(...transcriptCard(found, null).childNodes);
    lastCard?.before(transcriptSection);
  };
  const panel = player && recording ? recordingPanel(studio, recording, player, onForgotten) : recordingMissing();
  layout.prepend(panel);
  layout.classList.toggle("no-recording", !player);
  const arrange = () =>
    WIDE.matches && moments.player ? panel.append(transcriptSection) : lastCard?.before(transcriptSection);
  if (found.transcript.length) arrange();
  if (found.transcript.length) WIDE.addEventListener("change", arrange);
  return {
    heading: "Your result",
    content: [h("p", { class: "question small-question" }, found.question), layout],
    wide: true,
    leave: () => {
      WIDE.removeEventListener("change", arrange);
      player?.close();
    },
  };
}

/**
 * @param {import("../types.js").Result} found
 * @param {Player|null} player
 */
function transcriptCard(found, player) {
  return h(
    "section",
    { class: "card", "aria-labelledby": "transcript-heading" },
    h("h2", { id: "transcript-heading" }, "Transcript"),
    transcript(found.transcript, player),
    h("p", { class: "small" }, "Written down by speech recognition, which mishears at times."),
  );
}

/**
 * The recording, which can be put away on a phone and forgotten for good.
 * @param {Studio} studio
 * @param {import("../types.js").Recording} recording
 * @param {Player} player
 * @param {() => void} onForgotten
 */
function recordingPanel(studio, recording, player, onForgotten) {
  const toggle = button("Hide video", () => toggleVideo(panel, toggle), { kind: "quiet" });
  toggle.setAttribute("aria-expanded", "true");
  const forget = async () => {
    player.close();
    studio.recording = null;
    onForgotten();
    const done = h(
      "p",
      { tabindex: -1 },
      "Your recording is forgotten: it was deleted from this browser. Moments show their time only.",
    );
    panel.replaceChildren(notice("good", done));
    panel.classList.add("forgotten");
    done.focus();
    await studio.store.remove();
  };
  const panel = h(
    "aside",
    { class: "recording-panel", "aria-label": "Your recording" },
    h("div", { class: "recording-top" }, h("div", { class: "video-frame" }, player.video), toggle),
    h(
      "div",
      { class: "recording-actions" },
      button("Save a copy", () => saveCopy(recording), { icon: "save", kind: "quiet" }),
      button("Forget my recording", forget, { icon: "bin", kind: "quiet" }),
    ),
  );
  player.load(recording.blob);
  return panel;
}

/**
 * @param {HTMLElement} panel
 * @param {HTMLButtonElement} toggle
 */
function toggleVideo(panel, toggle) {
  const hidden = panel.classList.toggle("collapsed");
  toggle.setAttribute("aria-expanded", String(!hidden));
  toggle.replaceChildren(h("span", {}, hidden ? "Show video" : "Hide video"));
}

function recordingMissing() {
  return h("div", {}, notice("info", h("p", {}, goneText())));
}

function goneText() {
  return "Your recording is not in this browser any more (it was forgotten, or recorded somewhere else), and nobody else keeps it. So moments show their time only.";
}

function nextTime() {
  return h(
    "div",
    { class: "next-time" },
    icon("again"),
    h(
      "p",
      {},
      h("strong", {}, "Practise again? "),
      "Run /practice in Discord for the next question. This result is there too, in /history.",
    ),
  );
}

/**
 * The end without a result: failed, or stopped by the person.
 * @param {Studio} studio
 * @param {Snapshot} snapshot
 * @returns {import("../types.js").StepView}
 */
function noResult(studio, snapshot) {
  const { recording } = studio;
  const cancelled = snapshot.state === "cancelled";
  const why = cancelled
    ? "You stopped it. Nothing was scored, and nothing of your recording is kept on the server."
    : (snapshot.failure ?? "This attempt could not be finished.");
  const forgotten = h("p", { role: "status" });
  const forget = async () => {
    studio.recording = null;
    await studio.store.remove();
    actions.remove();
    forgotten.textContent = "Your recording was deleted from this browser.";
  };
  const actions = h(
    "p",
    { class: "actions" },
    recording && button("Save a copy", () => saveCopy(recording), { icon: "save" }),
    recording && button("Forget my recording", forget, { icon: "bin", kind: "quiet" }),
  );
  return {
    heading: cancelled ? "Stopped" : "No result this time",
    content: [
      h(
        "div",
        { class: "card" },
        h("p", { class: "lead" }, why),
        h(
          "p",
          {},
          `${cancelled ? "" : "It doesn't count against your allowance for today. "}Run /practice in Discord for a new link.`,
        ),
        recording &&
          h("p", {}, "Your recording is still in this browser. Save a copy, and you can upload it with the new link."),
        actions,
        forgotten,
      ),
    ],
  };
}
