// Step: camera and microphone, turned on by a press, with a look and a listen before anything counts.

import { DeviceError } from "../recording/devices.js";
import { fileChooser } from "../recording/file_chooser.js";
import { levelMeter } from "../recording/level_meter.js";
import { watchLevels } from "../recording/signal_levels.js";
import { button, h, icon, notice, setText } from "../ui/dom.js";
import { helpFor } from "../ui/help.js";

/** @typedef {import("../types.js").Studio} Studio */

const HEARD = "We hear you.";
const QUIET = "We hear very little. Move closer, speak up, or choose another microphone.";

/**
 * @param {Studio} studio
 * @returns {import("../types.js").StepView}
 */
export function check(studio) {
  const container = h("div", { class: "check-layout" });
  let leave = () => {};
  let hasLeft = false;
  let busy = false;

  /** @param {Partial<{camera: string, microphone: string}>} [choice] */
  async function turnOn(choice) {
    if (busy) return; // a second press while the browser asks would leave a camera on
    busy = true;
    leave();
    leave = () => {};
    container.setAttribute("aria-busy", "true");
    try {
      const stream = await studio.devices.open(choice);
      if (hasLeft) return studio.devices.close();
      const view = previewView(studio, stream, turnOn, choice);
      leave = view.leave;
      container.replaceChildren(view.node);
      for (const track of stream.getTracks()) track.addEventListener("ended", () => hasLeft || turnOn());
      await view.fillChoices();
    } catch (error) {
      if (hasLeft) return;
      const kind = error instanceof DeviceError ? error.kind : "unknown";
      container.replaceChildren(deviceHelp(studio, kind, () => turnOn()));
      container.querySelector("h2")?.focus();
    } finally {
      busy = false;
      container.removeAttribute("aria-busy");
    }
  }

  if (studio.devices.ready) turnOn();
  else container.replaceChildren(invitation(studio, () => turnOn()));
  return {
    heading: "Let's check your camera and microphone",
    content: [container],
    leave: () => {
      hasLeft = true;
      leave();
    },
  };
}

/**
 * @param {Studio} studio
 * @param {() => void} turnOn
 */
function invitation(studio, turnOn) {
  return h(
    "div",
    { class: "card invitation" },
    h(
      "p",
      { class: "lead" },
      "Take your time. Nothing is recorded until you say so, and you can record as often as you like.",
    ),
    h(
      "p",
      {},
      "To record your answer, this page needs your camera and microphone. Your browser will ask you. The picture stays in this browser until you send it.",
    ),
    h(
      "p",
      { class: "actions" },
      button("Turn on camera and microphone", turnOn, { icon: "camera", kind: "main" }),
      fileChooser(studio),
    ),
  );
}

/**
 * @param {Studio} studio
 * @param {import("../recording/devices.js").DeviceProblem} kind
 * @param {() => void} again
 */
function deviceHelp(studio, kind, again) {
  const help = helpFor(kind);
  return h(
    "div",
    { class: "card help" },
    h("h2", { tabindex: -1 }, icon("warn"), help.title),
    h("ol", {}, ...help.lines.map((line) => h("li", {}, line))),
    h(
      "p",
      { class: "actions" },
      help.again && button("Try again", again, { icon: "again", kind: "main" }),
      fileChooser(studio),
    ),
  );
}

/**
 * The preview with its meter, warnings and choices.
 * @param {Studio} studio
 * @param {MediaStream} stream
 * @param {(choice: Partial<{camera: string, microphone: string}>) => void} turnOn
 * @param {Partial<{camera: string, microphone: string}>} [changed] which choice led here
 */
function previewView(studio, stream, turnOn, changed) {
  const video = preview(stream);
  const meter = levelMeter();
  const soundHint = h("p", { class: "sound-hint", role: "status" }, "Say a few words, so that we can hear you.");
  const darkness = h("div", { role: "status" });
  const choices = h("div", { class: "choices" });
  const stop = watchLevels(stream, video, (levels) => {
    meter.set(levels.level);
    if (levels.heard || levels.quiet) {
      setText(soundHint, levels.heard ? HEARD : QUIET);
      soundHint.classList.toggle("good", levels.heard);
    }
    if (levels.dark !== darkness.hasChildNodes()) darkness.replaceChildren(...(levels.dark ? [darknessNotice()] : []));
  });
  const node = h(
    "div",
    { class: "card device-check" },
    h("div", { class: "video-frame" }, video),
    h(
      "div",
      { class: "side" },
      h("div", { class: "sound" }, meter.node, soundHint),
      darkness,
      choices,
      h(
        "p",
        { class: "small" },
        "The page only measures how loud the sound and how bright the picture is. Your looks are not judged.",
      ),
    ),
    h(
      "p",
      { class: "actions" },
      button("All good, continue", () => studio.go("prepare"), { icon: "next", kind: "main" }),
      fileChooser(studio, "quiet"),
    ),
  );
  const fillChoices = async () => {
    const { cameras, microphones } = await studio.devices.list();
    const { chosen } = studio.devices;
    choices.replaceChildren(
      picker("Camera", cameras, chosen.camera, (camera) => turnOn({ camera })),
      picker("Microphone", microphones, chosen.microphone, (microphone) => turnOn({ microphone })),
    );
    if (!changed) return document.getElementById("heading")?.focus(); // the pressed button is gone
    choices.querySelectorAll("select")[changed.microphone ? 1 : 0].focus();
  };
  return { node, fillChoices, leave: stop };
}

/** @param {MediaStream} stream */
export function preview(stream) {
  const video = h("video", {
    class: "mirror",
    playsinline: true,
    autoplay: true,
    "aria-label": "Your camera, mirrored",
  });
  video.muted = true;
  video.srcObject = stream;
  video.play().catch(() => {}); // left before it began
  return video;
}

function darknessNotice() {
  return notice("warn", h("p", {}, "The picture is quite dark. A lamp or a window in front of you helps."));
}

/**
 * @param {string} label
 * @param {MediaDeviceInfo[]} devices
 * @param {string} chosen
 * @param {(id: string) => void} choose
 */
function picker(label, devices, chosen, choose) {
  const select = h("select", { change: () => choose(select.value) });
  devices.forEach((device, at) => {
    select.append(h("option", { value: device.deviceId }, device.label || `${label} ${at + 1}`));
  });
  select.value = devices.some((device) => device.deviceId === chosen) ? chosen : (devices[0]?.deviceId ?? "");
  return h("label", { class: "field" }, h("span", {}, label), select);
}
