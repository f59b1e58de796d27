// Elements from data. Everything that is not an element becomes text: there is no other way to put data into the page.

const SVG = 'http://www.w3.org/2000/svg';

function filled(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === 'style') for (const [key, of] of Object.entries(value)) node.style.setProperty(key, of);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'value' || name === 'checked' || name === 'selected') node[name] = value;
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

/** Replaces what is in an element. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/** Sets a text only if it differs, so that a live region is not read aloud twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

let ids = 0;
/** An id that no other element has, to tie a label or a problem to its field. */
export const newId = (name) => `${name}-${++ids}`;

/** Calls `work` once the calls have paused for so many milliseconds. */
export function paused(ms, work) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), ms);
  };
}

/** A list of listeners: `on` adds one and gives the function that takes it away, `call` calls all of them. */
export function listeners() {
  const all = new Set();
  return {
    on(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
    call: (...args) => all.forEach((listener) => listener(...args)),
  };
}
