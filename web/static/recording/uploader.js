// Sends a recording in pieces, goes on where it broke off, and hands it in.

import { ApiError } from "../api.js";
import { backoffSeconds, wait } from "../backoff.js";

const PIECE_BYTES = 1024 * 1024;
const MOST_RESTARTS = 3;
const SPEED_SECONDS = 8; // over how long the speed is averaged

/**
 * @typedef {object} Progress
 * @property {number} sent bytes
 * @property {number} all bytes
 * @property {number|null} secondsLeft
 * @property {ApiError|null} problem why it waits before it tries again
 */

/** Somebody stopped the upload. */
export class UploadStopped extends Error {}

export class Uploader {
  /** @type {{at: number, sent: number}[]} */
  #samples = [];
  #received = 0;
  #restarts = 0;

  /**
   * @param {import("../api.js").Api} api
   * @param {import("../types.js").Recording} recording
   * @param {AbortSignal} signal
   * @param {(progress: Progress) => void} onProgress
   */
  constructor(api, recording, signal, onProgress) {
    this.api = api;
    this.recording = recording;
    this.signal = signal;
    this.onProgress = onProgress;
  }

  /**
   * Send what is missing.
   * @param {number|null} received what the server has of this recording; null: it knows nothing of it
   * @param {() => Promise<unknown>} onBegun called when the server expects this recording
   * @throws {ApiError|UploadStopped}
   */
  async send(received, onBegun) {
    if (received === null) await this.#begin(onBegun);
    else this.#received = received;
    while (this.#received < this.recording.blob.size) {
      try {
        await this.#withRetries(() => this.#piece());
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "offset" && error.receivedBytes !== null) {
          this.#received = error.receivedBytes;
        } else if (this.#mayRestart(error)) {
          await this.#begin(onBegun);
        } else throw error;
      }
    }
    this.#show(this.#received);
  }

  /**
   * Hand it in. An answer that got lost does no harm: the server gives the same one again.
   * @param {boolean} shared
   * @param {() => Promise<unknown>} onBegun as for `send`
   * @returns {Promise<import("../types.js").Snapshot>}
   * @throws {ApiError|UploadStopped}
   */
  async submit(shared, onBegun) {
    for (;;) {
      try {
        return (await this.#withRetries(() => this.api.submit(shared))).attempt;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === "incomplete") await this.send(error.receivedBytes, onBegun);
        else if (this.#mayRestart(error)) await this.send(null, onBegun);
        else throw error;
      }
    }
  }

  /**
   * Whether the server has let go of what it had, as it does where it needs the room: once more.
   * @param {ApiError} error
   */
  #mayRestart(error) {
    if (error.code !== "no_upload" || this.#restarts >= MOST_RESTARTS) return false;
    this.#restarts += 1;
    return true;
  }

  /** @param {() => Promise<unknown>} onBegun */
  async #begin(onBegun) {
    const { blob, type, seconds } = this.recording;
    await this.#withRetries(() => this.api.begin({ size_bytes: blob.size, type, seconds }));
    this.#received = 0;
    await onBegun();
  }

  async #piece() {
    const from = this.#received;
    const piece = this.recording.blob.slice(from, from + PIECE_BYTES);
    const onPieceProgress = (/** @type {number} */ bytes) => this.#show(from + bytes);
    this.#received = await this.api.append(from, piece, onPieceProgress, this.signal);
    this.#show(this.#received);
  }

  /**
   * Try until it works or cannot work.
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  async #withRetries(act) {
    for (let failures = 0; ; ) {
      if (this.signal.aborted) throw new UploadStopped();
      try {
        return await act();
      } catch (error) {
        if (this.signal.aborted) throw new UploadStopped();
        if (!(error instanceof ApiError) || !error.isTemporary) throw error;
        failures += 1;
        this.#samples = [];
        this.#show(this.#received, error);
        await wait(backoffSeconds(failures), this.signal);
      }
    }
  }

  /**
   * @param {number} sent
   * @param {ApiError|null} [problem]
   */
  #show(sent, problem = null) {
    const all = this.recording.blob.size;
    this.onProgress({ sent: Math.min(sent, all), all, secondsLeft: this.#secondsLeft(sent), problem });
  }

  /** @param {number} sent */
  #secondsLeft(sent) {
    const now = performance.now() / 1000;
    this.#samples.push({ at: now, sent });
    this.#samples = this.#samples.filter((sample) => now - sample.at < SPEED_SECONDS);
    const first = this.#samples[0];
    const speed = (sent - first.sent) / (now - first.at);
    if (!(speed > 0) || now - first.at < 1) return null;
    return (this.recording.blob.size - sent) / speed;
  }
}
