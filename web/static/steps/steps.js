// The way through the studio: which step may follow which, and changing from one to the next.

import { h } from "../ui/dom.js";

/** @typedef {import("../types.js").Studio} Studio */
/** @typedef {import("../types.js").Room} Room */

/** What may follow each step; whatever happens, `trouble` may. */
const FOLLOWS = {
  opening: ["check", "review", "assessing", "result"],
  check: ["prepare", "review"],
  prepare: ["record", "check", "review"],
  record: ["review", "prepare", "check"],
  review: ["prepare", "check", "sending"],
  sending: ["review", "assessing", "result"],
  assessing: ["result"],
  result: [],
  trouble: ["opening", "check", "review"],
};

/** The steps people see along the top, each with the rooms in which it is under way. */
const TRAIL = [
  { title: "Check", rooms: ["opening", "check"] },
  { title: "Prepare", rooms: ["prepare"] },
  { title: "Record", rooms: ["record"] },
  { title: "Review", rooms: ["review", "sending"] },
  { title: "Result", rooms: ["assessing", "result"] },
];

export class Steps {
  #now = "";
  /** @type {(() => void)|undefined} */
  #leave;

  /**
   * @param {HTMLElement} main where the step is shown
   * @param {HTMLElement} trail the list of steps
   * @param {Record<string, (studio: any, note?: any) => Room>} rooms by name
   */
  constructor(main, trail, rooms) {
    this.main = main;
    this.trail = trail;
    this.rooms = rooms;
  }

  /**
   * Leave the step and enter another. A step that may not follow is a mistake of ours.
   * @param {Studio} studio
   * @param {string} name
   * @param {any} [note] what the next step should know
   */
  go(studio, name, note) {
    /** @type {Record<string, string[]>} */
    const follows = FOLLOWS;
    const may = !this.#now || name === "trouble" || follows[this.#now].includes(name);
    if (!may) throw new Error(`no way from ${this.#now} to ${name}`);
    this.#leave?.();
    this.#now = name;
    const room = this.rooms[name](studio, note);
    this.#leave = room.leave;
    this.#show(name, room);
  }

  /**
   * @param {string} name
   * @param {Room} room
   */
  #show(name, room) {
    const heading = h("h1", { id: "heading", tabindex: -1 }, room.heading);
    const section = h("section", { class: `step ${name}`, "aria-labelledby": "heading" });
    section.append(heading, ...room.content.filter((part) => part !== null));
    this.main.classList.toggle("wide", room.wide ?? false);
    this.main.replaceChildren(section);
    document.title = `${room.heading} · Greenroom`;
    this.#mark(name);
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }

  /** @param {string} name */
  #mark(name) {
    const now = TRAIL.findIndex((step) => step.rooms.includes(name));
    this.trail.hidden = now < 0;
    this.trail.replaceChildren(
      ...TRAIL.map((step, at) =>
        h(
          "li",
          { class: at < now ? "done" : at === now ? "now" : "", "aria-current": at === now ? "step" : null },
          h("span", {}, step.title),
          at < now && h("span", { class: "unseen" }, " (done)"),
        ),
      ),
    );
  }
}
