// Starts the page: puts its parts together and goes to the first step.

import { Api } from "./api.js";
import { Interview } from "./interview/interview.js";
import { overview } from "./interview/overview.js";
import { report } from "./interview/report.js";
import { storageKeyOf, tokenFromAddress } from "./link.js";
import { Devices } from "./recording/devices.js";
import { RecordingStore } from "./recording/recording_store.js";
import { assessing } from "./steps/assessing.js";
import { check } from "./steps/check.js";
import { Navigation } from "./steps/navigation.js";
import { opening } from "./steps/opening.js";
import { prepare } from "./steps/prepare.js";
import { problem } from "./steps/problem.js";
import { record } from "./steps/record.js";
import { result } from "./steps/result.js";
import { review } from "./steps/review.js";
import { sending } from "./steps/sending.js";
import { TabLock } from "./tab_lock.js";
import { announcer } from "./ui/live_region.js";

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const answering = { opening, check, prepare, record, review, sending, assessing, result, problem };
const steps = { ...answering, interview: overview, report };
const navigation = new Navigation(byId("main"), byId("step-list"), steps);

/** Open the link that stands in the address. */
async function start() {
  const token = tokenFromAddress();
  const store = new RecordingStore();
  const lock = new TabLock();
  let key = token && (await storageKeyOf(token));
  await store.open(key);
  /** @type {import("./types.js").Studio} */
  const studio = {
    api: new Api(token),
    store,
    devices: new Devices(),
    session: /** @type {any} */ (null), // the opening step gets it before any other reads it
    interview: null,
    recording: null,
    options: { prepareSeconds: 20, answerSeconds: 120, shared: false },
    go: (step, detail) => navigation.go(studio, step, detail),
    announce: announcer(byId("live-region")),
    acquireTabLock: () => lock.acquire(key),
    releaseTabLock: () => lock.release(),
    useLink: async (next) => {
      history.replaceState(null, "", `#${next}`); // a reload stays with it
      key = await storageKeyOf(next);
      await store.open(key);
      studio.api = new Api(next);
      studio.recording = null;
    },
    openInterview: async (state) => {
      key = await storageKeyOf(`interview:${state.id}`); // one tab for all of its questions
      studio.interview = new Interview(studio, studio.api, state);
    },
  };
  warnBeforeLoss(studio);
  addEventListener("unhandledrejection", ({ reason }) => studio.go("problem", reason));
  addEventListener("error", ({ error }) => error && studio.go("problem", error));
  studio.go("opening", token);
}

/**
 * Ask before closing only where something would be lost: unsent, and not kept by the browser.
 * @param {import("./types.js").Studio} studio
 */
function warnBeforeLoss(studio) {
  addEventListener("beforeunload", (event) => {
    const { recording } = studio;
    if (recording && !recording.sent && !recording.stored) event.preventDefault();
  });
}

addEventListener("hashchange", () => location.reload()); // another link was pasted
start();
