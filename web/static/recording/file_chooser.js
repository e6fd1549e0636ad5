// The button that takes a video, or sound, recorded elsewhere.

import { h, icon } from "../ui/dom.js";
import { takeFile } from "./recording_file.js";

/**
 * A button that opens the file dialogue; goes to the review with what was chosen.
 * @param {import("../types.js").Studio} studio
 * @param {"plain"|"quiet"} [kind]
 */
export function fileChooser(studio, kind = "plain") {
  const error = h("span", { class: "chooser-error", role: "alert" });
  const input = h("input", {
    type: "file",
    class: "visually-hidden",
    accept: "video/*,audio/*",
    change: async () => {
      const file = input.files?.[0];
      if (!file) return;
      const refused = await takeFile(studio, file);
      input.value = "";
      error.textContent = refused;
      if (refused) return;
      studio.devices.close();
      studio.go("review");
    },
  });
  return h(
    "span",
    { class: "file-chooser" },
    h("label", { class: `button ${kind}` }, input, icon("file"), h("span", {}, "Upload a file instead")),
    error,
  );
}
