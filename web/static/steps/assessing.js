// Step: shows how far the assessment is, as it happens.

import { snapshots } from "../attempt_events.js";
import { button, h, icon, setText } from "../ui/dom.js";
import { clockTime, localTime } from "../ui/format.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").Snapshot} Snapshot */

/**
 * @param {Studio} studio
 * @param {Snapshot} first
 * @returns {import("../types.js").StepView}
 */
export function assessing(studio, first) {
  const leaving = new AbortController();
  const stages = h("ol", { class: "stages", "aria-live": "polite" });
  const time = h("p", { class: "small elapsed-so-far" });
  const line = h("p", { class: "small", role: "status" });
  const connection = h("p", { class: "small", role: "status" });
  let began = performance.now();

  /** @param {Snapshot} snapshot */
  const show = (snapshot) => {
    began = performance.now() - snapshot.elapsed_seconds * 1000;
    const goesOn = snapshot.in_line && snapshot.goes_on_at;
    setText(line, goesOn ? `${snapshot.in_line} ${localTime(goesOn, new Date())}.` : "");
    const last = stages.lastElementChild;
    if (last?.textContent === snapshot.stage) return;
    last?.firstElementChild?.replaceWith(icon("tick")); // its words stay: they were read already
    last?.classList.replace("now", "done");
    const mark = h("span", { class: "spinner", "aria-hidden": "true" });
    stages.append(h("li", { class: "now" }, mark, h("span", {}, snapshot.stage)));
  };
  const watch = async () => {
    const onConnectionChange = (/** @type {boolean} */ isLost) =>
      setText(
        connection,
        isLost ? "The connection is lost. The assessment goes on; this page catches up once it is back." : "",
      );
    for await (const snapshot of snapshots(studio.api, leaving.signal, onConnectionChange)) {
      if (leaving.signal.aborted) return;
      if (snapshot.ended || snapshot.result) return studio.go("result", snapshot);
      show(snapshot);
    }
  };

  show(first);
  watch().catch((error) => studio.go("problem", error));
  const tick = () => setText(time, `${clockTime((performance.now() - began) / 1000)} so far`);
  tick();
  const timer = setInterval(tick, 1000);
  return {
    heading: "Your answer is on its way",
    content: [
      h(
        "div",
        { class: "card" },
        stages,
        line,
        time,
        connection,
        h(
          "p",
          {},
          "You can close this page. The result also arrives in Discord, and this link shows it again for a day.",
        ),
        cancelling(studio),
      ),
    ],
    leave: () => {
      clearInterval(timer);
      leaving.abort();
    },
  };
}

/**
 * The button that stops it, which asks once.
 * @param {Studio} studio
 */
function cancelling(studio) {
  const container = h("p", { class: "actions" });
  const ask = () => {
    const keep = button("No, go on", offer);
    container.replaceChildren(
      h("span", {}, "Stop, and get no result?"),
      button("Yes, stop", stop, { kind: "danger" }),
      keep,
    );
    keep.focus();
  };
  const offer = () => {
    const first = button("Stop the assessment", ask, { kind: "quiet", icon: "stop" });
    const back = container.hasChildNodes();
    container.replaceChildren(first);
    if (back) first.focus();
  };
  const stop = async () => {
    try {
      const snapshot = await studio.api.cancel();
      if (snapshot.ended) studio.go("result", snapshot);
    } catch {
      offer();
      studio.announce("That didn't work. Please try again.");
    }
  };
  offer();
  return container;
}
