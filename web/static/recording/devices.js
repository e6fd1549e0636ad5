// Camera and microphone: asking for them, choosing between several, and naming what goes wrong.

const STORAGE_KEY = "greenroom-devices"; // for this visit only, and only which devices

/** @typedef {"insecure"|"unsupported"|"refused"|"refused-by-system"|"missing-camera"|"missing-microphone"|"missing-both"|"busy"|"unknown"} DeviceProblem */

/** Why there is no picture or sound. */
export class DeviceError extends Error {
  /** @param {DeviceProblem} kind */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

export class Devices {
  /** @type {MediaStream|null} */
  stream = null;

  /** @type {{camera: string, microphone: string}} ids, "" for whichever comes first */
  chosen = loadChosen();

  /**
   * Turn both on, or on again with other devices. The browser asks the person.
   * @param {Partial<{camera: string, microphone: string}>} [choice]
   * @returns {Promise<MediaStream>}
   * @throws {DeviceError}
   */
  async open(choice = {}) {
    if (!isSecureContext || !navigator.mediaDevices) throw new DeviceError("insecure");
    if (!("MediaRecorder" in window)) throw new DeviceError("unsupported");
    this.close();
    this.chosen = { ...this.chosen, ...choice };
    try {
      this.stream = await this.#ask();
    } catch (error) {
      throw new DeviceError(await deviceProblemOf(error));
    }
    this.#saveChosen();
    return this.stream;
  }

  /** Turn both off; the camera's light goes out. */
  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  /** Whether both are on and working. */
  get ready() {
    return this.stream?.getTracks().every((track) => track.readyState === "live") ?? false;
  }

  /** What there is to choose from. Names are known once the person has allowed it. */
  async list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    /** @param {MediaDeviceKind} kind */
    const of = (kind) => all.filter((device) => device.kind === kind && device.deviceId);
    return { cameras: of("videoinput"), microphones: of("audioinput") };
  }

  /** Ask for the chosen ones; if those are gone, for any. */
  async #ask() {
    try {
      return await navigator.mediaDevices.getUserMedia(constraints(this.chosen));
    } catch (error) {
      const isGone = error instanceof Error && error.name === "OverconstrainedError";
      if (!isGone || !(this.chosen.camera || this.chosen.microphone)) throw error;
      this.chosen = { camera: "", microphone: "" };
      return navigator.mediaDevices.getUserMedia(constraints(this.chosen));
    }
  }

  #saveChosen() {
    for (const track of this.stream?.getTracks() ?? []) {
      const kind = track.kind === "video" ? "camera" : "microphone";
      this.chosen[kind] = track.getSettings().deviceId ?? "";
    }
    try {
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(this.chosen));
    } catch {
      // Storage is switched off: they are remembered as long as the page is open.
    }
  }
}

/**
 * About 720p: enough to see a person, and small enough to send.
 * @param {{camera: string, microphone: string}} chosen
 * @returns {MediaStreamConstraints}
 */
function constraints(chosen) {
  /** @param {string} id */
  const device = (id) => (id ? { deviceId: { exact: id } } : {});
  return {
    video: {
      ...device(chosen.camera),
      width: { ideal: 1280, max: 1920 },
      height: { ideal: 720, max: 1920 },
      frameRate: { ideal: 30, max: 30 },
      ...(chosen.camera ? {} : { facingMode: "user" }),
    },
    audio: { ...device(chosen.microphone), echoCancellation: true },
  };
}

/**
 * @param {unknown} error
 * @returns {Promise<DeviceProblem>}
 */
async function deviceProblemOf(error) {
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return /system/i.test(message) ? "refused-by-system" : "refused"; // Chrome's own wording
    case "NotFoundError":
    case "OverconstrainedError":
      return whichIsMissing();
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "unknown";
  }
}

/** @returns {Promise<DeviceProblem>} */
async function whichIsMissing() {
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  const hasCamera = all.some((device) => device.kind === "videoinput");
  const hasMicrophone = all.some((device) => device.kind === "audioinput");
  if (hasCamera && !hasMicrophone) return "missing-microphone";
  if (hasMicrophone && !hasCamera) return "missing-camera";
  return "missing-both";
}

/** @returns {{camera: string, microphone: string}} */
function loadChosen() {
  const chosen = { camera: "", microphone: "" };
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
    for (const kind of /** @type {const} */ (["camera", "microphone"])) {
      if (typeof stored[kind] === "string") chosen[kind] = stored[kind];
    }
  } catch {
    // Nothing usable was stored.
  }
  return chosen;
}
