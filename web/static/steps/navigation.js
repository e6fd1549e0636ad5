// Leads through the steps: which may follow which, and how one is exchanged for the next.

import { h } from "../ui/dom.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").StepView} StepView */

/** What may follow each step; whatever happens, `problem` may. */
const NEXT_STEPS = {
  opening: ["check", "review", "assessing", "result", "interview", "report"],
  interview: ["check", "prepare", "review", "report", "interview"],
  report: ["interview", "report"],
  check: ["prepare", "review", "interview"],
  prepare: ["record", "check", "review", "interview"],
  record: ["review", "prepare", "check"],
  review: ["prepare", "check", "sending", "interview"],
  sending: ["review", "assessing", "result", "interview", "prepare", "check"],
  assessing: ["result"],
  result: ["check", "prepare", "review", "result"],
  problem: ["opening", "check", "review", "result", "interview", "report"],
};

/** The steps people see along the top, each with the steps in which it is under way. */
const SHOWN_STEPS = [
  { title: "Check", steps: ["opening", "check"] },
  { title: "Prepare", steps: ["prepare"] },
  { title: "Record", steps: ["record"] },
  { title: "Review", steps: ["review", "sending"] },
  { title: "Result", steps: ["assessing", "result"] },
];

export class Navigation {
  #current = "";
  /** @type {(() => void)|undefined} */
  #leave;

  /**
   * @param {HTMLElement} main where the step is shown
   * @param {HTMLElement} list the list of steps
   * @param {Record<string, (studio: any, detail?: any) => StepView>} steps by name
   */
  constructor(main, list, steps) {
    this.main = main;
    this.list = list;
    this.steps = steps;
  }

  /**
   * Leave the step and enter another. A step that may not follow is a bug.
   * @param {Studio} studio
   * @param {string} name
   * @param {any} [detail] what the next step should know
   */
  go(studio, name, detail) {
    /** @type {Record<string, string[]>} */
    const nextSteps = NEXT_STEPS;
    const may = !this.#current || name === "problem" || nextSteps[this.#current].includes(name);
    if (!may) throw new Error(`no way from ${this.#current} to ${name}`);
    this.#leave?.();
    this.#current = name;
    const view = this.steps[name](studio, detail);
    this.#leave = view.leave;
    this.#show(name, view, name === "problem" ? null : (studio.interview?.banner ?? null));
  }

  /**
   * @param {string} name
   * @param {StepView} view
   * @param {HTMLElement|null} banner what stands above the step
   */
  #show(name, view, banner) {
    const heading = h("h1", { id: "heading", tabindex: -1 }, view.heading);
    const section = h("section", { class: `step ${name}`, "aria-labelledby": "heading" });
    if (banner) section.append(banner);
    section.append(heading, ...view.content.filter((part) => part !== null));
    this.main.classList.toggle("wide", view.wide ?? false);
    this.main.replaceChildren(section);
    document.title = `${view.heading} · Greenroom`;
    this.#mark(name);
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }

  /** @param {string} name */
  #mark(name) {
    const current = SHOWN_STEPS.findIndex((shown) => shown.steps.includes(name));
    this.list.hidden = current < 0;
    this.list.replaceChildren(
      ...SHOWN_STEPS.map((shown, index) =>
        h(
          "li",
          {
            class: index < current ? "done" : index === current ? "now" : "",
            "aria-current": index === current ? "step" : null,
          },
          h("span", {}, shown.title),
          index < current && h("span", { class: "visually-hidden" }, " (done)"),
        ),
      ),
    );
  }
}
