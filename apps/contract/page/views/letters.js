// Letters as they would be sent: a list, and one on paper.

import { h, s, fill, setText } from '../dom.js';
import { get } from '../net.js';
import { t, counted, moment } from '../words.js';
import { head, mark, time, button } from '../parts.js';
import { follow, reveal } from '../office.js';

const KINDS = ['request', 'rejection', 'completion'];
/** What a letter is about; the end of its id says it. */
const kindOf = (letter) => letter.letter ?? KINDS.find((kind) => letter.id.endsWith(`-${kind}`));

/** A postmark with the day on which the letter was sent. */
function postmark(at) {
  const date = new Date(at);
  const two = (part) => String(part).padStart(2, '0');
  return s('svg', { class: 'postmark', viewBox: '0 0 150 72', 'aria-hidden': 'true' },
    s('circle', { cx: 38, cy: 36, r: 33 }), s('circle', { cx: 38, cy: 36, r: 22 }),
    s('text', { x: 38, y: 34, 'text-anchor': 'middle' }, `${two(date.getDate())}.${two(date.getMonth() + 1)}.`),
    s('text', { x: 38, y: 46, 'text-anchor': 'middle' }, String(date.getFullYear())),
    [18, 30, 42, 54].map((y) => s('path', { d: `M74 ${y}q9-8 18 0t18 0t18 0t18 0` })));
}

const paper = (letter) => h('article', { class: 'paper', 'aria-labelledby': 'subject' },
  h('header', null,
    h('p', { class: 'brand' }, mark(), h('span', null, 'Fashion')),
    postmark(letter.at)),
  h('dl', { class: 'address' },
    [['from', 'contracts@fashion.example'], ['to', letter.to], ['date', moment(letter.at)]].map(([label, text]) =>
      h('div', null, h('dt', null, t(`letters.${label}`)), h('dd', null, text)))),
  h('h1', { id: 'subject', tabindex: '-1', lang: 'en' }, letter.subject),
  h('div', { class: 'text', lang: 'en' }, letter.text.trim()),
  h('p', { class: 'foot' }, letter.id));

export async function view({ params }) {
  let letters = await get('/api/letters');
  let kind = '';
  const chosen = params.id ? letters.find(({ id }) => id === params.id) : null;
  const title = t('letters.title');
  const summary = h('p', { class: 'soft', role: 'status' });
  const list = h('ul', { class: 'results', 'aria-label': t('letters.list') });
  const filter = h('select', { id: 'letters-kind', on: { change: () => { kind = filter.value; show(); } } },
    h('option', { value: '' }, t('office.all')), KINDS.map((one) => h('option', { value: one }, t(`letters.${one}`))));

  function show() {
    const shown = letters.filter((letter) => !kind || kindOf(letter) === kind);
    setText(summary, shown.length ? counted('letters', shown.length) : t('letters.none'));
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    fill(list, shown.map((letter) => h('li', null,
      h('a', { href: `#/letters/${encodeURIComponent(letter.id)}`, 'aria-current': letter.id === chosen?.id ? 'true' : null },
        h('span', { class: 'name', lang: 'en' }, letter.subject),
        h('span', { class: 'chips' }, kindOf(letter) && h('span', { class: 'chip', data: { letter: kindOf(letter) } }, t(`letters.${kindOf(letter)}`))),
        h('span', { class: 'place' }, letter.to, ' · ', time(letter.at))))));
    if (focused) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }

  const follower = follow(async () => {
    letters = await get('/api/letters');
    show();
  }, ({ part }) => part === 'mail');

  const detail = chosen
    ? [h('div', { class: 'row between no-print' },
      h('a', { class: 'back', href: '#/letters' }, `‹ ${t('letters.back')}`),
      h('div', { class: 'row' },
        h('a', { class: 'button', href: `#/story/${chosen.contract}`, 'aria-label': t('office.story', { n: chosen.contract }) }, t('story')),
        button(t('letters.print'), () => print()))), paper(chosen)]
    : h('p', { class: params.id ? 'empty' : 'empty wide-only' }, letters.length > 0 && t(params.id ? 'letters.gone' : 'letters.choose'));
  show();
  reveal(list);
  return {
    title: chosen ? chosen.subject : title,
    node: h('div', { class: 'view' },
      chosen ? null : head({ title, under: summary }),
      h('div', { class: chosen ? 'pair one' : 'pair' },
        h('div', { class: 'list' }, chosen && h('h2', null, h('a', { href: '#/letters' }, title)), chosen && summary,
          h('div', { class: 'field' }, h('label', { for: 'letters-kind' }, t('letters.kind')), filter), list),
        h('div', { class: 'detail' }, detail))),
    close: follower.end,
  };
}
