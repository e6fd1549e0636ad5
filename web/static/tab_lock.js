// One tab at a time records and sends with a link: the newest. Two would mix their recordings.

/**
 * Take a link over from other tabs, for as long as this one is open.
 * @param {string} key the hash of the link's token
 * @param {() => void} onLost called when another tab takes it over from this one
 */
export function acquireTabLock(key, onLost) {
  if (!key || !("locks" in navigator)) return;
  const untilClosed = () => new Promise(() => {});
  navigator.locks.request(`greenroom-studio-${key}`, { steal: true }, untilClosed).catch(onLost);
}
