// Plays moments of several answers: one player, which shows the recording that the moment is in.

import { h, setText } from "../ui/dom.js";
import { Player } from "../ui/player.js";

/** @typedef {import("../types.js").Recording} Recording */

/** One answer's recording, used like a player of its own. */
export class Clip {
  /** @type {(() => void)[]} */
  #listeners = [];

  /**
   * @param {Clips} clips
   * @param {Recording} recording
   * @param {string} id the attempt's
   */
  constructor(clips, recording, id) {
    this.clips = clips;
    this.recording = recording;
    this.id = id;
    this.label = "";
    clips.player.onTimeChange(() => {
      if (clips.shown !== this) return;
      for (const listener of this.#listeners) listener();
    });
  }

  get video() {
    return this.clips.player.video;
  }

  get currentTime() {
    return this.clips.shown === this ? this.clips.player.currentTime : 0;
  }

  /** @param {number} seconds */
  async playAt(seconds) {
    await this.clips.show(this);
    await this.clips.player.playAt(seconds);
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.clips.show(this);
    this.clips.player.seek(seconds);
  }

  async resume() {
    await this.clips.show(this);
    await this.clips.player.resume();
  }

  /** @param {() => void} listener */
  onTimeChange(listener) {
    this.#listeners.push(listener);
  }
}

export class Clips {
  /** @type {Map<string, Clip>} */
  #all = new Map();
  /** @type {Promise<unknown>} */
  #loaded = Promise.resolve();

  /** @param {import("../recording/recording_store.js").RecordingStore} store */
  constructor(store) {
    this.store = store;
    this.player = new Player();
    /** @type {Clip|null} */
    this.shown = null;
    this.title = h("p", { class: "clip-title", role: "status" });
    this.node = h("aside", { class: "report-player", "aria-label": "Your recording" }, this.player.video, this.title);
    this.node.hidden = true; // until a moment is played
  }

  /**
   * Find what this browser has kept of these attempts.
   * @param {string[]} ids
   */
  async find(ids) {
    for (const [id, recording] of await this.store.ofAttempts(ids)) {
      if (!this.#all.has(id)) this.#all.set(id, new Clip(this, recording, id));
    }
  }

  /** @param {string|null} id an attempt's */
  has(id) {
    return id !== null && this.#all.has(id);
  }

  /**
   * @param {string|null} id an attempt's
   * @param {string} label what the recording is called
   * @returns {Clip|null} null: it is not in this browser
   */
  of(id, label) {
    const clip = (id && this.#all.get(id)) || null;
    if (clip) clip.label = label;
    return clip;
  }

  /**
   * Let the player have a recording.
   * @param {Clip} clip
   */
  show(clip) {
    if (this.shown === clip) return this.#loaded;
    this.shown = clip;
    this.node.hidden = false;
    setText(this.title, clip.label);
    this.#loaded = this.player.load(clip.recording.blob);
    return this.#loaded;
  }

  /** Delete them from this browser. */
  async forget() {
    this.close();
    this.node.hidden = true;
    this.shown = null;
    await this.store.forget([...this.#all.keys()]);
    this.#all.clear();
  }

  /** How many there are. */
  get size() {
    return this.#all.size;
  }

  /** Let go of what is shown. */
  close() {
    this.player.close();
  }
}
