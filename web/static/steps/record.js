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
const MUTED =
  "Your microphone gives no sound: it seems to be muted. Look for a switch on it, a key on the keyboard, or another program.";
const QUIET = "We have heard very little for a while. Speak up, or move closer.";
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
  /** @type {Recorder|null} */
  let recorder = null;
  const sound = soundWatch();
  const stopLevels = watchLevels(stream, null, (levels) => {
    view.meter.set(levels.level);
    sound.add(levels, recorder !== null && !recorder.paused);
    setText(view.warning, soundWarning(levels));
  });
  let timer = 0;
  let hasLeft = false;

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const onControl = event.target instanceof Element && event.target.closest("button, a, video");
    if (event.code !== "Space" || event.repeat || onControl) return;
    event.preventDefault();
    recorder?.stop();
  };
  const begin = async () => {
    recorder = await startRecording(studio, stream, sound.seconds);
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
 * @param {{muted: number, spoken: number}} sound seconds so far without any sound, and of speech
 */
async function startRecording(studio, stream, sound) {
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
      const allStored = (await Promise.all(stored)).every(Boolean) && (await store.update({ seconds, ...sound }));
      if (blob.size === 0) return studio.go("prepare");
      const { type } = recorder;
      const about = { seconds, ...sound, from: /** @type {const} */ ("camera") };
      studio.recording = { blob, type, ...about, begun: false, sent: false, stored: allStored };
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
  const { shared } = studio.options;
  stored.push(store.begin({ type, from: "camera", shared, interview: studio.interview !== null }));
  recorder.start();
  return recorder;
}

/** What is heard while it is recorded, in seconds: how long nothing at all, and how long speech. */
function soundWatch() {
  const seconds = { muted: 0, spoken: 0 };
  let last = performance.now();
  return {
    seconds,
    /**
     * @param {import("../recording/signal_levels.js").Levels} levels
     * @param {boolean} counts whether it is being recorded now
     */
    add({ muted, speaking }, counts) {
      const now = performance.now();
      const passed = (now - last) / 1000;
      last = now;
      if (counts && muted) seconds.muted += passed;
      if (counts && speaking) seconds.spoken += passed;
    },
  };
}

/** @param {import("../recording/signal_levels.js").Levels} levels */
function soundWarning({ muted, quiet }) {
  if (muted) return MUTED;
  return quiet ? QUIET : "";
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
  const warning = h("p", { class: "sound-warning", role: "alert" });
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
    warning,
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
  return { node, meter, warning, elapsed, left, bar, connect };
}
