// Shows how long the link can still be used, and says so before it ends.

import { setText } from "./ui/dom.js";
import { pluralize } from "./ui/format.js";

const LOOK_MS = 5000;
const SPOKEN_MINUTES = [5, 1];

/** @type {number|undefined} */
let timer;

/**
 * @param {import("./types.js").Session} session
 * @param {(text: string) => void} announce
 */
export function showLinkExpiry(session, announce) {
  const line = document.getElementById("link-expiry");
  if (!line) return;
  const end = performance.now() + session.seconds_left * 1000;
  const spoken = new Set(SPOKEN_MINUTES.filter((minutes) => session.seconds_left < minutes * 60));
  const show = () => {
    const minutes = Math.ceil((end - performance.now()) / 60_000);
    setText(line, sentence(session, minutes));
    for (const mark of SPOKEN_MINUTES) {
      if (session.state === "submitted" || minutes > mark || spoken.has(mark)) continue;
      spoken.add(mark);
      announce(`This link works for ${pluralize(Math.max(minutes, 0), "more minute")}.`);
    }
  };
  clearInterval(timer);
  timer = setInterval(show, LOOK_MS);
  show();
}

/** Once it is sent, the page can be looked at for longer, and no clock needs watching. */
export function hideLinkExpiry() {
  clearInterval(timer);
  const line = document.getElementById("link-expiry");
  if (line) setText(line, "");
}

/**
 * @param {import("./types.js").Session} session
 * @param {number} minutes
 */
function sentence(session, minutes) {
  if (session.state === "submitted") return "";
  if (minutes <= 0) return "This link is over. A new one comes with /practice in Discord.";
  return `This link works for ${pluralize(minutes, "more minute")}.`;
}
