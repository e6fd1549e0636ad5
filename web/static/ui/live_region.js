// Speaks to screen readers through the page's one live region, one sentence after the other.

const CLEAR_MS = 5000;

/**
 * @param {HTMLElement} region
 * @returns {(text: string) => void}
 */
export function announcer(region) {
  /** @type {number|undefined} */
  let clearing;
  return (text) => {
    clearTimeout(clearing);
    region.textContent = "";
    // An emptied region that is filled in a later turn is read even when the words are the same.
    setTimeout(() => {
      region.textContent = text;
    }, 50);
    clearing = setTimeout(() => {
      region.textContent = "";
    }, CLEAR_MS);
  };
}
