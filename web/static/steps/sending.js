// Step: sends the recording, and says how far it is.

import { ApiError } from "../api.js";
import { hideLinkExpiry } from "../link_expiry.js";
import { Uploader, UploadStopped } from "../recording/uploader.js";
import { button, h, setText } from "../ui/dom.js";
import { durationInWords, fileSize } from "../ui/format.js";

/** @typedef {import("../types.js").Studio} Studio */

const SENDING = "Keep this page open until it is sent.";
const SPOKEN_PARTS = [25, 50, 75];
const FINAL_CODES = new Set(["link_unknown", "link_expired", "submitted"]);

/**
 * @param {Studio} studio
 * @returns {import("../types.js").StepView}
 */
export function sending(studio) {
  const { recording } = studio;
  if (!recording) throw new Error("there is nothing to send");
  const stop = new AbortController();
  const view = progressView(studio);
  const uploader = new Uploader(studio.api, recording, stop.signal, view.show);

  const onBegun = async () => {
    recording.begun = true;
    await studio.store.update({ begun: true });
  };
  const send = async () => {
    await uploader.send(await receivedBefore(studio), onBegun);
    view.finish();
    const snapshot = await uploader.submit(studio.options.shared, onBegun);
    recording.sent = true;
    await studio.store.update({ sent: true, attempt: snapshot.id });
    hideLinkExpiry();
    if (studio.interview) return studio.interview.goOn();
    studio.releaseTabLock();
    studio.go(snapshot.ended || snapshot.result ? "result" : "assessing", snapshot);
  };

  send().catch((error) => {
    if (error instanceof UploadStopped || stop.signal.aborted) return;
    if (!(error instanceof ApiError)) return studio.go("problem", error);
    if (studio.interview && recording.sent) return studio.go("interview", error.sentence);
    if (FINAL_CODES.has(error.code)) {
      if (!studio.interview) return studio.go("problem", error);
      return renew(studio, studio.interview).catch((why) => studio.go("problem", why));
    }
    studio.go("review", { why: error.sentence });
  });
  const cancel = button(
    "Stop sending",
    () => studio.go("review", { why: "Sending was stopped. Nothing is lost; you can go on whenever you like." }),
    {
      kind: "quiet",
    },
  );
  return {
    heading: "Sending your answer",
    content: [h("div", { class: "card" }, view.node, h("p", { class: "actions" }, cancel))],
    leave: () => stop.abort(),
  };
}

/**
 * The right to this question of an interview is over: get it anew, where it still goes on.
 * @param {Studio} studio
 * @param {import("../interview/interview.js").Interview} interview
 */
async function renew(studio, interview) {
  try {
    await interview.renew();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "answered") throw error;
    await interview.refresh();
    return studio.go(
      "interview",
      "This question was answered in another place meanwhile, so this recording was not sent.",
    );
  }
  studio.go("review", { why: "The time to send this answer was over, and has begun anew. Send it now." });
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
    if (error instanceof ApiError && error.isTemporary) return studio.session.received_bytes;
    throw error;
  }
}

/** @param {ApiError|null} problem */
function stateText(problem) {
  if (!problem) return SENDING;
  if (problem.status) return `${problem.sentence} This page tries again by itself; nothing is lost.`;
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
    fill.style.setProperty("--fraction", String(progress.sent / progress.all));
    bar.setAttribute("aria-valuenow", String(part));
    setText(percent, `${part}%`);
    setText(bytes, `${fileSize(progress.sent)} of ${fileSize(progress.all)}`);
    setText(
      left,
      progress.secondsLeft === null ? "" : `about ${durationInWords(Math.max(1, progress.secondsLeft))} left`,
    );
    setText(state, stateText(progress.problem));
    bar.classList.toggle("waiting", progress.problem !== null);
    const mark = SPOKEN_PARTS.findLast((each) => part >= each) ?? 0;
    if (mark > spoken) studio.announce(`${mark}% sent.`);
    spoken = Math.max(spoken, mark);
  };
  const finish = () => setText(state, "All sent. Handing it in …");
  const node = h("div", {}, bar, h("p", { class: "numbers" }, percent, bytes, left), state);
  return { node, show, finish };
}
