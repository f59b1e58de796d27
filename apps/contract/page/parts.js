// Small parts that several views are made of.

import { h, s, fill, newId, setText } from './dom.js';
import { t, has, moment, shortly, language, who } from './words.js';
import { NoNetwork } from './net.js';

const drawn = {
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5L20 20',
  waiting: 'M12 4v10m0 0-4-4m4 4 4-4M5 20h14',
  requests: 'M5 5h14v10H9l-4 4V5Zm4 4h6m-6 3h4',
  letters: 'M4 6h16v12H4V6Zm0 1 8 6 8-6',
  signing: 'M3 19h18M5 15c3-8 6-10 7-7s-3 8-1 8 2-4 4-4 0 3 4 2',
  monitor: 'M5 6h5v5H5V6Zm9 7h5v5h-5v-5ZM10 8.500h4a3 3 0 0 1 3 3V13',
  imports: 'M12 4v9m0 0-4-4m4 4 4-4M5 14v5h14v-5',
};

/** A small drawing, for the eye alone. */
export const icon = (name) => s('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' }, s('path', { d: drawn[name] ?? '' }));

/** The mark of the application: a seam, a basting stitch, a signature. */
export const mark = () => s('svg', { viewBox: '0 0 32 32', class: 'mark', 'aria-hidden': 'true' },
  s('rect', { width: 32, height: 32, rx: 7 }),
  s('path', { d: 'M8 9h16' }),
  s('path', { d: 'M8 16h16', 'stroke-dasharray': '4 6' }),
  s('path', { d: 'M8 24c3-5 5-5 6-2s3 1 4-1 3-1 6 1' }));

/** Reads a sentence aloud to those who cannot see that something has changed. */
export function say(text) {
  const said = document.getElementById('said');
  said.textContent = '';
  setTimeout(() => setText(said, text), 50);
}

/** Takes the notice of this key away. */
export const unnotice = (key) => document.querySelector(`.notice[data-key="${CSS.escape(key)}"]`)?.remove();

/** A notice at the edge of the page. It goes by itself, unless it offers something to do; another one of its `key` takes its place. */
export function notice(text, { kind = 'plain', action, label, stays = Boolean(action), key } = {}) {
  if (key) unnotice(key);
  const close = () => node.remove();
  const node = h('div', { class: `notice ${kind}`, data: key ? { key } : null },
    h('p', null, text),
    action && h('button', { type: 'button', class: 'small', on: { click: () => { close(); action(); } } }, label),
    h('button', { type: 'button', class: 'quiet small', 'aria-label': t('close'), on: { click: close } }, '×'));
  document.getElementById('notices').append(node);
  say(text);
  if (!stays) setTimeout(close, 7000);
  return close;
}

/** Asks a question that has to be answered: true for yes. */
export function sure(question, text, yes, no = t('cancel')) {
  return new Promise((resolve) => {
    const title = newId('sure');
    const dialog = h('dialog', { 'aria-labelledby': title, on: { close: () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); } } },
      h('form', { method: 'dialog' },
        h('h2', { id: title }, question),
        h('p', null, text),
        h('div', { class: 'row' },
          h('button', { value: 'yes', class: 'main' }, yes),
          h('button', { value: 'no', class: 'quiet', autofocus: true }, no))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The time of an event; the whole of it when one points at it. */
export const time = (at) => h('time', { datetime: at, title: moment(at) }, shortly(at));

/** The stage of a contract. */
export const chip = (stage, said) => h('span', { class: 'chip', data: { stage } }, said ?? stage);

/** A box that says something: `kind` is `plain`, `waits`, `bad` or `good`. */
export const box = (kind, ...children) => h('div', { class: `box ${kind}` }, children);

/** A heading of a view: what it is, a line above it and one below. */
export const head = ({ over, title, under, beside }) => h('header', { class: 'head' },
  h('div', null,
    over && h('p', { class: 'over' }, over),
    h('h1', { tabindex: '-1' }, title),
    under && h('p', { class: 'under' }, under)),
  beside && h('div', { class: 'beside row' }, beside));

/** What happened, as a thread: recorded events on a seam, those that wait on a basting stitch. `{at, by, said, waits, version, part}` each. */
export const thread = (events) => h('ol', { class: 'thread', lang: language() }, events.map((event) =>
  h('li', { class: [event.waits && 'waits', event.part && 'aside', event.fresh && 'fresh'].filter(Boolean).join(' ') || null },
    h('p', null, event.said),
    h('p', { class: 'soft tiny' }, event.at && time(event.at), [who(event.by), event.note].filter(Boolean).map((text, i) => (i || event.at ? ` · ${text}` : text))))));

/** Labels and values. */
export const facts = (pairs) => h('dl', { class: 'facts' },
  pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([label, value]) => h('div', null, h('dt', null, label), h('dd', null, value))));

/** A button that does one thing at a time: while it works it is busy, and it never works twice at once. */
export function button(label, work, { kind = '', ...props } = {}) {
  const node = h('button', {
    type: 'button', class: kind, ...props, on: {
      click: async () => {
        if (node.getAttribute('aria-busy') === 'true') return;
        node.setAttribute('aria-busy', 'true');
        try {
          await work();
        } finally {
          node.removeAttribute('aria-busy');
        }
      },
    },
  }, label);
  return node;
}

/** An address that leads nowhere. */
export class Nowhere extends Error {}

/** The number in an address, which is a whole one. */
export function numberIn(text) {
  if (!/^\d{1,10}$/.test(text ?? '')) throw new Nowhere();
  return Number(text);
}

/** Why something did not work, for a person. The server gives its reasons in English. */
export function reason(error) {
  if (error instanceof NoNetwork) return t('failed.network');
  const key = [`problem.${error.type}`, `problem.${error.status}`].find(has);
  return key && language() !== 'en' ? t(key) : error.message;
}

/** Why a view cannot be shown. */
export const failure = (title, text, ...more) => h('div', { class: 'view' }, head({ title }), h('p', null, text), more);

export { h, s, fill, newId, setText };
