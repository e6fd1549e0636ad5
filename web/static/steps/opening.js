// Step: opens the link, and finds out where to go on.

import { ApiError } from "../api.js";
import { button, h, setText } from "../ui/dom.js";
import { pauseBefore, wait } from "../backoff.js";
import { watchUntil } from "../link_expiry.js";

/** @typedef {import("../types.js").Studio} Studio */

/**
 * @param {Studio} studio
 * @param {string} token
 * @returns {import("../types.js").Room}
 */
export function opening(studio, token) {
  const left = new AbortController();
  const line = h("p", { class: "lead" }, "One moment, the studio is opening.");
  const retry = button("Try now", () => hurry(), { icon: "again" });
  retry.hidden = true;
  let hurry = () => {};

  /** @param {number} failures */
  async function waitToRetry(failures) {
    const seconds = pauseBefore(failures + 1);
    const offline = navigator.onLine === false;
    setText(
      line,
      offline
        ? "You seem to be offline. The studio opens by itself once you are back."
        : "Greenroom can't be reached at the moment. The page keeps trying by itself.",
    );
    retry.hidden = false;
    const nap = new AbortController();
    hurry = () => nap.abort();
    left.signal.addEventListener("abort", hurry);
    await wait(seconds, nap.signal);
  }

  async function open() {
    for (let failures = 1; ; failures += 1) {
      try {
        studio.session = await studio.api.session();
        break;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.passing) throw error;
      }
      await waitToRetry(failures);
      if (left.signal.aborted) return;
    }
    if (!left.signal.aborted) await goOn(studio);
  }

  if (token) open().catch((error) => studio.go("trouble", error));
  else queueMicrotask(() => studio.go("trouble", new ApiError(404, "no_link", "")));
  return {
    heading: "Opening the studio",
    content: [h("div", { class: "card", role: "status" }, line), retry],
    leave: () => left.abort(),
  };
}

/** @param {Studio} studio */
async function goOn(studio) {
  const { session, shelf } = studio;
  studio.choice = {
    prepare: session.prepare_seconds,
    answer: session.answer_seconds,
    shared: session.shared,
  };
  watchUntil(session, studio.say);
  const kept = await shelf.take();
  if (kept) studio.recording = kept.recording;
  if (session.attempt) {
    if (kept) studio.recording = { ...kept.recording, sent: true };
    await shelf.change({ sent: true });
    const isDone = session.attempt.ended || session.attempt.result;
    return studio.go(isDone ? "result" : "assessing", session.attempt);
  }
  studio.takeOver();
  if (!kept) return studio.go("check");
  studio.choice.shared = kept.shared;
  return studio.go("review", "kept");
}
