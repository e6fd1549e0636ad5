// The link's token: read from the fragment, never stored, and in the browser's storage only as a hash.

/** The token after the `#`, "" when there is none. What a chat has put behind it is left out. */
export function tokenFromAddress() {
  return /^#([\w.-]+)/.exec(location.hash)?.[1] ?? "";
}

/**
 * What a recording is kept under: a hash, so that the store cannot open a link.
 * @param {string} token or what else names it: links to one interview differ by when they were given
 * @returns {Promise<string>}
 */
export async function storageKeyOf(token) {
  const bytes = new TextEncoder().encode(`greenroom-studio:${token}`);
  if (!crypto.subtle) return ""; // only where cameras do not work either: not a secure context
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
