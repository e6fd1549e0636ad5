// Builds the page's elements: text is only ever text, never markup.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("../icons.svg", import.meta.url).pathname;

/** @typedef {Node|string|null|undefined|false} Child */
/** @typedef {Record<string, any>} Attributes functions are listeners: {click: () => …} */

/**
 * An HTML element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * One of the drawings in icons.svg, for the eye only.
 * @param {string} name
 */
export function icon(name) {
  return s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: `${ICONS}#${name}` }));
}

/**
 * A button with an icon before its words.
 * @param {string} label
 * @param {() => void} act
 * @param {{icon?: string, kind?: "main"|"plain"|"quiet"|"danger", keys?: string}} [options]
 */
export function button(label, act, options = {}) {
  return h(
    "button",
    {
      type: "button",
      class: `button ${options.kind ?? "plain"}`,
      click: act,
      "aria-keyshortcuts": options.keys,
    },
    options.icon && icon(options.icon),
    h("span", {}, label),
    options.keys && h("kbd", { "aria-hidden": "true" }, options.keys),
  );
}

/**
 * A boxed notice.
 * @param {"good"|"warn"|"info"} kind
 * @param {...Child} children
 */
export function notice(kind, ...children) {
  const name = { good: "tick", warn: "warn", info: "star" }[kind];
  return h("div", { class: `notice ${kind}` }, icon(name), h("div", {}, ...children));
}

/**
 * Change a text only when it is another: screen readers hear every change.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 * @returns {E}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== undefined && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
