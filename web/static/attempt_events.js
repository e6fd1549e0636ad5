// An attempt's progress as it happens: server-sent events read with fetch, connected anew when they break.

import { ApiError } from "./api.js";
import { backoffSeconds, wait } from "./backoff.js";

const SILENT_MS = 40_000; // the server says something every 15 s

/**
 * Yields every snapshot until the attempt has ended or the signal aborts.
 * @param {import("./api.js").Api} api
 * @param {AbortSignal} signal
 * @param {(isLost: boolean) => void} onConnectionChange told when the connection is lost and when it is back
 * @returns {AsyncGenerator<import("./types.js").Snapshot>}
 * @throws {ApiError} the link is no longer good
 */
export async function* snapshots(api, signal, onConnectionChange) {
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const snapshot of connection(api, signal)) {
        failures = 0;
        onConnectionChange(false);
        yield snapshot;
        if (snapshot.ended) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && !error.isTemporary) throw error;
      if (error instanceof ApiError && error.code === "too_many") yield* currentSnapshot(api);
    }
    if (signal.aborted) return;
    failures += 1;
    if (failures > 1) onConnectionChange(true); // a stream may end once without anything being wrong
    await wait(backoffSeconds(failures), signal);
  }
}

/**
 * How it stands now, if that can be had: where earlier connections hang, no stream is free.
 * @param {import("./api.js").Api} api
 */
async function* currentSnapshot(api) {
  const snapshot = await api.attempt().catch(() => null);
  if (snapshot) yield snapshot;
}

/**
 * One connection's snapshots.
 * @param {import("./api.js").Api} api
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<import("./types.js").Snapshot>}
 */
async function* connection(api, signal) {
  const closer = new AbortController();
  const close = () => closer.abort();
  signal.addEventListener("abort", close);
  let silence = setTimeout(close, SILENT_MS);
  try {
    const reader = (await api.events(closer.signal)).getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(close, SILENT_MS);
      text += decoder.decode(value, { stream: true }).replaceAll("\r", "");
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const data of blocks.map(dataOf)) if (data) yield JSON.parse(data);
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", close);
    closer.abort();
  }
}

/**
 * The data of an event, "" for a comment.
 * @param {string} block
 */
function dataOf(block) {
  const lines = block.split("\n").filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice(5).trimStart()).join("\n");
}
