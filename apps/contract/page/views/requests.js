// Requests for special conditions that wait for a decision: a list, and one of them with its form.

import { h, fill, setText } from '../dom.js';
import { get } from '../net.js';
import { t, number, counted } from '../words.js';
import { plainNumber } from '../json.js';
import { box, head, numberIn } from '../parts.js';
import { follow, clock, since, notFor, reveal } from '../office.js';
import { view as contractView } from './contract.js';

const secondsSince = (at) => (Date.now() - new Date(at)) / 1000;

/** What the form does not say of a request: how dense the plan is, and since when it waits. */
function besides({ conditions, since: at }) {
  const area = Number(plainNumber(conditions.sales_area));
  const each = Math.floor(Number(plainNumber(conditions.planned_sales)) / area);
  return h('p', { class: 'soft' }, since(secondsSince(at), 'requests.waits'), area > 0 && ` · ${t('requests.each', { n: number(each) })}`);
}

export async function view({ params, me, go }) {
  if (me.role === 'account-manager') return notFor(t('requests.only'));
  const chosen = params.id ? numberIn(params.id) : null;
  let requests = await get('/api/requests');
  const asked = requests.find(({ contract }) => contract === chosen);
  const contract = chosen === null ? null : await contractView({ params: { view: 'contract', id: String(chosen) }, me, go });

  const summary = h('p', { class: 'soft', role: 'status' });
  const list = h('ul', { class: 'results', 'aria-label': t('requests.list') });
  const standing = h('div', { class: 'slot', role: 'status' });

  function show() {
    setText(summary, requests.length ? counted('requests', requests.length) : t('requests.none'));
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    fill(list, requests.map((one) => h('li', null, h('a', { href: `#/requests/${one.contract}`, 'aria-current': one.contract === chosen ? 'true' : null },
      h('span', { class: 'name' }, one.customer_name ?? t('customer.n', { n: one.customer })),
      h('span', { class: 'chips' }, h('span', { class: 'chip', data: { stage: 'requested' } }, t('requests.area.is', { n: number(one.conditions.sales_area) }))),
      h('span', { class: 'place' }, t('contract.n', { n: one.contract }), ` · ${one.conditions.account_manager} · `, since(secondsSince(one.since)))))));
    if (focused) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    if (chosen === null || requests.some((one) => one.contract === chosen)) return fill(standing);
    waits?.remove();
    const next = requests[0];
    fill(standing, box('good', h('div', { class: 'row between' },
      h('p', null, h('strong', null, t(asked ? 'requests.decided.title' : 'requests.gone'))),
      next && h('a', { class: 'button', href: `#/requests/${next.contract}` }, t('requests.next')))));
  }

  const follower = follow(async () => {
    requests = await get('/api/requests');
    show();
  }, ({ part }) => part === 'contract');

  const detail = contract
    ? [h('p', { class: 'back' }, h('a', { href: '#/requests' }, `‹ ${t('requests.back')}`)), standing, contract.node]
    : requests.length > 0 && h('p', { class: 'empty wide-only' }, t(me.role === 'supervisor' ? 'requests.choose' : 'requests.look'));
  const waits = asked ? besides(asked) : null;
  if (waits) contract.node.firstElementChild.after(waits);
  const title = t('requests.title');
  const node = h('div', { class: 'view' },
    contract ? null : head({ title, under: summary }),
    h('div', { class: contract ? 'pair one' : 'pair' },
      h('div', { class: 'list' }, contract && h('h2', null, h('a', { href: '#/requests' }, title)), contract && summary, list),
      h('div', { class: 'detail' }, detail)));
  show();
  reveal(list);
  const stop = clock(node);
  return {
    title: contract ? `${title}: ${contract.title}` : title, node,
    close: () => {
      stop();
      follower.end();
      contract?.close?.();
    },
  };
}
