// The server's calls, each with the link's token in its header, and its errors as sentences.

const REPLY_MS = 20_000;
const SUBMIT_MS = 120_000; // the server may have to hand the recording on to a store far away
const STALL_MS = 45_000;
const TEMPORARY_STATUSES = new Set([0, 408, 425, 429, 500, 502, 503, 504, 507]); // 507: no room just now

/** An answer that is no. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} sentence
   * @param {number|null} [receivedBytes]
   */
  constructor(status, code, sentence, receivedBytes = null) {
    super(sentence);
    this.status = status;
    this.code = code;
    this.sentence = sentence;
    this.receivedBytes = receivedBytes;
  }

  /** Whether trying again later may help. */
  get isTemporary() {
    return TEMPORARY_STATUSES.has(this.status);
  }
}

export class Api {
  /** @param {string} token */
  constructor(token) {
    this.token = token;
    this.base = new URL("../api/", import.meta.url);
  }

  /**
   * What this link is for: one answer, or an interview.
   * @returns {Promise<import("./types.js").Session|import("./types.js").InterviewState>}
   */
  opened() {
    return this.#call("GET", "session");
  }

  /** @returns {Promise<import("./types.js").Session>} */
  session() {
    return this.#call("GET", "session");
  }

  /**
   * Begin an upload, anew where one has begun.
   * @param {{size_bytes: number, type: string, seconds: number}} about
   * @returns {Promise<{received_bytes: number}>}
   */
  begin(about) {
    return this.#call("POST", "upload", about);
  }

  /**
   * @param {boolean} shared
   * @returns {Promise<{attempt: import("./types.js").Snapshot}>}
   */
  submit(shared) {
    return this.#call("POST", "submit", { shared }, SUBMIT_MS);
  }

  /** @returns {Promise<import("./types.js").Snapshot>} */
  attempt() {
    return this.#call("GET", "attempt");
  }

  /** @returns {Promise<import("./types.js").Snapshot>} */
  cancel() {
    return this.#call("POST", "cancel");
  }

  /**
   * Ask for the right to answer the same question again: a new link's token, or null where this one goes on.
   * @returns {Promise<{token: string|null}>}
   */
  again() {
    return this.#call("POST", "again");
  }

  /**
   * Ask for the right to answer the question that follows up on the result.
   * @returns {Promise<{token: string}>}
   */
  followUp() {
    return this.#call("POST", "follow-up");
  }

  /** @returns {Promise<import("./types.js").InterviewState>} */
  interview() {
    return this.#call("GET", "interview");
  }

  /**
   * Ask for the right to answer a question of the interview.
   * @param {number} position
   * @returns {Promise<{token: string}>}
   */
  question(position) {
    return this.#call("POST", "interview/question", { position });
  }

  /**
   * @param {number} position
   * @param {boolean} leftOut
   * @returns {Promise<import("./types.js").InterviewState>}
   */
  leaveOut(position, leftOut) {
    return this.#call("POST", "interview/leave-out", { position, left_out: leftOut });
  }

  /** @returns {Promise<import("./types.js").InterviewState>} */
  finish() {
    return this.#call("POST", "interview/finish");
  }

  /** @returns {Promise<import("./types.js").Report>} */
  report() {
    return this.#call("GET", "interview/report");
  }

  /**
   * The report as a file to keep.
   * @returns {Promise<Blob>}
   */
  async reportFile() {
    const options = { headers: this.#headers(), signal: AbortSignal.timeout(REPLY_MS) };
    const answer = await this.#reach("interview/report.html", options);
    if (!answer.ok) throw await errorFrom(answer);
    try {
      return await answer.blob();
    } catch {
      throw unreachable();
    }
  }

  /**
   * The open stream of server-sent events.
   * @param {AbortSignal} signal
   */
  async events(signal) {
    const answer = await this.#reach("events", { headers: this.#headers(), signal });
    if (!answer.ok || !answer.body) throw await errorFrom(answer);
    return answer.body;
  }

  /**
   * Send the next piece of a recording. XMLHttpRequest, because fetch tells no upload progress.
   * @param {number} offset
   * @param {Blob} piece
   * @param {(bytes: number) => void} onProgress
   * @param {AbortSignal} signal
   * @returns {Promise<number>} how many bytes the server has
   */
  append(offset, piece, onProgress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let stall = setTimeout(() => request.abort(), STALL_MS);
      const end = () => {
        clearTimeout(stall);
        signal.removeEventListener("abort", cancel);
      };
      const cancel = () => request.abort();
      signal.addEventListener("abort", cancel);
      request.open("PATCH", new URL("upload", this.base));
      request.setRequestHeader("Authorization", `Bearer ${this.token}`);
      request.setRequestHeader("Upload-Offset", String(offset));
      request.setRequestHeader("Content-Type", "application/offset+octet-stream");
      request.upload.onprogress = (event) => {
        clearTimeout(stall);
        stall = setTimeout(() => request.abort(), STALL_MS);
        onProgress(event.loaded);
      };
      request.onload = () => {
        end();
        const body = parsed(request.responseText);
        if (request.status === 200) resolve(body.received_bytes);
        else reject(errorOf(request.status, body));
      };
      request.onerror = request.onabort = () => {
        end();
        reject(unreachable());
      };
      if (signal.aborted) cancel();
      else request.send(piece);
    });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {number} [timeoutMs]
   */
  async #call(method, path, body, timeoutMs = REPLY_MS) {
    const headers = this.#headers();
    if (body) headers.set("Content-Type", "application/json");
    const answer = await this.#reach(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!answer.ok) throw await errorFrom(answer);
    try {
      return await answer.json();
    } catch {
      throw unreachable();
    }
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   */
  async #reach(path, options) {
    try {
      return await fetch(new URL(path, this.base), {
        ...options,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
      });
    } catch {
      throw unreachable();
    }
  }

  #headers() {
    return new Headers({ Authorization: `Bearer ${this.token}` });
  }
}

/** The server could not be reached. */
function unreachable() {
  return new ApiError(0, "unreachable", "Greenroom can't be reached at the moment.");
}

/** @param {Response} answer */
async function errorFrom(answer) {
  return errorOf(answer.status, parsed(await answer.text().catch(() => "")));
}

/**
 * @param {number} status
 * @param {any} body
 */
function errorOf(status, body) {
  const { code, sentence, received_bytes: received } = body;
  if (typeof code !== "string" || typeof sentence !== "string") {
    return new ApiError(status, "unknown", "Greenroom gave an answer this page doesn't know.");
  }
  return new ApiError(status, code, sentence, Number.isInteger(received) ? received : null);
}

/** @param {string} text */
function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
