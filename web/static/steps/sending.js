// Step: sends the recording, and says how far it is.

import { ApiError } from "../api.js";
import { button, h, setText } from "../ui/dom.js";
import { Stopped, Uploader } from "../recording/uploader.js";
import { stopWatching } from "../link_expiry.js";
import { lengthInWords, size } from "../ui/format.js";

/** @typedef {import("../types.js").Studio} Studio */

const SENDING = "Keep this page open until it is sent.";
const SPOKEN_PARTS = [25, 50, 75];
const TO_TROUBLE = new Set(["link_unknown", "link_expired", "submitted"]);

/**
 * @param {Studio} studio
 * @returns {import("../types.js").Room}
 */
export function sending(studio) {
  const { recording } = studio;
  if (!recording) throw new Error("there is nothing to send");
  const stop = new AbortController();
  const view = progressView(studio);
  const uploader = new Uploader(studio.api, recording, stop.signal, view.show);

  const send = async () => {
    await uploader.send(await receivedBefore(studio), async () => {
      recording.begun = true;
      await studio.shelf.change({ begun: true });
    });
    view.finish();
    const snapshot = await uploader.submit(studio.choice.shared);
    recording.sent = true;
    await studio.shelf.change({ sent: true });
    stopWatching();
    studio.go(snapshot.ended || snapshot.result ? "result" : "assessing", snapshot);
  };

  send().catch((error) => {
    if (error instanceof Stopped || stop.signal.aborted) return;
    const isFinal = !(error instanceof ApiError) || TO_TROUBLE.has(error.code);
    if (isFinal) return studio.go("trouble", error);
    studio.go("review", { why: error.sentence });
  });
  const cancel = button("Stop sending", () => studio.go("review", { why: "Sending was stopped. Nothing is lost; you can go on whenever you like." }), {
    kind: "quiet",
  });
  return {
    heading: "Sending your answer",
    content: [h("div", { class: "card" }, view.node, h("p", { class: "actions" }, cancel))],
    leave: () => stop.abort(),
  };
}

/**
 * What the server has of this very recording; null when it was not told of it.
 * @param {Studio} studio
 */
async function receivedBefore(studio) {
  if (!studio.recording?.begun) return null;
  try {
    studio.session = await studio.api.session();
    return studio.session.received_bytes;
  } catch (error) {
    if (error instanceof ApiError && error.passing) return studio.session.received_bytes;
    throw error;
  }
}

/** @param {ApiError|null} trouble */
function stateText(trouble) {
  if (!trouble) return SENDING;
  if (trouble.status) return `${trouble.sentence} This page tries again by itself; nothing is lost.`;
  return "The connection is lost. It goes on by itself once it is back; nothing is lost.";
}

/** @param {Studio} studio */
function progressView(studio) {
  const fill = h("div", { class: "fill" });
  const bar = h(
    "div",
    { class: "progress", role: "progressbar", "aria-label": "Sent", "aria-valuemin": 0, "aria-valuemax": 100 },
    fill,
  );
  const percent = h("span", { class: "percent" }, "0%");
  const bytes = h("span", {});
  const left = h("span", {});
  const state = h("p", { role: "status" }, SENDING);
  let spoken = 0;
  /** @param {import("../recording/uploader.js").Progress} progress */
  const show = (progress) => {
    const part = Math.floor((progress.sent / progress.all) * 100);
    fill.style.setProperty("--part", String(progress.sent / progress.all));
    bar.setAttribute("aria-valuenow", String(part));
    setText(percent, `${part}%`);
    setText(bytes, `${size(progress.sent)} of ${size(progress.all)}`);
    setText(left, progress.secondsLeft === null ? "" : `about ${lengthInWords(Math.max(1, progress.secondsLeft))} left`);
    setText(state, stateText(progress.trouble));
    bar.classList.toggle("waiting", progress.trouble !== null);
    const mark = SPOKEN_PARTS.findLast((each) => part >= each) ?? 0;
    if (mark > spoken) studio.say(`${mark}% sent.`);
    spoken = Math.max(spoken, mark);
  };
  const finish = () => setText(state, "All sent. Handing it in …");
  const node = h("div", {}, bar, h("p", { class: "numbers" }, percent, bytes, left), state);
  return { node, show, finish };
}
