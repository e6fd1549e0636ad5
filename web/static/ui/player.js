// Plays a recording, and any moment of it.

import { h } from "./dom.js";

const BEFORE_SECONDS = 1; // a moment is understood better with what led to it
const LONG_MS = 8000;

export class Player {
  /** @type {(() => void)[]} */
  #followers = [];
  #address = "";
  #loading = false;
  #wanted = 0; // where somebody asked to go meanwhile

  constructor() {
    this.video = h("video", {
      class: "player",
      playsinline: true,
      preload: "auto",
      controls: true,
      "aria-label": "Your recording",
    });
    this.video.addEventListener("timeupdate", () => this.#followers.forEach((tell) => tell()));
    this.video.addEventListener("seeked", () => this.#followers.forEach((tell) => tell()));
  }

  /**
   * Show a recording. Resolves with its length in seconds, or null if this browser cannot play it.
   * @param {Blob} blob
   * @returns {Promise<number|null>}
   */
  async load(blob) {
    this.close();
    this.#address = URL.createObjectURL(blob);
    this.#loading = true;
    this.#wanted = 0;
    this.video.src = this.#address;
    const began = await happens(this.video, "loadedmetadata");
    if (began) await this.#findLength();
    this.#loading = false;
    return began && Number.isFinite(this.video.duration) ? this.video.duration : null;
  }

  /** Where it is, in seconds. */
  get at() {
    return this.video.currentTime;
  }

  /**
   * Play from slightly before a moment.
   * @param {number} seconds
   */
  async playAt(seconds) {
    this.seek(seconds - BEFORE_SECONDS);
    try {
      await this.video.play();
    } catch {
      // The browser wants a press on the video itself; it stands at the moment, ready to play.
    }
  }

  /**
   * Go to a place without starting or stopping.
   * @param {number} seconds
   */
  seek(seconds) {
    this.#wanted = Math.max(0, seconds);
    if (!this.#loading) this.video.currentTime = this.#wanted;
  }

  /**
   * Be told whenever the place changes.
   * @param {() => void} tell
   */
  follow(tell) {
    this.#followers.push(tell);
  }

  /** Let go of the recording. */
  close() {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
  }

  /**
   * What browsers record carries no length, and they call it endless until its end was looked for
   * (crbug.com/642012): go there once, and back.
   */
  async #findLength() {
    if (this.video.duration === Infinity) {
      const known = happens(this.video, "durationchange");
      this.video.currentTime = 1e7;
      await known;
    }
    this.#loading = false;
    if (this.video.currentTime === this.#wanted) return;
    const back = happens(this.video, "seeked");
    this.video.currentTime = this.#wanted;
    await back;
  }
}

/**
 * Whether something happens to a video before an error or a long time does.
 * @param {HTMLVideoElement} video
 * @param {string} event
 * @returns {Promise<boolean>}
 */
function happens(video, event) {
  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ happened) => {
      clearTimeout(timer);
      video.removeEventListener(event, yes);
      video.removeEventListener("error", no);
      resolve(happened);
    };
    const yes = () => end(true);
    const no = () => end(false);
    const timer = setTimeout(no, LONG_MS);
    video.addEventListener(event, yes);
    video.addEventListener("error", no);
  });
}
