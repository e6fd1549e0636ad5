// An interview that this page leads through: how far it is, kept up to date, and which question is answered now.

import { Api, ApiError } from "../api.js";
import { wait } from "../backoff.js";
import { storageKeyOf } from "../link.js";
import { banner } from "./banner.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").InterviewState} InterviewState */
/** @typedef {import("../types.js").Question} Question */

const LOOK_SECONDS = 3;
const QUIET_LOOK_SECONDS = 30; // nothing is assessed, but another device may have gone on

export class Interview {
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #pause = new AbortController(); // between two looks
  #checked = false; // whether camera and microphone are known to work

  /**
   * @param {Studio} studio
   * @param {Api} api with the interview's own token
   * @param {InterviewState} state
   */
  constructor(studio, api, state) {
    this.studio = studio;
    this.api = api;
    this.state = state;
    /** @type {number|null} the position of the question that is answered now */
    this.position = null;
    this.banner = banner(this);
    this.#watch();
  }

  /** The question that comes next, if there is one at the moment. */
  get next() {
    return this.at(this.state.next_position);
  }

  /** Whether nothing can be answered any more: it was ended, or its day is over. */
  get ended() {
    return this.state.state !== "open" || this.state.over;
  }

  /**
   * @param {number|null} position
   * @returns {Question|undefined}
   */
  at(position) {
    return this.state.questions.find((question) => question.position === position);
  }

  /**
   * Be told when something has changed.
   * @param {() => void} listener
   * @returns {() => void} ends it
   */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ask how far it is. */
  async refresh() {
    this.take(await this.api.interview());
  }

  /** @param {InterviewState} state */
  take(state) {
    const { seconds_left: _, ...before } = this.state;
    const { seconds_left: __, ...now } = state;
    this.state = state;
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    this.#pause.abort(); // what was a long pause may be a short one now
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * Begin to answer a question, or go on with what this browser has kept of the answer.
   * @param {number} position
   * @throws {ApiError} it cannot be answered now
   */
  async answer(position) {
    const { studio } = this;
    const { token } = await this.api.question(position);
    const keep = studio.options; // as chosen for the question before
    studio.api = new Api(token);
    studio.recording = null;
    await studio.store.open(await storageKeyOf(`interview:${this.state.id}:${position}`));
    studio.session = await studio.api.session();
    if (studio.session.attempt) {
      await this.refresh(); // it was sent in by another device just now
      return studio.go("interview");
    }
    this.position = position;
    const { prepare_seconds: prepareSeconds, answer_seconds: answerSeconds } = studio.session;
    studio.options = { ...(this.#checked ? keep : { prepareSeconds, answerSeconds }), shared: false };
    const stored = await studio.store.load();
    if (stored) studio.recording = stored.recording;
    if (stored?.recording.sent) {
      studio.recording = { ...stored.recording, begun: false, sent: false };
      await studio.store.update({ begun: false, sent: false, attempt: undefined });
    }
    for (const listener of [...this.#listeners]) listener();
    if (stored && !stored.recording.sent) studio.go("review", "restored");
    else studio.go(this.#checked ? "prepare" : "check");
  }

  /** After an answer was sent in: on to the next question at once, else to where it is waited for. */
  async goOn() {
    const { studio } = this;
    this.#checked = studio.recording?.from === "camera";
    this.position = null;
    await this.refresh();
    const { next } = this;
    if (next?.standing === "unanswered") await this.answer(next.position);
    else studio.go("interview");
  }

  /** Get the right to the question that is answered now anew: its time was over. */
  async renew() {
    if (this.position === null) return;
    const { token } = await this.api.question(this.position);
    this.studio.api = new Api(token);
    this.studio.session = await this.studio.api.session();
    if (this.studio.recording) this.studio.recording.begun = false;
    await this.studio.store.update({ begun: false });
  }

  /** Look again and again, as long as the page is open. */
  async #watch() {
    while (!this.state.complete) {
      const { under_way: underWay, next_position: next } = this.state;
      this.#pause = new AbortController();
      const { signal } = this.#pause;
      // where nothing is under way or next, a follow-up or the end is about to be written down
      await wait(underWay || next === null ? LOOK_SECONDS : QUIET_LOOK_SECONDS, signal);
      if (signal.aborted || document.hidden) continue;
      try {
        await this.refresh();
      } catch (error) {
        if (error instanceof ApiError && error.isTemporary) continue;
        if (this.position === null) return this.studio.go("problem", error);
        // whoever records now is told when they send it
      }
    }
  }
}
