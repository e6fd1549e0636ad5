// What can be done with a recording: saving a copy, taking a file as one.

/** @typedef {import("../types.js").Recording} Recording */

const KINDS = [
  { ending: "webm", type: "video/webm" },
  { ending: "mp4", type: "video/mp4" },
  { ending: "mov", type: "video/quicktime" },
  { ending: "mkv", type: "video/x-matroska" },
  { ending: "m4a", type: "audio/mp4" },
  { ending: "mp3", type: "audio/mpeg" },
  { ending: "ogg", type: "audio/ogg" },
  { ending: "wav", type: "audio/wav" },
  { ending: "flac", type: "audio/flac" },
];
/** What browsers call the same formats. */
const ALSO = new Map([
  ["audio/x-m4a", "audio/mp4"],
  ["audio/x-wav", "audio/wav"],
  ["audio/x-flac", "audio/flac"],
  ["audio/opus", "audio/ogg"],
]);
const LATER_MS = 60_000; // browsers may still be reading when the press is over

/**
 * Give the person the recording as a file.
 * @param {Recording} recording
 */
export function saveCopy(recording) {
  const kind = KINDS.find(({ type }) => recording.type.startsWith(type)) ?? KINDS[0];
  saveFile(recording.blob, "my-answer", kind.ending);
}

/**
 * Give the person a file, whose name ends with the day.
 * @param {Blob} blob
 * @param {string} name
 * @param {string} ending
 */
export function saveFile(blob, name, ending) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}-${new Date().toISOString().slice(0, 10)}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), LATER_MS);
}

/**
 * Take a video or sound file as the recording, and keep it like one.
 * @param {import("../types.js").Studio} studio
 * @param {File} file
 * @returns {Promise<string>} why it cannot be taken, "" when it was
 */
export async function takeFile(studio, file) {
  const ending = file.name.split(".").pop()?.toLowerCase();
  const type = ALSO.get(file.type) ?? file.type;
  const kind = KINDS.find((known) => type === known.type || known.ending === ending);
  if (!kind) {
    return "Please choose a video as WebM, MP4, MOV or MKV, or sound as M4A, MP3, OGG, WAV or FLAC.";
  }
  if (file.size === 0) return "That file is empty. Please choose another one.";
  if (file.size > studio.session.max_bytes) {
    const most = Math.floor(studio.session.max_bytes / 1_000_000);
    return `That file is too large: up to ${most} MB can be sent. A shorter video, or one in 720p, will fit.`;
  }
  const about = { type: kind.type, from: /** @type {const} */ ("file"), shared: studio.options.shared };
  const interview = studio.interview !== null;
  const stored = (await studio.store.begin({ ...about, interview })) && (await studio.store.addPiece(0, file, 0));
  studio.recording = { ...about, blob: file, seconds: 0, begun: false, sent: false, stored };
  return "";
}
