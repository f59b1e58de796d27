// Elements from data. What is not an element becomes text: there is no other way to put a model's words into the page.

const SVG = 'http://www.w3.org/2000/svg';

function filled(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === 'style') for (const [key, of] of Object.entries(value)) node.style.setProperty(key, of);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'value' || name === 'checked') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(node, child);
    else if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

/** An element: `h('p', {class: 'soft', on: {click}}, 'text', child)`. Children may be lists, null and false. */
export const h = (tag, props, ...children) => filled(document.createElement(tag), props, children);

/** The same for SVG. */
export const s = (tag, props, ...children) => filled(document.createElementNS(SVG, tag), props, children);

/** Replaces what is in an element; the focus stays on what has the same `data-key`. */
export function fill(node, ...children) {
  const held = node.contains(document.activeElement) ? document.activeElement.closest('[data-key]')?.dataset.key : undefined;
  node.replaceChildren();
  append(node, children);
  if (held !== undefined) node.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  return node;
}

/** Sets a text only if it differs, so that a live region is not read aloud twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const byId = (id) => document.getElementById(id);

let ids = 0;
/** An id that no other element has. */
export const newId = (name) => `${name}-${++ids}`;

/** Calls `work` once there has been no call for this number of milliseconds. */
export function paused(ms, work) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), ms);
  };
}

/** A list of listeners: `on` adds one, `call` calls all of them. */
export function listeners() {
  const all = new Set();
  return { on: (listener) => all.add(listener), call: (...args) => all.forEach((listener) => listener(...args)) };
}

/** Reads a sentence aloud to those who cannot see that something has changed. */
export function say(text) {
  const said = byId('said');
  said.textContent = '';
  setTimeout(() => setText(said, text), 50);
}

/** A button. */
export const button = (label, click, props = {}) => h('button', { type: 'button', ...props, on: { click } }, label);

/** `3 events`, `1 event`. */
export const count = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** A model's words with every character that is not seen, or turns what is seen, written out. */
export const printable = (words) => String(words).replace(HIDDEN, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

/** A model's words. Their direction is their own, so that they do not turn what stands around them. */
export const text = (words, kind) => h('bdi', kind ? { class: kind } : null, printable(words));
