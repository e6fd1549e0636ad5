// Starts the page: puts its parts together and goes to the first step.

import { takeOver } from "./tab_lock.js";
import { Api, ApiError } from "./api.js";
import { Devices } from "./recording/devices.js";
import { keyOf, tokenFromAddress } from "./link.js";
import { speaker } from "./ui/live_region.js";
import { Shelf } from "./recording/recording_store.js";
import { assessing } from "./steps/assessing.js";
import { check } from "./steps/check.js";
import { opening } from "./steps/opening.js";
import { prepare } from "./steps/prepare.js";
import { record } from "./steps/record.js";
import { result } from "./steps/result.js";
import { review } from "./steps/review.js";
import { sending } from "./steps/sending.js";
import { trouble } from "./steps/trouble.js";
import { Steps } from "./steps/steps.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const rooms = { opening, check, prepare, record, review, sending, assessing, result, trouble };
const steps = new Steps(part("main"), part("trail"), rooms);

/** Open the link that stands in the address. */
async function start() {
  const token = tokenFromAddress();
  const shelf = new Shelf();
  const key = token && (await keyOf(token));
  await shelf.open(key);
  /** @type {import("./types.js").Studio} */
  const studio = {
    api: new Api(token),
    shelf,
    devices: new Devices(),
    session: /** @type {any} */ (null), // the opening step gets it before any other reads it
    recording: null,
    choice: { prepare: 20, answer: 120, shared: false },
    go: (step, note) => steps.go(studio, step, note),
    say: speaker(part("say")),
    takeOver: () => takeOver(key, () => giveUp(studio)),
  };
  warnBeforeLoss(studio);
  addEventListener("unhandledrejection", ({ reason }) => studio.go("trouble", reason));
  addEventListener("error", ({ error }) => error && studio.go("trouble", error));
  studio.go("opening", token);
}

/**
 * Another tab goes on with this link: nothing leads on from here any more.
 * @param {import("./types.js").Studio} studio
 */
function giveUp(studio) {
  studio.go("trouble", new ApiError(409, "elsewhere", ""));
  studio.go = () => {};
}

/**
 * Ask before closing only where something would be lost: unsent, and not kept by the browser.
 * @param {import("./types.js").Studio} studio
 */
function warnBeforeLoss(studio) {
  addEventListener("beforeunload", (event) => {
    const { recording } = studio;
    if (recording && !recording.sent && !recording.kept) event.preventDefault();
  });
}

addEventListener("hashchange", () => location.reload()); // another link was pasted
start();
