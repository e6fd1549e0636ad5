// Step: the result with the recording beside it, every moment of it to play.

import { hideLinkExpiry } from "../link_expiry.js";
import { saveCopy } from "../recording/recording_file.js";
import { button, h, icon, notice, setText } from "../ui/dom.js";
import { clockTime } from "../ui/format.js";
import { Moments } from "../ui/moments.js";
import { Player } from "../ui/player.js";
import { answerParts, changes, picture, wording } from "../ui/result_content.js";
import { goodToKnow, highlights, keyPoints, measured, scores } from "../ui/result_parts.js";
import { transcript } from "../ui/transcript.js";
import { answerFollowUp, tryAgain } from "./again.js";

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
    highlights(found, moments, studio.session.looks_only ? null : tryAgain(studio)),
    scores(found, moments),
    keyPoints(found, moments),
    answerParts(found, moments),
    wording(found, moments, studio.session.looks_only ? null : answerFollowUp(studio)),
    measured(found, moments),
    picture(found, moments),
    changes(found),
    goodToKnow(found),
    nextTime(studio),
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
  if (player) layout.prepend(panel);
  else findings.append(panel);
  layout.classList.toggle("no-recording", !player);
  const arrange = () => {
    const beside = WIDE.matches && moments.player;
    if (found.transcript.length) beside ? panel.append(transcriptSection) : lastCard?.before(transcriptSection);
    for (const more of layout.querySelectorAll("details")) more.open = WIDE.matches;
    if (player) player.video.controls = WIDE.matches || panel.classList.contains("large");
  };
  arrange();
  WIDE.addEventListener("change", arrange);
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
    h(
      "details",
      { open: WIDE.matches },
      h("summary", {}, h("h2", { id: "transcript-heading" }, "Transcript")),
      transcript(found.transcript, player),
      h("p", { class: "small" }, transcriptNote(found)),
    ),
  );
}

/** @param {import("../types.js").Result} found */
function transcriptNote(found) {
  const marked = found.transcript.some(({ fillers }) => fillers?.length);
  const note = "Written down by speech recognition, which mishears at times.";
  return marked ? `${note} Fillers are underlined.` : note;
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
  const size = button("Larger", () => toggleSize(panel, size, player), { kind: "quiet" });
  const play = playButton(player);
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
    h(
      "div",
      { class: "recording-top" },
      h("div", { class: "video-frame" }, player.video),
      h("div", { class: "recording-buttons" }, play, size, toggle),
    ),
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

/**
 * @param {HTMLElement} panel
 * @param {HTMLButtonElement} size
 * @param {Player} player
 */
function toggleSize(panel, size, player) {
  const large = panel.classList.toggle("large");
  player.video.controls = large;
  size.replaceChildren(h("span", {}, large ? "Smaller" : "Larger"));
}

/**
 * Plays and pauses, and says where it is: the small picture has no room for the browser's controls.
 * @param {Player} player
 */
function playButton(player) {
  const { video } = player;
  const time = h("span", { class: "elapsed-time" }, clockTime(0));
  const name = h("span", { class: "visually-hidden" }, "Play the recording");
  const node = h(
    "button",
    { type: "button", class: "button quiet play", click: () => (video.paused ? player.resume() : video.pause()) },
    icon("play"),
    name,
    time,
  );
  const show = () => {
    setText(name, video.paused ? "Play the recording" : "Pause the recording");
    node.firstElementChild?.replaceWith(icon(video.paused ? "play" : "pause"));
  };
  video.addEventListener("play", show);
  video.addEventListener("pause", show);
  player.onTimeChange(() => setText(time, clockTime(player.currentTime)));
  return node;
}

function recordingMissing() {
  return h("div", {}, notice("info", h("p", {}, goneText())));
}

function goneText() {
  return "Your recording is not in this browser any more (it was forgotten, or recorded somewhere else), and nobody else keeps it. So moments show their time only.";
}

/** @param {Studio} studio */
function nextTime(studio) {
  const how = studio.session.looks_only
    ? "Press “Try again” under the result in Discord for the same question, or run /practice for the next one."
    : "Run /practice in Discord for the next question. This result is there too, in /history.";
  return h("div", { class: "next-time" }, icon("again"), h("p", {}, h("strong", {}, "Practise more? "), how));
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
        !cancelled && h("p", {}, "It doesn't count against your allowance for today."),
        tryAgain(studio),
        recording &&
          h("p", {}, "Your recording is still in this browser: it can be sent again from there, or record a new one."),
        actions,
        forgotten,
      ),
    ],
  };
}
