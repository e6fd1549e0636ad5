// Step: records the answer, with the question and the time in view.

import { timeAnnouncer } from "../recording/countdown.js";
import { levelMeter } from "../recording/level_meter.js";
import { Recorder, recordingType } from "../recording/recorder.js";
import { watchLevels } from "../recording/signal_levels.js";
import { keepScreenOn } from "../recording/wake_lock.js";
import { button, h, icon, setText } from "../ui/dom.js";
import { clockTime, durationInWords } from "../ui/format.js";
import { preview } from "./check.js";

/** @typedef {import("../types.js").Studio} Studio */

const TICK_MS = 200;
const LOST =
  "The camera or microphone was disconnected, so the recording ended there. What you said until then is here.";

/**
 * @param {Studio} studio
 * @returns {import("../types.js").StepView}
 */
export function record(studio) {
  const { stream } = studio.devices;
  if (!stream) throw new Error("there is no camera to record");
  const view = controls(studio, stream);
  const releaseScreen = keepScreenOn();
  const stopLevels = watchLevels(stream, null, ({ level }) => view.meter.set(level));
  /** @type {Recorder|null} */
  let recorder = null;
  let timer = 0;
  let hasLeft = false;

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const onControl = event.target instanceof Element && event.target.closest("button, a, video");
    if (event.code !== "Space" || event.repeat || onControl) return;
    event.preventDefault();
    recorder?.stop();
  };
  const begin = async () => {
    recorder = await startRecording(studio, stream);
    if (hasLeft) return recorder.stop();
    view.connect(recorder);
    const longest = recorder.limit(studio.options.answerSeconds);
    const announceTime = timeAnnouncer(studio.announce, longest);
    timer = setInterval(() => tick(recorder, longest, view, announceTime), TICK_MS);
  };

  addEventListener("keydown", onKey);
  begin().catch((error) => studio.go("problem", error));
  return {
    heading: "Recording",
    content: [h("p", { class: "question" }, studio.session.question), view.node],
    leave: () => {
      hasLeft = true;
      removeEventListener("keydown", onKey);
      clearInterval(timer);
      stopLevels();
      releaseScreen();
    },
  };
}

/**
 * Begin; every piece goes to the store as it comes, and the end leads to the review.
 * @param {Studio} studio
 * @param {MediaStream} stream
 */
async function startRecording(studio, stream) {
  const { store } = studio;
  /** @type {Promise<boolean>[]} */
  const stored = [];
  let lost = false;
  const recorder = new Recorder(stream, await recordingType(), studio.session, {
    onPiece: (index, blob, seconds) => {
      stored.push(store.addPiece(index, blob, seconds));
      // timers may rest for a minute in a tab that is not in view; pieces come all the same
      if (seconds >= recorder.limit(studio.options.answerSeconds)) recorder.stop();
    },
    onEnd: async (blob, seconds) => {
      studio.devices.close();
      const allStored = (await Promise.all(stored)).every(Boolean) && (await store.update({ seconds }));
      if (blob.size === 0) return studio.go("prepare");
      const { type } = recorder;
      studio.recording = { blob, type, seconds, from: "camera", begun: false, sent: false, stored: allStored };
      studio.announce(`Recorded: ${durationInWords(seconds)}.`);
      studio.go("review", lost && { why: LOST });
    },
  });
  for (const track of stream.getTracks()) {
    track.addEventListener("ended", () => {
      lost = true; // not by us: a track that is stopped tells nobody
      recorder.stop();
    });
  }
  const { type } = recorder;
  stored.push(store.begin({ type, from: "camera", shared: studio.options.shared }));
  recorder.start();
  return recorder;
}

/**
 * @param {Recorder|null} recorder
 * @param {number} longest
 * @param {ReturnType<typeof controls>} view
 * @param {(left: number) => void} announceTime
 */
function tick(recorder, longest, view, announceTime) {
  if (!recorder) return;
  const left = longest - recorder.seconds;
  setText(view.elapsed, clockTime(recorder.seconds));
  setText(view.left, `${clockTime(Math.ceil(Math.max(0, left)))} left`);
  view.bar.style.setProperty("--fraction", String(Math.min(1, recorder.seconds / longest)));
  view.node.classList.toggle("ending-soon", left <= 10);
  if (recorder.paused) return;
  announceTime(left);
  if (left <= 0) recorder.stop();
}

/**
 * @param {Studio} studio
 * @param {MediaStream} stream
 */
function controls(studio, stream) {
  const meter = levelMeter();
  const elapsed = h("span", { class: "elapsed" }, "0:00");
  const left = h("span", { class: "left" }, `${clockTime(studio.options.answerSeconds)} left`);
  const bar = h("div", { class: "time-bar", "aria-hidden": "true" });
  const light = h("span", { class: "recording-mark" }, icon("record"), h("span", {}, "Recording"));
  const stop = button("Stop", () => {}, { icon: "stop", kind: "main", keys: "Space" });
  const pause = button("Pause", () => {}, { icon: "pause" });
  const node = h(
    "div",
    { class: "recording-layout" },
    h(
      "div",
      { class: "video-frame" },
      preview(stream),
      h("div", { class: "overlay" }, light, h("span", { class: "recording-times", role: "timer" }, elapsed, left)),
      bar,
    ),
    h("div", { class: "actions" }, stop, pause, meter.node),
  );
  /** @param {Recorder} recorder */
  const connect = (recorder) => {
    stop.addEventListener("click", () => recorder.stop());
    pause.addEventListener("click", () => {
      recorder.paused ? recorder.resume() : recorder.pause();
      const { paused } = recorder;
      node.classList.toggle("paused", paused);
      setText(/** @type {Element} */ (light.lastElementChild), paused ? "Paused" : "Recording");
      pause.replaceChildren(icon(paused ? "record" : "pause"), h("span", {}, paused ? "Go on" : "Pause"));
      studio.announce(paused ? "Paused." : "Recording goes on.");
    });
  };
  return { node, meter, elapsed, left, bar, connect };
}
