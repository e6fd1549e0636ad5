// Step: what cannot go on, with what to do next.

import { ApiError } from "../api.js";
import { saveCopy } from "../recording/recording_file.js";
import { button, h, notice } from "../ui/dom.js";

/** @typedef {import("../types.js").Studio} Studio */

const NEW_LINK = "Run /practice again in Discord. You get a fresh link, and nothing of your practice is lost.";

/** @type {Record<string, {heading: string, lines: string[], again?: boolean}>} */
const SCREENS = {
  no_link: {
    heading: "Come in through Discord",
    lines: ["This page needs the link you get from /practice in Discord.", NEW_LINK],
  },
  link_unknown: {
    heading: "This link doesn't open anything",
    lines: ["It may have been cut short when it was copied, or it has been used up.", NEW_LINK],
  },
  link_expired: {
    heading: "This link is over",
    lines: [
      "To record, a link works for 30 minutes, and to look at a result for a day, so that nobody else can use it later.",
      "Results stay in Discord, in /history.",
      NEW_LINK,
    ],
  },
  interview_gone: {
    heading: "This interview is no longer kept",
    lines: ["It was deleted, with its answers. Use /interview start in Discord for a new one."],
  },
  interview_over: {
    heading: "This interview has ended",
    lines: ["What you answered is in Discord, in /history. Use /interview start there for a new one."],
  },
  interview_link_over: {
    heading: "This link to an interview is over",
    lines: ["Use /interview show in Discord: it shows what the interview has come to."],
  },
  submitted: {
    heading: "This link was used already",
    lines: ["There is a result for it. It is in Discord, and on this page after a reload, with a way to try again."],
    again: true,
  },
  other_tab: {
    heading: "The studio is open in another tab",
    lines: [
      "You opened the same link again, so please go on there: nothing there was touched.",
      "To use this tab instead, close the other one first, then try again.",
    ],
    again: true,
  },
  too_many: {
    heading: "A little slower, please",
    lines: ["There were very many calls from here within a short time. Wait a minute, then try again."],
    again: true,
  },
};

const PAGE_ERROR = {
  heading: "Something went wrong on this page",
  lines: [
    "That is our mistake, not yours. Reload the page; what you recorded is still there if this browser could keep it.",
  ],
  again: true,
};

/**
 * @param {Studio} studio
 * @param {unknown} error
 * @returns {import("../types.js").StepView}
 */
export function problem(studio, error) {
  studio.devices.close();
  const screen = screenFor(error);
  const unsent = studio.recording && !studio.recording.sent ? studio.recording : null;
  return {
    heading: screen.heading,
    content: [
      h("div", { class: "card" }, ...screen.lines.map((line) => h("p", {}, line))),
      unsent &&
        notice(
          "info",
          h("p", {}, "Your recording is still here. Save a copy, and you can upload it with the next link."),
          button("Save a copy", () => saveCopy(unsent), { icon: "save" }),
        ),
      screen.again
        ? h(
            "p",
            { class: "actions" },
            button("Try again", () => location.reload(), { icon: "again", kind: "main" }),
          )
        : null,
    ],
  };
}

/** @param {unknown} error */
function screenFor(error) {
  if (!(error instanceof ApiError)) return PAGE_ERROR;
  const known = SCREENS[error.code];
  if (known) return known;
  return { heading: "That didn't work", lines: [error.sentence], again: true };
}
