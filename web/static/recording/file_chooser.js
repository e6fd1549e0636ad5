// The way in for a video that was recorded elsewhere.

import { h, icon } from "../ui/dom.js";
import { takeFile } from "./recording.js";

/**
 * A button that opens the file dialogue; goes to the review with what was chosen.
 * @param {import("../types.js").Studio} studio
 * @param {"plain"|"quiet"} [kind]
 */
export function fileChooser(studio, kind = "plain") {
  const why = h("span", { class: "why", role: "alert" });
  const input = h("input", {
    type: "file",
    class: "unseen",
    accept: "video/*",
    change: async () => {
      const file = input.files?.[0];
      if (!file) return;
      const refused = await takeFile(studio, file);
      input.value = "";
      why.textContent = refused;
      if (refused) return;
      studio.devices.close();
      studio.go("review");
    },
  });
  return h(
    "span",
    { class: "chooser" },
    h("label", { class: `button ${kind}` }, input, icon("file"), h("span", {}, "Upload a video instead")),
    why,
  );
}
