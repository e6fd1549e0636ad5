// Records a stream: the best kind this browser can write, small enough to send, in pieces.

const TYPES = [
  "video/webm;codecs=vp9,opus",
  "video/webm;codecs=vp8,opus",
  "video/webm",
  "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
  "video/mp4",
];

/** Safari also writes WebM, which it hardly seeks in; its MP4 is encoded by the hardware. */
const FIRST = navigator.vendor.startsWith("Apple") ? "video/mp4" : "video/webm";

const PIECE_MS = 1000; // a crash loses no more than this
const AUDIO_BITS = 96_000;
const MOST_VIDEO_BITS = 2_500_000;
const LEAST_VIDEO_BITS = 250_000;
const TARGET_PART = 0.7; // of what may be sent: encoders overshoot
const LIMIT_PART = 0.95;

/**
 * What is left out at the end of the longest answer, so that its file is never too long: in a tab
 * that is not in view, the time is looked at once a second.
 */
const MARGIN_SECONDS = 1.5;

/**
 * The kind to record in: the first this browser writes, VP9 only if it does so without stutter.
 * @returns {Promise<string>}
 */
export async function recordingType() {
  const able = TYPES.filter((type) => MediaRecorder.isTypeSupported(type));
  able.sort((one, other) => Number(other.startsWith(FIRST)) - Number(one.startsWith(FIRST)));
  if (able[0]?.includes("vp9") && able.length > 1 && !(await runsSmoothly(able[0]))) able.shift();
  return able[0] ?? "";
}

/**
 * Bits a second with which even the longest answer stays well below what may be sent.
 * @param {{max_bytes: number, longest_seconds: number}} limits
 */
export function bitrates(limits) {
  const all = (limits.max_bytes * 8 * TARGET_PART) / limits.longest_seconds;
  const video = Math.min(MOST_VIDEO_BITS, Math.max(LEAST_VIDEO_BITS, all - AUDIO_BITS));
  return { videoBitsPerSecond: Math.floor(video), audioBitsPerSecond: AUDIO_BITS };
}

/** A recording under way. */
export class Recorder {
  /** @type {Blob[]} */
  #pieces = [];
  #bytes = 0;
  #recordedBefore = 0; // milliseconds recorded before the last pause
  #runningSince = 0; // when it went on
  #recorder;
  #limits;

  /**
   * @param {MediaStream} stream
   * @param {string} type
   * @param {{max_bytes: number, longest_seconds: number}} limits
   * @param {object} callbacks
   * @param {(index: number, piece: Blob, seconds: number) => void} callbacks.onPiece
   * @param {(blob: Blob, seconds: number) => void} callbacks.onEnd however it ended
   */
  constructor(stream, type, limits, callbacks) {
    this.#limits = limits;
    const options = { ...bitrates(limits), ...(type ? { mimeType: type } : {}) };
    this.#recorder = new MediaRecorder(stream, options);
    this.#recorder.ondataavailable = ({ data }) => {
      if (data.size === 0) return;
      this.#pieces.push(data);
      this.#bytes += data.size;
      callbacks.onPiece(this.#pieces.length - 1, data, this.seconds);
      if (this.#bytes > limits.max_bytes * LIMIT_PART) this.stop();
    };
    this.#recorder.onstop = () => {
      this.#stopClock();
      callbacks.onEnd(new Blob(this.#pieces, { type: this.type }), this.seconds);
    };
  }

  /** What is being recorded, with its codecs. */
  get type() {
    return this.#recorder.mimeType || "video/webm";
  }

  /** Seconds recorded so far; pauses do not count. */
  get seconds() {
    const running = this.#runningSince ? performance.now() - this.#runningSince : 0;
    return (this.#recordedBefore + running) / 1000;
  }

  get paused() {
    return this.#recorder.state === "paused";
  }

  start() {
    this.#recorder.start(PIECE_MS);
    this.#runningSince = performance.now();
  }

  pause() {
    if (this.#recorder.state !== "recording") return;
    this.#recorder.pause();
    this.#stopClock();
  }

  resume() {
    if (this.#recorder.state !== "paused") return;
    this.#recorder.resume();
    this.#runningSince = performance.now();
  }

  /** End it; `callbacks.onEnd` follows. */
  stop() {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
  }

  /**
   * How long it may go on, in seconds.
   * @param {number} wanted what the person chose
   */
  limit(wanted) {
    return Math.min(wanted, this.#limits.longest_seconds - MARGIN_SECONDS);
  }

  #stopClock() {
    if (this.#runningSince) this.#recordedBefore += performance.now() - this.#runningSince;
    this.#runningSince = 0;
  }
}

/**
 * Whether this machine encodes 720p of this kind in time; if it cannot say, it does not.
 * @param {string} type
 */
async function runsSmoothly(type) {
  try {
    const { smooth } = await navigator.mediaCapabilities.encodingInfo({
      type: "record",
      video: {
        contentType: type.replace(",opus", ""),
        ...{ width: 1280, height: 720, framerate: 30, bitrate: MOST_VIDEO_BITS },
      },
    });
    return smooth;
  } catch {
    return false;
  }
}
