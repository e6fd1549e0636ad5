// What to do when there is no picture or sound, in this browser's own words where they differ.

/** @typedef {import("../recording/devices.js").DeviceProblem} DeviceProblem */
/** @typedef {{title: string, lines: string[], again: boolean}} Help */

/** @type {Record<string, string[]>} */
const ALLOW = {
  safariPhone: [
    "Tap the page menu in the address bar, then “Website Settings”.",
    "Set Camera and Microphone to “Allow”, and come back here.",
  ],
  safari: [
    "In the menu bar choose Safari, then “Settings for This Website…”.",
    "Set Camera and Microphone to “Allow”, and come back here.",
  ],
  firefox: [
    "Click the crossed-out camera or microphone beside the address.",
    "Remove “Blocked” for both, and come back here.",
  ],
  chromium: [
    "Click the icon to the left of the address (it shows a slider or a camera).",
    "Switch Camera and Microphone on, and come back here.",
  ],
};

/** @type {Record<DeviceProblem, (browser: string) => Help>} */
const HELP = {
  refused: (browser) => ({
    title: "The browser wasn't allowed to use them",
    lines: ALLOW[browser],
    again: true,
  }),
  "refused-by-system": () => ({
    title: "The computer doesn't let this browser use them",
    lines: [
      "Open the privacy settings of your computer or phone (Privacy & Security on Windows and macOS).",
      "Allow this browser to use the camera and the microphone, and come back here.",
    ],
    again: true,
  }),
  "missing-camera": () => ({
    title: "No camera was found",
    lines: [
      "Plug one in, or open its cover or switch, and try again.",
      "You can also open this link on your phone, which has one.",
    ],
    again: true,
  }),
  "missing-microphone": () => ({
    title: "No microphone was found",
    lines: [
      "Plug one in (a headset will do), and try again.",
      "You can also open this link on your phone, which has one.",
    ],
    again: true,
  }),
  "missing-both": () => ({
    title: "No camera and no microphone were found",
    lines: ["Plug them in and try again.", "You can also open this link on your phone, which has both."],
    again: true,
  }),
  busy: () => ({
    title: "Another program is using the camera or microphone",
    lines: [
      "Close other calls and camera apps (Discord, Zoom, Teams, another tab), and try again.",
      "If that doesn't help, unplug the camera and plug it in again.",
    ],
    again: true,
  }),
  insecure: () => ({
    title: "This address is not secure enough for a camera",
    lines: [
      "Browsers allow cameras only on addresses that begin with https://.",
      "Please tell whoever runs this bot. Until then you can upload a video file.",
    ],
    again: false,
  }),
  unsupported: () => ({
    title: "This browser can't record video",
    lines: ["Use a current Chrome, Edge, Firefox or Safari, or upload a video file."],
    again: false,
  }),
  unknown: () => ({
    title: "The camera or microphone didn't start",
    lines: ["Try again. If that doesn't help, reload the page or use another browser."],
    again: true,
  }),
};

/**
 * @param {DeviceProblem} problem
 * @returns {Help}
 */
export function helpFor(problem) {
  return HELP[problem](browserOf(navigator.userAgent));
}

/** @param {string} agent */
function browserOf(agent) {
  if (/Firefox|FxiOS/.test(agent)) return "firefox";
  if (/Chrome|CriOS|Edg/.test(agent)) return "chromium";
  return /iPhone|iPad|Mobile/.test(agent) ? "safariPhone" : "safari";
}
