// On from a result: the same question again, or its follow-up. Asks for the right to, and goes on to a new take at once.

import { ApiError } from "../api.js";
import { showLinkExpiry } from "../link_expiry.js";
import { button, h, setText } from "../ui/dom.js";

/** @typedef {import("../types.js").Studio} Studio */

/**
 * The button for the same question, and below it why it could not be done.
 * @param {Studio} studio
 * @returns {HTMLElement}
 */
export function tryAgain(studio) {
  const ask = async () => (await studio.api.again()).token;
  return goingOn(studio, "Try this question again", ask, { icon: "again", kind: "main" });
}

/**
 * The button for the question that follows up on the result.
 * @param {Studio} studio
 * @returns {HTMLElement}
 */
export function answerFollowUp(studio) {
  const ask = async () => (await studio.api.followUp()).token;
  return goingOn(studio, "Answer the follow-up", ask, { icon: "next" });
}

/**
 * @param {Studio} studio
 * @param {string} label
 * @param {() => Promise<string|null>} ask for a link's token; null where the link in use goes on
 * @param {{icon: string, kind?: "main"}} looks
 */
function goingOn(studio, label, ask, looks) {
  const why = h("p", { class: "small", role: "status" });
  const press = button(label, () => begin(), looks);
  const begin = async () => {
    press.disabled = true;
    setText(why, "");
    try {
      await goOn(studio, await ask());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      press.disabled = false;
      setText(why, error.sentence);
    }
  };
  return h("div", { class: "try-again" }, h("p", { class: "actions" }, press), why);
}

/**
 * @param {Studio} studio
 * @param {string|null} token
 * @throws {ApiError} it can't be used
 */
async function goOn(studio, token) {
  if (token) await studio.useLink(token);
  else await keepUnsent(studio);
  studio.session = await studio.api.session();
  const { attempt } = studio.session;
  if (attempt) return studio.go(attempt.ended || attempt.result ? "result" : "assessing", attempt);
  if (!(await studio.acquireTabLock())) return studio.go("problem", new ApiError(409, "other_tab", ""));
  showLinkExpiry(studio.session, studio.announce);
  try {
    await studio.devices.open();
  } catch {
    return studio.go("check"); // where what is wrong is explained
  }
  studio.go("prepare");
}

/**
 * The link goes on, and so does the recording it had: it may be sent once more.
 * @param {Studio} studio
 */
async function keepUnsent(studio) {
  if (studio.recording) studio.recording = { ...studio.recording, begun: false, sent: false };
  await studio.store.update({ begun: false, sent: false, attempt: undefined });
}
