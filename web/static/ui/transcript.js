// The transcript: follows the playback within its own box, and a press on a sentence plays it.

import { h } from "./dom.js";
import { clockTime } from "./format.js";

/**
 * @param {import("../types.js").Sentence[]} sentences
 * @param {import("./player.js").Playable|null} player
 */
export function transcript(sentences, player) {
  const lines = sentences.map((sentence) => line(sentence, player));
  const box = h("div", { class: "transcript", tabindex: 0, role: "group", "aria-label": "Transcript" }, ...lines);
  let now = -1;
  player?.onTimeChange(() => {
    const at = player.currentTime;
    const found = sentences.findLastIndex((sentence) => sentence.start <= at + 0.05);
    const next = found >= 0 && at <= sentences[found].end + 1.5 ? found : -1;
    if (next === now) return;
    lines[now]?.classList.remove("current");
    lines[next]?.classList.add("current");
    if (next >= 0) bringIntoView(box, lines[next]);
    now = next;
  });
  return box;
}

/**
 * @param {import("../types.js").Sentence} sentence
 * @param {import("./player.js").Playable|null} player
 */
function line(sentence, player) {
  const parts = [h("span", { class: "timestamp" }, clockTime(sentence.start)), " ", words(sentence)];
  if (!player) return h("p", { class: "sentence" }, ...parts);
  const play = () => {
    player.seek(sentence.start);
    player.resume();
  };
  return h("button", { type: "button", class: "sentence", click: play }, ...parts);
}

/**
 * The words, with the fillers among them marked. Their places count characters as the server does,
 * of which an emoji is one.
 * @param {import("../types.js").Sentence} sentence
 */
function words({ text, fillers = [] }) {
  const characters = Array.from(text);
  const parts = [];
  let done = 0;
  for (const [from, to] of fillers) {
    if (from < done || to <= from || to > characters.length) continue;
    parts.push(characters.slice(done, from).join(""));
    parts.push(h("mark", { class: "filler-word", title: "filler" }, characters.slice(from, to).join("")));
    done = to;
  }
  parts.push(characters.slice(done).join(""));
  return h("span", {}, ...parts.filter(Boolean));
}

/**
 * Scroll the box, never the page.
 * @param {HTMLElement} box
 * @param {HTMLElement} element
 */
function bringIntoView(box, element) {
  const top = element.offsetTop - box.offsetTop;
  const isInView = top >= box.scrollTop && top + element.offsetHeight <= box.scrollTop + box.clientHeight;
  if (isInView) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  box.scrollTo({ top: top - box.clientHeight / 3, behavior: calm ? "auto" : "smooth" });
}
