// Moments of the recording as buttons that play them, and as plain times when it is gone.

import { h, icon } from "./dom.js";
import { clockTime } from "./format.js";

const SHOWN_SECONDS = 4; // how long after its beginning a moment counts as being played

/** @typedef {{at: number, until: number, node: HTMLButtonElement}} Moment */

export class Moments {
  /** @type {Moment[]} */
  #all = [];
  /** @type {Moment|null} */
  #playing = null;

  /** @param {import("./player.js").Playable|null} player null: the recording is not in this browser */
  constructor(player) {
    this.player = player;
    player?.onTimeChange(() => this.#onTimeChange(player.currentTime));
  }

  /**
   * Words that play the moment they are about.
   * @param {string} text
   * @param {number|null} at seconds from the recording's start
   * @param {{kind?: string, seconds?: number, spoken?: string}} [more] `spoken` says more to screen readers
   * @returns {HTMLElement}
   */
  of(text, at, more = {}) {
    if (at === null) return h("p", { class: "evidence" }, text);
    const kind = more.kind ?? "evidence";
    const spoken = more.spoken && h("span", { class: "visually-hidden" }, ` ${more.spoken}`);
    const time = h("span", { class: "timestamp" }, this.player && icon("play"), clockTime(at));
    if (!this.player) return h("p", { class: kind }, h("span", {}, text), spoken, " ", time);
    const hint = h("span", { class: "visually-hidden" }, ", play");
    const node = h("button", { type: "button", class: `moment ${kind}` }, h("span", {}, text), spoken, " ", time, hint);
    const made = { at, until: at + (more.seconds ?? SHOWN_SECONDS), node };
    node.addEventListener("click", () => this.play(made));
    this.#all.push(made);
    return node;
  }

  /** @param {Moment} chosen */
  play(chosen) {
    this.#mark(chosen);
    this.player?.playAt(chosen.at);
  }

  /** Forget the recording: every button becomes plain text with its time. */
  forget() {
    for (const { node } of this.#all) {
      const plain = h("p", { class: node.className.replace("moment ", "") });
      const parts = Array.from(node.childNodes).slice(0, -1); // without ", play"
      plain.append(...parts);
      plain.querySelector(".timestamp svg")?.remove();
      node.replaceWith(plain);
    }
    this.#all = [];
    this.player = null;
  }

  /** @param {number} at */
  #onTimeChange(at) {
    const playing = this.#playing;
    if (playing && (at > playing.until || at < playing.at - 2)) this.#mark(null);
  }

  /** @param {Moment|null} next */
  #mark(next) {
    this.#playing?.node.classList.remove("playing");
    next?.node.classList.add("playing");
    this.#playing = next;
  }
}
