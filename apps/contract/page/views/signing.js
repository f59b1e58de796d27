// The stand-in for the signing service: what it was asked, what it has answered, and how long it has been silent.

import { h, fill, setText } from '../dom.js';
import { get } from '../net.js';
import { t, counted, moment, ago } from '../words.js';
import { head } from '../parts.js';
import { follow, clock, since } from '../office.js';
import { signatures } from '../form.js';

/** Strokes that were drawn while this page is open: each draws itself once. */
const drawn = new Map();
const drawnFor = (contract) => drawn.get(contract) ?? drawn.set(contract, new Set()).get(contract);

function form(one) {
  const heard = (answer) => Number(one.heard[answer] ?? 0);
  const never = one.next_due === null || one.next_due === undefined;
  return h('li', { class: never ? 'sheet document never' : 'sheet document' },
    h('div', { class: 'row between' },
      h('h2', null, h('a', { href: `#/story/${one.contract}` }, t('contract.n', { n: one.contract }))),
      h('span', { class: 'soft tiny', title: moment(one.asked_at) }, t('signing.asked', { at: ago(one.asked_at) }))),
    h('p', { class: heard('started') > 0 ? 'begun' : 'begun not' }, t(heard('started') > 0 ? 'signing.started' : 'signing.not.started')),
    signatures({ signed_internally: heard('signed-internally') > 0, signed_externally: heard('signed-externally') > 0 }, drawnFor(one.contract)),
    Object.values(one.heard).some((times) => times > 1) && h('p', { class: 'soft tiny' }, t('signing.twice')),
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
