// Step: the result with the recording beside it, every moment of it to play.

import { button, h, icon, remark } from "../ui/dom.js";
import { Moments } from "../ui/moments.js";
import { Player } from "../ui/player.js";
import { saveCopy } from "../recording/recording.js";
import { goodToKnow, keyPoints, lead, measured, scores } from "../ui/result_parts.js";
import { transcript } from "../ui/transcript.js";
import { stopWatching } from "../link_expiry.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").Snapshot} Snapshot */

const WIDE = matchMedia("(min-width: 60rem)"); // as in result.css: there is room beside the findings

/**
 * @param {Studio} studio
 * @param {Snapshot} snapshot
 * @returns {import("../types.js").Room}
 */
export function result(studio, snapshot) {
  stopWatching();
  const found = snapshot.result;
  if (!found) return noResult(studio, snapshot);
  const { recording } = studio;
  const player = recording && new Player();
  const moments = new Moments(player);
  const said = transcriptCard(found, player);
  const findings = h(
    "div",
    { class: "findings" },
    lead(found),
    scores(found, moments),
    keyPoints(found, moments),
    measured(found, moments),
    goodToKnow(found),
    nextTime(),
  );
  const place = h("div", { class: "result-place" }, findings);
  const last = findings.lastElementChild;
  const forgotten = () => {
    moments.forget();
    place.classList.add("alone");
    said.replaceChildren(...transcriptCard(found, null).childNodes);
    last?.before(said);
  };
  const film = player && recording ? filmView(studio, recording, player, forgotten) : goneView();
  place.prepend(film);
  place.classList.toggle("alone", !player);
  const arrange = () => (WIDE.matches && moments.player ? film.append(said) : last?.before(said));
  if (found.transcript.length) arrange();
  if (found.transcript.length) WIDE.addEventListener("change", arrange);
  return {
    heading: "Your result",
    content: [h("p", { class: "question small-question" }, found.question), place],
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
 * @param {() => void} forgotten
 */
function filmView(studio, recording, player, forgotten) {
  const toggle = button("Hide video", () => fold(film, toggle), { kind: "quiet" });
  toggle.setAttribute("aria-expanded", "true");
  const forget = async () => {
    player.close();
    studio.recording = null;
    forgotten();
    const done = h("p", { tabindex: -1 }, "Your recording is forgotten: it was deleted from this browser. Moments show their time only.");
    film.replaceChildren(remark("good", done));
    film.classList.add("forgotten");
    done.focus();
    await studio.shelf.forget();
  };
  const film = h(
    "aside",
    { class: "film", "aria-label": "Your recording" },
    h("div", { class: "film-top" }, h("div", { class: "stage" }, player.video), toggle),
    h(
      "div",
      { class: "film-actions" },
      button("Save a copy", () => saveCopy(recording), { icon: "save", kind: "quiet" }),
      button("Forget my recording", forget, { icon: "bin", kind: "quiet" }),
    ),
  );
  player.load(recording.blob);
  return film;
}

/**
 * @param {HTMLElement} film
 * @param {HTMLButtonElement} toggle
 */
function fold(film, toggle) {
  const hidden = film.classList.toggle("folded");
  toggle.setAttribute("aria-expanded", String(!hidden));
  toggle.replaceChildren(h("span", {}, hidden ? "Show video" : "Hide video"));
}

function goneView() {
  return h("div", {}, remark("info", h("p", {}, goneText())));
}

function goneText() {
  return "Your recording is not in this browser any more (it was forgotten, or recorded somewhere else), and nobody else keeps it. So moments show their time only.";
}

function nextTime() {
  return h(
    "div",
    { class: "next-time" },
    icon("again"),
    h("p", {}, h("strong", {}, "Practise again? "), "Run /practice in Discord for the next question. This result is there too, in /history."),
  );
}

/**
 * The end without a result: failed, or stopped by the person.
 * @param {Studio} studio
 * @param {Snapshot} snapshot
 * @returns {import("../types.js").Room}
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
    await studio.shelf.forget();
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
        h("p", {}, `${cancelled ? "" : "It doesn't count against your allowance for today. "}Run /practice in Discord for a new link.`),
        recording && h("p", {}, "Your recording is still in this browser. Save a copy, and you can upload it with the new link."),
        actions,
        forgotten,
      ),
    ],
  };
}
