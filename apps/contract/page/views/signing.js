// The stand-in for the signing service: what it was asked, what it has answered, and how long it has been silent.

import { h, s, fill, setText } from '../dom.js';
import { get } from '../net.js';
import { t, counted, moment, ago, number } from '../words.js';
import { head } from '../parts.js';
import { follow, clock, since } from '../office.js';

const INK = {
  'signed-internally': 'M6 30c10-22 20-26 21-18s-9 22-3 22 7-14 14-14 1 12 8 11 7-9 13-9 3 8 10 7 20-12 34-9',
  'signed-externally': 'M8 22c8-14 18-12 15 0s-12 14-9 6 16-18 23-14-4 18 4 17 8-16 15-15 0 13 8 12 8-12 16-10 4 9 20 3',
};

/** A dotted line, signed or not. */
const line = (answer, heard) => h('div', { class: heard > 0 ? 'line signed' : 'line' },
  s('svg', { viewBox: '0 0 120 40', 'aria-hidden': 'true' }, heard > 0 && s('path', { d: INK[answer] })),
  h('p', null, h('span', { 'aria-hidden': 'true' }, t(`signing.line.${answer}`)),
    h('span', { class: 'unseen' }, t(heard > 0 ? `signing.${answer}` : `signing.not.${answer}`)), twice(heard)));

const twice = (heard) => heard > 1 && h('span', { class: 'chip' }, h('span', { 'aria-hidden': 'true' }, `×${number(heard)}`),
  h('span', { class: 'unseen' }, t('signing.times', { n: number(heard) })));

function form(one) {
  const heard = (answer) => Number(one.heard[answer] ?? 0);
  const never = one.next_due === null || one.next_due === undefined;
  return h('li', { class: never ? 'sheet document never' : 'sheet document' },
    h('div', { class: 'row between' },
      h('h2', null, h('a', { href: `#/story/${one.contract}` }, t('contract.n', { n: one.contract }))),
      h('span', { class: 'soft tiny', title: moment(one.asked_at) }, t('signing.asked', { at: ago(one.asked_at) }))),
    h('p', { class: heard('started') > 0 ? 'begun' : 'begun not' }, t(heard('started') > 0 ? 'signing.started' : 'signing.not.started'), ' ', twice(heard('started'))),
    h('div', { class: 'lines' }, line('signed-internally', heard('signed-internally')), line('signed-externally', heard('signed-externally'))),
    h('p', { class: 'tiny' }, since(one.silent_for_s, 'signing.silent'), ' · ', h('span', { class: 'soft' },
      never ? t('signing.never') : t('signing.due', { at: ago(one.next_due) }))));
}

export async function view() {
  let asked = await get('/api/signing');
  const summary = h('p', { role: 'status' });
  const list = h('ul', { class: 'documents' });

  function show() {
    const ordered = [...asked].sort((one, other) => other.silent_for_s - one.silent_for_s || one.contract - other.contract);
    setText(summary, ordered.length ? counted('signing', ordered.length) : t('signing.none'));
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    fill(list, ordered.map(form));
    if (focused) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }

  const follower = follow(async () => {
    asked = await get('/api/signing');
    show();
  }, ({ part, type }) => part === 'signing' || (part === 'contract' && type !== undefined));
  // What is due becomes heard without a word to this page until then; so it looks again by itself.
  const looks = setInterval(follower.soon, 5000);
  show();
  const title = t('signing.title');
  const node = h('div', { class: 'view' },
    head({ title, under: t('signing.under') }),
    h('details', { class: 'filter how' }, h('summary', null, t('signing.how')), h('p', { class: 'box plain' }, t('signing.how.text'))),
    summary, list);
  const stop = clock(node);
  return {
    title, node,
    close: () => {
      stop();
      clearInterval(looks);
      follower.end();
    },
  };
}
