// Step: records the answer, with the question and the time in view.

import { stayAwake } from "../recording/wake_lock.js";
import { timeSpeaker } from "../recording/countdown.js";
import { button, h, icon, setText } from "../ui/dom.js";
import { levelMeter } from "../recording/meter.js";
import { Recorder, recordingType } from "../recording/recorder.js";
import { sense } from "../recording/signal_levels.js";
import { preview } from "./check.js";
import { lengthInWords, moment } from "../ui/format.js";

/** @typedef {import("../types.js").Studio} Studio */

const TICK_MS = 200;
const LOST = "The camera or microphone was disconnected, so the recording ended there. What you said until then is here.";

/**
 * @param {Studio} studio
 * @returns {import("../types.js").Room}
 */
export function record(studio) {
  const { stream } = studio.devices;
  if (!stream) throw new Error("there is no camera to record");
  const view = controls(studio, stream);
  const sleep = stayAwake();
  const stopSensing = sense(stream, null, ({ level }) => view.meter.set(level));
  /** @type {Recorder|null} */
  let recorder = null;
  let timer = 0;
  let gone = false;

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const onControl = event.target instanceof Element && event.target.closest("button, a, video");
    if (event.code !== "Space" || event.repeat || onControl) return;
    event.preventDefault();
    recorder?.stop();
  };
  const begin = async () => {
    recorder = await startRecording(studio, stream);
    if (gone) return recorder.stop();
    view.connect(recorder);
    const most = recorder.limit(studio.choice.answer);
    const speak = timeSpeaker(studio.say, most);
    timer = setInterval(() => tick(recorder, most, view, speak), TICK_MS);
  };

  addEventListener("keydown", onKey);
  begin().catch((error) => studio.go("trouble", error));
  return {
    heading: "Recording",
    content: [h("p", { class: "question" }, studio.session.question), view.node],
    leave: () => {
      gone = true;
      removeEventListener("keydown", onKey);
      clearInterval(timer);
      stopSensing();
      sleep();
    },
  };
}

/**
 * Begin; every piece goes to the shelf as it comes, and the end leads to the review.
 * @param {Studio} studio
 * @param {MediaStream} stream
 */
async function startRecording(studio, stream) {
  const { shelf } = studio;
  /** @type {Promise<boolean>[]} */
  const kept = [];
  let lost = false;
  const recorder = new Recorder(stream, await recordingType(), studio.session, {
    piece: (index, blob, seconds) => {
      kept.push(shelf.add(index, blob, seconds));
      // timers may rest for a minute in a tab that is not in view; pieces come all the same
      if (seconds >= recorder.limit(studio.choice.answer)) recorder.stop();
    },
    end: async (blob, seconds) => {
      studio.devices.close();
      const allKept = (await Promise.all(kept)).every(Boolean) && (await shelf.change({ seconds }));
      if (blob.size === 0) return studio.go("prepare");
      const { type } = recorder;
      studio.recording = { blob, type, seconds, from: "camera", begun: false, sent: false, kept: allKept };
      studio.say(`Recorded: ${lengthInWords(seconds)}.`);
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
  kept.push(shelf.begin({ type, from: "camera", shared: studio.choice.shared }));
  recorder.start();
  return recorder;
}

/**
 * @param {Recorder|null} recorder
 * @param {number} most
 * @param {ReturnType<typeof controls>} view
 * @param {(left: number) => void} speak
 */
function tick(recorder, most, view, speak) {
  if (!recorder) return;
  const left = most - recorder.seconds;
  setText(view.elapsed, moment(recorder.seconds));
  setText(view.left, `${moment(Math.ceil(Math.max(0, left)))} left`);
  view.bar.style.setProperty("--part", String(Math.min(1, recorder.seconds / most)));
  view.node.classList.toggle("soon", left <= 10);
  if (recorder.paused) return;
  speak(left);
  if (left <= 0) recorder.stop();
}

/**
 * @param {Studio} studio
 * @param {MediaStream} stream
 */
function controls(studio, stream) {
  const meter = levelMeter();
  const elapsed = h("span", { class: "elapsed" }, "0:00");
  const left = h("span", { class: "left" }, `${moment(studio.choice.answer)} left`);
  const bar = h("div", { class: "time-bar", "aria-hidden": "true" });
  const light = h("span", { class: "light" }, icon("record"), h("span", {}, "Recording"));
  const stop = button("Stop", () => {}, { icon: "stop", kind: "main", keys: "Space" });
  const pause = button("Pause", () => {}, { icon: "pause" });
  const node = h(
    "div",
    { class: "recording-place" },
    h(
      "div",
      { class: "stage" },
      preview(stream),
      h("div", { class: "over" }, light, h("span", { class: "times", role: "timer" }, elapsed, left)),
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
      studio.say(paused ? "Paused." : "Recording goes on.");
    });
  };
  return { node, meter, elapsed, left, bar, connect };
}
