// Waiting between tries: longer each time, and no longer once the network is back.

const LONGEST_SECONDS = 30;

/**
 * How long to wait before the next try, in seconds: 1, 2, 4 … 30.
 * @param {number} failures how many tries have failed
 */
export function backoffSeconds(failures) {
  return Math.min(LONGEST_SECONDS, 2 ** Math.max(0, failures - 1));
}

/**
 * Wait; ends early when the network comes back or the signal aborts.
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function wait(seconds, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
