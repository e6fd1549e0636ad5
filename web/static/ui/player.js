// Plays a recording, and any moment of it.

import { h } from "./dom.js";

const LEAD_IN_SECONDS = 1; // a moment is understood better with what led to it
const TIMEOUT_MS = 8000;

/**
 * What moments, transcript and drawing need of a player.
 * @typedef {object} Playable
 * @property {HTMLVideoElement} video
 * @property {number} currentTime
 * @property {(seconds: number) => Promise<void>} playAt
 * @property {() => Promise<void>} resume
 * @property {(seconds: number) => void} seek
 * @property {(listener: () => void) => void} onTimeChange
 */

export class Player {
  /** @type {(() => void)[]} */
  #listeners = [];
  #url = "";
  #loading = false;
  #seekTarget = 0; // where somebody asked to go meanwhile

  constructor() {
    this.video = h("video", {
      class: "player",
      playsinline: true,
      preload: "auto",
      controls: true,
      "aria-label": "Your recording",
    });
    const notify = () => {
      for (const listener of this.#listeners) listener();
    };
    this.video.addEventListener("timeupdate", notify);
    this.video.addEventListener("seeked", notify);
  }

  /**
   * Show a recording. Resolves with its length in seconds, or null if this browser cannot play it.
   * @param {Blob} blob
   * @returns {Promise<number|null>}
   */
  async load(blob) {
    this.close();
    this.#url = URL.createObjectURL(blob);
    this.#loading = true;
    this.#seekTarget = 0;
    this.video.src = this.#url;
    const began = await waitFor(this.video, "loadedmetadata");
    if (began) await this.#findLength();
    this.#loading = false;
    return began && Number.isFinite(this.video.duration) ? this.video.duration : null;
  }

  /** Where it is, in seconds. */
  get currentTime() {
    return this.video.currentTime;
  }

  /**
   * Play from slightly before a moment.
   * @param {number} seconds
   */
  async playAt(seconds) {
    this.seek(seconds - LEAD_IN_SECONDS);
    try {
      await this.video.play();
    } catch {
      // The browser wants a press on the video itself; it stands at the moment, ready to play.
    }
  }

  /** Go on playing where it is. */
  async resume() {
    try {
      await this.video.play();
    } catch {
      // As above.
    }
  }

  /**
   * Go to a place without starting or stopping.
   * @param {number} seconds
   */
  seek(seconds) {
    this.#seekTarget = Math.max(0, seconds);
    if (!this.#loading) this.video.currentTime = this.#seekTarget;
  }

  /**
   * Be told whenever the place changes.
   * @param {() => void} listener
   */
  onTimeChange(listener) {
    this.#listeners.push(listener);
  }

  /** Let go of the recording. */
  close() {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = "";
  }

  /**
   * What browsers record carries no length, and they call it endless until its end was looked for
   * (crbug.com/642012): go there once, and back.
   */
  async #findLength() {
    if (this.video.duration === Infinity) {
      const known = waitFor(this.video, "durationchange");
      this.video.currentTime = 1e7;
      await known;
    }
    this.#loading = false;
    if (this.video.currentTime === this.#seekTarget) return;
    const back = waitFor(this.video, "seeked");
    this.video.currentTime = this.#seekTarget;
    await back;
  }
}

/**
 * Whether something happens to a video before an error or a long time does.
 * @param {HTMLVideoElement} video
 * @param {string} event
 * @returns {Promise<boolean>}
 */
function waitFor(video, event) {
  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ happened) => {
      clearTimeout(timer);
      video.removeEventListener(event, yes);
      video.removeEventListener("error", no);
      resolve(happened);
    };
    const yes = () => end(true);
    const no = () => end(false);
    const timer = setTimeout(no, TIMEOUT_MS);
    video.addEventListener(event, yes);
    video.addEventListener("error", no);
  });
}
