// Keeps a recording in this browser (IndexedDB) until it is sent or deleted, piece by piece.

// Names and fields as earlier versions of the page wrote them: a recording may wait in a browser for an update.
const NAME = "greenroom-studio";
const OPENING_MS = 3000; // some browsers never answer where storage is refused
const UNSENT_KEPT_MS = 60 * 60 * 1000; // after that its link takes no upload any more
const SENT_KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const INTERVIEW_KEPT_MS = 24 * 60 * 60 * 1000; // as long as an interview goes on
const SENT_KEPT = 10; // to look at beside their results: an interview has ten answers at the most

/**
 * @typedef {object} StoredRecording
 * @property {string} key the hash of the link's token
 * @property {string} type
 * @property {number} seconds
 * @property {"camera"|"file"} from
 * @property {boolean} begun
 * @property {boolean} sent
 * @property {string} [attempt] the id of what was sent in, by which a link to its result finds it
 * @property {number} [muted]
 * @property {number} [spoken]
 * @property {boolean} [interview] whether it answers a question of an interview
 * @property {boolean} shared what was chosen on the review screen
 * @property {number} at when it was begun, in milliseconds since 1970
 */

export class RecordingStore {
  /** @type {IDBDatabase|null} */
  #database = null;
  #key = "";

  /**
   * Open the store for a link. Where the browser has none, nothing is stored and nothing fails.
   * @param {string} key
   */
  async open(key) {
    this.#key = key;
    this.#database?.close();
    this.#database = null;
    if (!key) return;
    try {
      const opening = indexedDB.open(NAME, 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore("recordings", { keyPath: "key" });
        opening.result.createObjectStore("pieces", { keyPath: ["key", "index"] });
      };
      this.#database = await settled(opening, OPENING_MS);
      this.#database.onversionchange = () => this.#database?.close();
      await this.#removeStale();
    } catch {
      this.#database = null;
    }
  }

  /**
   * Begin a recording; what was stored for this link before is gone.
   * @param {{type: string, from: "camera"|"file", shared: boolean, interview: boolean}} about
   * @returns {Promise<boolean>} whether it is stored
   */
  begin(about) {
    return this.#write((recordings, pieces) => {
      pieces.delete(this.#allPieces());
      const stored = { key: this.#key, seconds: 0, begun: false, sent: false, at: Date.now() };
      recordings.put({ ...stored, ...about });
    });
  }

  /**
   * Add the next piece, and how long the recording is with it.
   * @param {number} index
   * @param {Blob} blob
   * @param {number} seconds
   * @returns {Promise<boolean>} whether it is stored
   */
  async addPiece(index, blob, seconds) {
    const add = () =>
      this.#write((_, pieces) => {
        pieces.put({ key: this.#key, index, blob });
      });
    // where it is full, what was sent in the longest ago makes room
    const added = (await add()) || ((await this.#removeOldestSent()) && (await add()));
    return added && (await this.update({ seconds }));
  }

  /**
   * Note something about the recording.
   * @param {Partial<StoredRecording>} changes
   * @returns {Promise<boolean>}
   */
  update(changes) {
    return this.#write((recordings) => {
      const reading = recordings.get(this.#key);
      reading.onsuccess = () => {
        if (reading.result) recordings.put({ ...reading.result, ...changes });
      };
    });
  }

  /**
   * What is stored for this link, or for the attempt whose result it shows.
   * @param {string} [attempt] what this link has led to
   * @returns {Promise<{recording: import("../types.js").Recording, shared: boolean}|null>}
   */
  async load(attempt) {
    if (!this.#database) return null;
    try {
      const transaction = this.#database.transaction(["recordings", "pieces"]);
      const all = /** @type {StoredRecording[]} */ (await settled(transaction.objectStore("recordings").getAll()));
      const stored = all.find(({ key }) => key === this.#key) ?? all.find((one) => attempt && one.attempt === attempt);
      if (!stored || (attempt && stored.attempt && stored.attempt !== attempt)) return null;
      this.#key = stored.key; // whatever is done with it now is done with that one
      const recording = await recordingOf(stored, transaction);
      return recording && { recording, shared: stored.shared };
    } catch {
      return null;
    }
  }

  /**
   * What this browser keeps of recordings that were sent in, by the attempts they have become.
   * @param {string[]} attempts
   * @returns {Promise<[string, import("../types.js").Recording][]>}
   */
  async ofAttempts(attempts) {
    if (!this.#database) return [];
    /** @type {[string, import("../types.js").Recording][]} */
    const found = [];
    try {
      const transaction = this.#database.transaction(["recordings", "pieces"]);
      const all = /** @type {StoredRecording[]} */ (await settled(transaction.objectStore("recordings").getAll()));
      for (const stored of all) {
        if (!stored.attempt || !attempts.includes(stored.attempt)) continue;
        const recording = await recordingOf(stored, transaction);
        if (recording) found.push([stored.attempt, recording]);
      }
    } catch {
      // what was found until then is better than nothing
    }
    return found;
  }

  /** Delete this link's recording. */
  remove() {
    return this.#write((recordings, pieces) => {
      recordings.delete(this.#key);
      pieces.delete(this.#allPieces());
    });
  }

  /**
   * Delete what is kept of recordings that have become these attempts.
   * @param {string[]} attempts
   */
  forget(attempts) {
    return this.#write((recordings, pieces) => {
      const reading = recordings.getAll();
      reading.onsuccess = () => {
        for (const stored of /** @type {StoredRecording[]} */ (reading.result)) {
          if (!stored.attempt || !attempts.includes(stored.attempt)) continue;
          recordings.delete(stored.key);
          pieces.delete(piecesOf(stored.key));
        }
      };
    });
  }

  #allPieces() {
    return piecesOf(this.#key);
  }

  /** Delete the oldest of other links' recordings that were sent; whether there was one. */
  async #removeOldestSent() {
    let removed = false;
    const written = await this.#write((recordings, pieces) => {
      const reading = recordings.getAll();
      reading.onsuccess = () => {
        const all = /** @type {StoredRecording[]} */ (reading.result);
        const [oldest] = all
          .filter(({ key, sent }) => sent && key !== this.#key)
          .sort((one, other) => one.at - other.at);
        if (!oldest) return;
        recordings.delete(oldest.key);
        pieces.delete(piecesOf(oldest.key));
        removed = true;
      };
    });
    return written && removed;
  }

  /** Delete other links' recordings: all but the last few that were sent, and what can't be sent any more. */
  async #removeStale() {
    await this.#write((recordings, pieces) => {
      const reading = recordings.getAll();
      reading.onsuccess = () => {
        const newestFirst = /** @type {StoredRecording[]} */ (reading.result).sort((one, other) => other.at - one.at);
        let sent = 0;
        for (const stored of newestFirst) {
          const life = stored.sent ? SENT_KEPT_MS : stored.interview ? INTERVIEW_KEPT_MS : UNSENT_KEPT_MS;
          const isOver = Date.now() - stored.at > life || (stored.sent && ++sent > SENT_KEPT);
          if (stored.key === this.#key || !isOver) continue;
          recordings.delete(stored.key);
          pieces.delete(piecesOf(stored.key));
        }
      };
    });
  }

  /**
   * @param {(recordings: IDBObjectStore, pieces: IDBObjectStore) => void} act
   * @returns {Promise<boolean>} whether it was written
   */
  async #write(act) {
    if (!this.#database) return false;
    try {
      const transaction = this.#database.transaction(["recordings", "pieces"], "readwrite");
      const end = new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
      act(transaction.objectStore("recordings"), transaction.objectStore("pieces"));
      await end;
      return true;
    } catch {
      return false; // full, or taken away: the recording is still in the page's memory
    }
  }
}

/**
 * @param {StoredRecording} stored
 * @param {IDBTransaction} transaction
 * @returns {Promise<import("../types.js").Recording|null>}
 */
async function recordingOf(stored, transaction) {
  const pieces = await settled(transaction.objectStore("pieces").getAll(piecesOf(stored.key)));
  // up to the first that could not be stored: what comes after a gap cannot be played
  const whole = pieces.filter((piece, at) => piece.index === at);
  const blob = new Blob(
    whole.map((piece) => piece.blob),
    { type: stored.type },
  );
  if (blob.size === 0) return null;
  const { type, seconds, from, begun, sent, muted, spoken } = stored;
  return { blob, type, seconds, from, begun, sent, muted, spoken, stored: true };
}

/** @param {string} key */
function piecesOf(key) {
  return IDBKeyRange.bound([key, 0], [key, Infinity]);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @param {number} [timeoutMs]
 * @returns {Promise<T>}
 */
function settled(request, timeoutMs) {
  return new Promise((resolve, reject) => {
    if (timeoutMs) setTimeout(() => reject(new Error("no answer")), timeoutMs);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
