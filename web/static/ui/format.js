// Numbers as people read and hear them.

/**
 * A place in a recording as m:ss, as Discord shows it.
 * @param {number} seconds
 */
export function clockTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * A length of time in words: "45 seconds", "2 minutes", "1 minute 30 seconds".
 * @param {number} seconds
 */
export function durationInWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  const parts = [];
  if (minutes) parts.push(pluralize(minutes, "minute"));
  if (rest || !minutes) parts.push(pluralize(rest, "second"));
  return parts.join(" ");
}

/**
 * "1 day", "90 days".
 * @param {number} number
 * @param {string} what in the singular
 */
export function pluralize(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/**
 * A size: "840 KB", "12.4 MB".
 * @param {number} bytes
 */
export function fileSize(bytes) {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/**
 * A moment in the reader's own time zone: "14:05", with its day where that is not today.
 * @param {string} moment as ISO 8601
 * @param {Date} now
 */
export function localTime(moment, now) {
  const then = new Date(moment);
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === now.toDateString()) return time;
  return `${time} on ${then.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" })}`;
}
