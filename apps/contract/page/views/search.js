// Finding one of fifty thousand customers, as one types.

import { h, fill, paused, setText } from '../dom.js';
import { about } from '../desk.js';
import { get, isOnline, NoNetwork } from '../net.js';
import * as keep from '../keep.js';
import { t, more, number, counted } from '../words.js';
import { chip, head, reason, say } from '../parts.js';

more({
  'search.title': ['Customers', 'Kunden'],
  'search.start': ['{n} customers. Begin to type: a name, a street, a city, a number.', '{n} Kunden. Tippen Sie los: ein Name, eine Straße, ein Ort, eine Nummer.'],
  'search.city': ['City', 'Ort'],
  'search.segment': ['Kind of shop', 'Art des Geschäfts'],
  'search.stage': ['Contract', 'Vertrag'],
  'search.filter': ['Narrow down', 'Eingrenzen'],
  'search.all': ['all', 'alle'],
  'search.found.1': ['1 customer', '1 Kunde'],
  'search.found.n': ['{n} customers', '{n} Kunden'],
  'search.took': ['{ms} ms', '{ms} ms'],
  'search.shown': ['the first {n} are shown', 'die ersten {n} werden gezeigt'],
  'search.none': ['No customer is found. Fewer words or letters find more.', 'Kein Kunde gefunden. Weniger Wörter oder Buchstaben finden mehr.'],
  'search.along': ['Without a network, only customers that you took along are found.', 'Ohne Netz werden nur Kunden gefunden, die Sie mitgenommen haben.'],
  'search.along.none': ['You took no customer along. With a network, each customer has a button for that.', 'Sie haben keinen Kunden mitgenommen. Mit Netz hat jeder Kunde dafür einen Knopf.'],
  'search.keys': ['Arrow keys walk through the customers, / leads back to the search.', 'Die Pfeiltasten gehen durch die Kunden, / führt zurück zur Suche.'],
  'search.recent': ['Seen last', 'Zuletzt gesehen'],
  'search.taken': ['Taken along', 'Mitgenommen'],
  'search.failed': ['The search did not work: {why}', 'Die Suche hat nicht geklappt: {why}'],
});

/** The words of a search underlined where they are found. */
function marked(text, q) {
  const words = q.split(/\s+/).filter((word) => word.length > 1).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (words.length === 0) return text;
  return text.split(new RegExp(`(${words.join('|')})`, 'gi')).map((part, place) => (place % 2 ? h('mark', null, part) : part));
}

async function alongside({ q, city, segment }) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const all = (await keep.all('customers')).map(({ row }) => row);
  const customers = all.filter((row) => {
    const text = [row.customer, row.name, row.street, row.postcode, row.city].join(' ').toLowerCase();
    return words.every((word) => text.includes(word))
      && (!city || row.city.toLowerCase().startsWith(city.toLowerCase())) && (!segment || row.segment === segment);
  });
  return { found: customers.length, customers, along: true };
}

/** What this person has at hand before they type: customers taken along, and those seen last. */
async function known(me, row) {
  const taken = (await keep.all('customers')).map((one) => one.row);
  const recent = (await keep.get('self', `recent ${me.name}`) ?? []).filter((one) => !taken.some(({ customer }) => customer === one.customer));
  return [['search.taken', taken], ['search.recent', recent]].filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => h('section', null, h('h2', null, t(title)), h('ul', { class: 'results' }, rows.map(row))));
}

export async function view({ params, me }) {
  const asked = { q: params.q ?? '', city: params.city ?? '', segment: params.segment ?? '', stage: params.stage ?? '' };
  const said = await about();
  const find = document.getElementById('find');
  if (find && document.activeElement !== find) find.value = asked.q;

  const lists = h('div', { class: 'lists' });
  const results = h('ul', { class: 'results', on: { keydown: walk } });
  const summary = h('p', { class: 'soft', role: 'status' });
  const label = (list, key) => Object.fromEntries(list.map((one) => [one[key], one.said]));
  const stages = label(said.stages, 'stage');
  const segments = label(said.segments, 'segment');

  const select = (name, values) => {
    const id = `search-${name}`;
    const node = h('select', { id, on: { change: () => { asked[name] = node.value; now(); } } },
      h('option', { value: '' }, t('search.all')),
      Object.entries(values).map(([value, text]) => h('option', { value }, text)));
    node.value = asked[name];
    return h('div', { class: 'field' }, h('label', { for: id }, t(`search.${name}`)), node);
  };
  const city = h('input', { id: 'search-city', type: 'search', autocomplete: 'off', value: asked.city, on: { input: () => { asked.city = city.value; soon(); } } });

  let turn = 0;
  async function now() {
    const mine = ++turn;
    const used = Object.entries(asked).filter(([, value]) => value);
    history.replaceState(null, '', `#/search${used.length ? `?${new URLSearchParams(used)}` : ''}`);
    if (used.length === 0 && isOnline()) {
      fill(results);
      fill(lists, await known(me, row));
      return setText(summary, t('search.start', { n: number(me.customers ?? 0) }));
    }
    let found;
    try {
      found = isOnline() ? await get(`/api/search?${new URLSearchParams({ ...asked, limit: 50 })}`) : await alongside(asked);
    } catch (error) {
      if (!(error instanceof NoNetwork)) {
        if (mine === turn) setText(summary, t('search.failed', { why: reason(error) }));
        return;
      }
      found = await alongside(asked);
    }
    if (mine === turn) show(found);
  }
  const soon = paused(90, now);

  const row = (customer) => h('li', null,
    h('a', { href: `#/customer/${customer.customer}` },
      h('span', { class: 'name' }, marked(customer.name, asked.q)),
      h('span', { class: 'place' }, marked(`${customer.street}, ${customer.postcode} ${customer.city}`, asked.q), ' · ',
        segments[customer.segment] ?? customer.segment, ' · ', h('span', { class: 'number' }, customer.customer)),
      h('span', { class: 'chips' }, customer.contracts.slice(0, 3).map((of) => chip(of.stage, stages[of.stage])))));

  function show({ found, took_ms: took, customers, along }) {
    fill(lists);
    fill(results, customers.map(row));
    const parts = [counted('search.found', found)];
    if (took !== undefined) parts.push(t('search.took', { ms: number(Math.round(took)) }));
    if (customers.length < found) parts.push(t('search.shown', { n: customers.length }));
    if (found === 0) parts[0] = t(along ? 'search.along.none' : 'search.none');
    else if (along) parts.push(t('search.along'));
    setText(summary, parts.join(' · '));
    if (found > 0 && customers.length === 1) say(customers[0].name);
  }

  function walk(event) {
    const links = [...results.querySelectorAll('a')];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (event.key === 'Escape' || to === -1) find?.focus();
    else if (to === undefined) return;
    else links[to]?.focus();
    event.preventDefault();
  }

  const typed = (event) => {
    asked.q = event.detail;
    soon();
  };
  addEventListener('search', typed);
  await now();
  return {
    title: t('search.title'),
    node: h('div', { class: 'view' },
      head({ title: t('search.title'), under: summary }),
      h('details', { class: 'filter', open: matchMedia('(min-width: 40rem)').matches || Boolean(asked.city || asked.segment || asked.stage) },
        h('summary', null, t('search.filter')),
        h('div', { class: 'filters' },
          h('div', { class: 'field' }, h('label', { for: 'search-city' }, t('search.city')), city),
          select('segment', segments), select('stage', stages))),
      results, lists,
      h('p', { class: 'soft tiny wide-only' }, t('search.keys'))),
    close: () => removeEventListener('search', typed),
  };
}
