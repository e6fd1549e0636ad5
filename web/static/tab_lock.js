// One tab at a time records and sends with a link: the first. A second would mix their recordings.

const WAIT_MS = 1500; // a page that is loaded anew still holds its lock for a moment

export class TabLock {
  /** @type {(() => void)|null} */
  #release = null;

  /**
   * Take a link for this tab, until it is closed or lets go of it.
   * @param {string} key the hash of the link's token
   * @returns {Promise<boolean>} false where another tab has it: that one is left alone
   */
  acquire(key) {
    this.release();
    if (!key || !("locks" in navigator)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const held = () => {
        resolve(true);
        return new Promise((/** @type {(value?: undefined) => void} */ release) => {
          this.#release = release;
        });
      };
      const signal = AbortSignal.timeout(WAIT_MS);
      navigator.locks.request(`greenroom-studio-${key}`, { signal }, held).catch(() => resolve(false));
    });
  }

  /** Let another tab have it. */
  release() {
    this.#release?.();
    this.#release = null;
  }
}
