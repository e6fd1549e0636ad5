// Starts the page: puts its parts together and goes to the first step.

import { takeOver } from "./alone.js";
import { Api, ApiError } from "./api.js";
import { Devices } from "./devices.js";
import { keyOf, tokenFromAddress } from "./link.js";
import { speaker } from "./say.js";
import { Shelf } from "./shelf.js";
import { assessing } from "./step_assessing.js";
import { check } from "./step_check.js";
import { opening } from "./step_opening.js";
import { prepare } from "./step_prepare.js";
import { record } from "./step_record.js";
import { result } from "./step_result.js";
import { review } from "./step_review.js";
import { sending } from "./step_sending.js";
import { trouble } from "./step_trouble.js";
import { Steps } from "./steps.js";

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
