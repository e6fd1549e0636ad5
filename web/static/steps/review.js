// Step: watch the recording, keep it, do it again, or send it.

import { saveCopy } from "../recording/recording_file.js";
import { button, h, notice, setText } from "../ui/dom.js";
import { durationInWords, fileSize, pluralize } from "../ui/format.js";
import { Player } from "../ui/player.js";

/** @typedef {import("../types.js").Studio} Studio */

const SHORTEST_SECONDS = 4; // below that the server takes no clip
const SCORED_SECONDS = 8; // of speech, below which pace and voice get no score
const MUTED_SECONDS = 2;

/**
 * @param {Studio} studio
 * @param {any} detail "restored" when the page was closed before; an object {why} after a failed sending
 * @returns {import("../types.js").StepView}
 */
export function review(studio, detail) {
  const { recording } = studio;
  if (!recording) throw new Error("there is nothing to review");
  const player = new Player();
  const facts = h("p", { class: "small facts" }, factsText(recording));
  const hint = h("div", {});
  const send = button(recording.begun ? "Go on sending" : "Send my answer", () => studio.go("sending"), {
    icon: "send",
    kind: "main",
  });
  showLength();

  async function showLength() {
    const seconds = await player.load(/** @type {Blob} */ (recording?.blob));
    if (!recording) return;
    if (seconds !== null) recording.seconds = seconds;
    setText(facts, factsText(recording));
    send.disabled = seconds !== null && seconds < SHORTEST_SECONDS;
    hint.replaceChildren(...[lengthNotice(studio, seconds), soundNotice(recording)].filter((one) => one !== null));
  }

  return {
    heading: detail === "restored" ? "Welcome back, your recording is still here" : "How did it go?",
    content: [
      openingNotice(studio, detail),
      h(
        "div",
        { class: "review-layout" },
        h("div", { class: "video-frame" }, player.video),
        h(
          "div",
          { class: "side" },
          facts,
          hint,
          studio.interview ? null : shareChoice(studio),
          h("p", { class: "actions" }, send),
          h(
            "p",
            { class: "actions" },
            button("Record again", () => again(studio), { icon: "again" }),
            button("Save a copy", () => saveCopy(recording), { icon: "save" }),
          ),
          h("p", { class: "small" }, privacyText(studio)),
        ),
      ),
    ],
    wide: true,
    leave: () => player.close(),
  };
}

/** @param {Studio} studio */
function again(studio) {
  studio.go("prepare"); // what is here stays until the next recording begins
}

/**
 * @param {Studio} studio
 * @param {any} detail
 */
function openingNotice(studio, detail) {
  if (detail?.why) return notice("warn", h("p", {}, detail.why));
  const { recording, session } = studio;
  if (detail === "restored") {
    const part = recording?.begun ? Math.floor(((session.received_bytes ?? 0) / recording.blob.size) * 100) : 0;
    const sent = part ? ` ${part}% of it has been sent already, and sending goes on from there.` : "";
    return notice("good", h("p", {}, `This browser kept it while the page was closed.${sent}`));
  }
  if (recording?.stored) return null;
  return notice(
    "warn",
    h("p", {}, "This browser can't keep the recording. Leave the page open until it is sent, or save a copy."),
  );
}

/** @param {import("../types.js").Recording} recording */
function factsText(recording) {
  const parts = [fileSize(recording.blob.size)];
  if (recording.seconds) parts.unshift(durationInWords(recording.seconds));
  return parts.join(" · ");
}

/**
 * What stands in the way of an assessment, as far as it can be seen from here.
 * @param {Studio} studio
 * @param {number|null} seconds
 */
function lengthNotice(studio, seconds) {
  if (seconds === null) {
    return notice("info", h("p", {}, "This browser can't play the file. It can be sent all the same."));
  }
  if (seconds < SHORTEST_SECONDS) {
    return notice(
      "warn",
      h(
        "p",
        {},
        `That is too short to send: it takes at least ${SHORTEST_SECONDS} seconds to assess. Record again and take your time; half a minute is a good beginning.`,
      ),
    );
  }
  if (seconds > studio.session.longest_seconds) {
    return notice(
      "warn",
      h("p", {}, `That is longer than can be assessed: up to ${durationInWords(studio.session.longest_seconds)}.`),
    );
  }
  const spoken = Math.min(seconds, studio.recording?.spoken ?? seconds);
  if (spoken >= SCORED_SECONDS || (studio.recording?.muted ?? 0) >= MUTED_SECONDS) return null;
  return notice(
    "info",
    h(
      "p",
      {},
      `There are about ${durationInWords(spoken)} of speech in it. With ${SCORED_SECONDS} seconds and more your pace, your pauses and your voice can be scored; with half a minute the parts of your answer can be found, too.`,
    ),
  );
}

/**
 * What the microphone did not send.
 * @param {import("../types.js").Recording} recording
 */
function soundNotice(recording) {
  const muted = recording.muted ?? 0;
  if (muted < MUTED_SECONDS) return null;
  const all = (recording.spoken ?? 0) < 0.5 && muted > recording.seconds / 2;
  return notice(
    "warn",
    h(
      "p",
      {},
      all
        ? "There is no sound in it: your microphone was muted. Switch it on and record again."
        : `Your microphone was muted for about ${durationInWords(muted)} of it. What you said then is missing; better record again.`,
    ),
  );
}

/** @param {Studio} studio */
function shareChoice(studio) {
  const box = h("input", {
    type: "checkbox",
    checked: studio.options.shared,
    change: () => {
      studio.options.shared = box.checked;
      studio.store.update({ shared: box.checked });
    },
  });
  const where = studio.session.place ? `in ${studio.session.place}` : "in the channel";
  return h(
    "label",
    { class: "switch" },
    box,
    h(
      "span",
      {},
      h("strong", {}, "Share the result"),
      h(
        "span",
        { class: "small" },
        `Everybody ${where} sees the result, never the recording. Otherwise only you see it.`,
      ),
    ),
  );
}

/** @param {Studio} studio */
function privacyText(studio) {
  const { engine, judge_host: host, retention_days: days } = studio.session;
  const goesToJudge = Boolean(host) && host !== "localhost";
  const goes =
    engine === "local"
      ? `Your recording is measured on the server that runs this bot, ${goesToJudge ? "" : "sent to nobody else, "}and deleted right afterwards.`
      : "Your recording and the question go to TwelveLabs (US) to be assessed, without your name, and are deleted there and here right afterwards.";
  const words = goesToJudge
    ? ` What you say, as text, and the question go to ${host}, where a language model reads them.`
    : "";
  return `${goes}${words} The result and the transcript are kept for ${pluralize(days, "day")}, unless you delete them earlier in Discord.`;
}
