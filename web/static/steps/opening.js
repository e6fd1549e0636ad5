// Step: opens the link, and finds out where to go on.

import { ApiError } from "../api.js";
import { backoffSeconds, wait } from "../backoff.js";
import { isReported } from "../interview/overview.js";
import { showLinkExpiry } from "../link_expiry.js";
import { button, h, setText } from "../ui/dom.js";

/** @typedef {import("../types.js").Studio} Studio */

/**
 * @param {Studio} studio
 * @param {string} token
 * @returns {import("../types.js").StepView}
 */
export function opening(studio, token) {
  const leaving = new AbortController();
  const line = h("p", { class: "lead" }, "One moment, the studio is opening.");
  const retry = button("Try now", () => retryNow(), { icon: "again" });
  retry.hidden = true;
  let retryNow = () => {};

  /** @param {number} failures */
  async function waitToRetry(failures) {
    const seconds = backoffSeconds(failures + 1);
    const offline = navigator.onLine === false;
    setText(
      line,
      offline
        ? "You seem to be offline. The studio opens by itself once you are back."
        : "Greenroom can't be reached at the moment. The page keeps trying by itself.",
    );
    retry.hidden = false;
    const pause = new AbortController();
    retryNow = () => pause.abort();
    leaving.signal.addEventListener("abort", retryNow);
    await wait(seconds, pause.signal);
  }

  async function open() {
    for (let failures = 1; ; failures += 1) {
      try {
        const opened = await studio.api.opened();
        if (leaving.signal.aborted) return;
        if ("kind" in opened) return await continueInterview(studio, opened);
        studio.session = opened;
        break;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTemporary) throw error;
      }
      await waitToRetry(failures);
      if (leaving.signal.aborted) return;
    }
    if (!leaving.signal.aborted) await continueSession(studio);
  }

  if (token) open().catch((error) => studio.go("problem", error));
  else queueMicrotask(() => studio.go("problem", new ApiError(404, "no_link", "")));
  return {
    heading: "Opening the studio",
    content: [h("div", { class: "card", role: "status" }, line), retry],
    leave: () => leaving.abort(),
  };
}

/**
 * @param {Studio} studio
 * @param {import("../types.js").InterviewState} state
 */
async function continueInterview(studio, state) {
  await studio.openInterview(state);
  if (studio.interview && isReported(studio.interview)) return studio.go("report");
  if (!(await studio.acquireTabLock())) return studio.go("problem", new ApiError(409, "other_tab", ""));
  studio.go("interview");
}

/** @param {Studio} studio */
async function continueSession(studio) {
  const { session, store } = studio;
  studio.options = {
    prepareSeconds: session.prepare_seconds,
    answerSeconds: session.answer_seconds,
    shared: session.shared,
  };
  showLinkExpiry(session, studio.announce);
  const stored = await store.load(session.attempt?.id);
  if (stored) studio.recording = stored.recording;
  if (session.attempt) {
    if (stored) studio.recording = { ...stored.recording, sent: true };
    await store.update({ sent: true });
    const isDone = session.attempt.ended || session.attempt.result;
    return studio.go(isDone ? "result" : "assessing", session.attempt);
  }
  if (!(await studio.acquireTabLock())) return studio.go("problem", new ApiError(409, "other_tab", ""));
  if (!stored) return studio.go("check");
  studio.options.shared = stored.shared;
  return studio.go("review", "restored");
}
