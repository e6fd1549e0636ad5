// Keeps the screen on while somebody speaks, where the browser can.

/**
 * Hold the screen awake until the returned function is called.
 * @returns {() => void}
 */
export function keepScreenOn() {
  let released = false;
  /** @type {WakeLockSentinel|null} */
  let lock = null;
  const ask = async () => {
    if (released || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (released) await lock.release();
    } catch {
      // Low battery or not allowed: the screen may dim, which is no reason to interrupt anybody.
    }
  };
  document.addEventListener("visibilitychange", ask); // a hidden page loses its lock
  ask();
  return () => {
    released = true;
    document.removeEventListener("visibilitychange", ask);
    lock?.release().catch(() => {});
  };
}
