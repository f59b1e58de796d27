// The story of a contract: what happened, how it stood at each version, and what would have been.

import { h, fill, setText } from '../dom.js';
import { ask } from '../desk.js';
import { get, NoNetwork } from '../net.js';
import * as keep from '../keep.js';
import { t, moment, shortly, number, who } from '../words.js';
import { chip, head, facts, time, box, numberIn } from '../parts.js';
import { follow } from '../office.js';
import { cap, signatures } from '../form.js';
import { besideSaid } from '../said.js';
import { whatIf, endsOf } from '../whatif.js';

async function load(id) {
  try {
    return { of: await get(`/api/contracts/${id}`), taken: null };
  } catch (error) {
    const kept = error instanceof NoNetwork ? await keep.get('contracts', id) : null;
    if (!kept) throw error;
    return kept;
  }
}

const dayOf = (at) => {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
};

export async function view({ params, go }) {
  const { of, taken } = await load(numberIn(params.id));
  const history = of.history.map(({ event }) => event);
  const [{ events: said }, last] = await Promise.all([ask({ ask: 'say', events: history }), ask({ ask: 'at', history, version: history.length })]);
  const title = t('office.story', { n: of.contract });
  const beside = head({
    over: t('story.over'), title: t('story.title', { n: of.contract }),
    under: h('p', { class: 'row under' }, chip(last.stage, last.stage_said),
      of.customer !== null && h('a', { href: `#/customer/${of.customer}` }, of.customer_name ?? t('customer.n', { n: of.customer }))),
    beside: history.length > 0 && h('a', { class: 'button', href: `#/contract/${of.contract}` }, t('office.to-contract')),
  });
  if (history.length === 0) return { title, node: h('div', { class: 'view' }, beside, h('p', { class: 'empty' }, t('story.empty'))) };

  const wanted = Number(params.version ?? history.length);
  let version = Number.isInteger(wanted) && wanted >= 0 && wanted <= history.length ? wanted : history.length;
  let story = null;
  // Sides whose stroke was there before the slider moved: a new one draws itself.
  let drawn = [];
  let playing = null;
  let turn = 0;

  const slider = h('input', {
    id: 'version', class: 'slider', type: 'range', min: 0, max: history.length, step: 1, value: version,
    on: { input: () => { stop(); move(Number(slider.value)); } },
  });
  const back = h('button', { type: 'button', 'aria-label': t('story.before'), on: { click: () => { stop(); move(version - 1); } } }, '‹');
  const on = h('button', { type: 'button', 'aria-label': t('story.after'), on: { click: () => { stop(); move(version + 1); } } }, '›');
  const play = h('button', { type: 'button', class: 'small', on: { click: () => (playing ? stop() : start()) } });
  const day = h('input', {
    id: 'as-of', type: 'date', min: dayOf(of.history[0].at), max: dayOf(of.history.at(-1).at),
    on: { change: () => { stop(); if (day.value) move(of.history.filter(({ at }) => dayOf(at) <= day.value).length, false); } },
  });
  const place = h('span', { class: 'grow' });
  const what = h('p', { class: 'what' });
  const when = h('p', { class: 'soft tiny' });
  const stage = h('p', null);
  const changes = h('div', { class: 'changes' });
  const known = h('div', null);
  const cards = h('ol', { class: 'cards' });
  const banner = h('div', { class: 'slot' });
  const others = h('input', { type: 'checkbox', id: 'beside', checked: true, on: { change: showCards } });
  const other = whatIf({ history, was: last, changed: (found) => { story = found; showCards(); } });

  const items = [
    ...of.history.map((entry, at) => ({ ...entry, text: said[at] })),
    ...of.beside.map((entry) => ({ ...entry, aside: true, text: besideSaid(entry) })),
  ].sort((one, next) => one.position - next.position);

  async function move(to, dated = true) {
    version = Math.min(Math.max(to, 0), history.length);
    const mine = ++turn;
    address();
    const entry = of.history[version - 1];
    slider.value = version;
    slider.style.setProperty('--at', `${(version / history.length) * 100}%`);
    slider.setAttribute('aria-valuetext', entry ? `${t('story.at', { v: version, of: history.length })}: ${said[version - 1]}` : t('story.before-all'));
    back.disabled = version === 0;
    on.disabled = version === history.length;
    if (dated) day.value = entry ? dayOf(entry.at) : '';
    setText(place, t('story.at', { v: version, of: history.length }));
    setText(what, entry ? cap(said[version - 1]) : t('story.before-all'));
    setText(when, entry ? [moment(entry.at), who(entry.by)].filter(Boolean).join(' · ') : '');
    other.move(version, said[version - 1] ?? '');
    showCards();
    const then = await ask({ ask: 'at', history, version });
    if (mine !== turn) return;
    fill(stage, chip(then.stage, then.stage_said));
    fill(known, facts(then.details.map(({ label, value }) => [cap(label), value])), (then.contract.signed_internally || then.contract.signed_externally || then.stage === 'signing') && signatures(then.contract, new Set(drawn)));
    drawn = ['internally', 'externally'].filter((side) => then.contract[`signed_${side}`]);
    fill(changes, entry && h('h3', null, t('story.changed')), entry && (then.changes.length
      ? h('ul', { class: 'changes' }, then.changes.map(change))
      : h('p', { class: 'soft tiny' }, t('story.unchanged'))));
  }

  const change = ({ label, before, after }) => h('li', null,
    h('span', { class: 'unseen' }, t('story.from-to', { label: cap(label), before: before ?? t('story.nothing'), after: after ?? t('story.nothing') })),
    h('span', { class: 'label', 'aria-hidden': 'true' }, cap(label)),
    before !== null && h('del', { 'aria-hidden': 'true' }, before), h('span', { 'aria-hidden': 'true' }, '→'),
    h('ins', { 'aria-hidden': 'true' }, after ?? t('story.nothing')));

  function address() {
    const rest = version === history.length ? '' : `?version=${version}`;
    globalThis.history.replaceState(null, '', `#/story/${of.contract}${rest}`);
  }

  function showCards() {
    const focused = cards.contains(document.activeElement) ? document.activeElement.dataset.version : null;
    // What happened beside it belongs to this version until the next one.
    const until = of.history[version]?.position ?? Infinity;
    cards.classList.toggle('other', story !== null);
    const otherwise = new Map(story?.decisions.map((one) => [one.version, one]));
    fill(cards, items.filter((item) => !item.aside || others.checked).map((item) => (item.aside
      ? h('li', { class: item.position > until ? 'aside later' : 'aside' }, h('p', null, item.text, ' ', h('span', { class: 'tiny' }, time(item.at), item.by && ` · ${who(item.by)}`)))
      : card(item, otherwise.get(item.version)))));
    fill(banner, story && box('waits', h('p', { class: 'soft tiny' }, t('what-if.banner')), endsOf(story, last),
      h('div', { class: 'row' }, h('button', { type: 'button', class: 'small', on: { click: () => { other.back(); slider.focus(); } } }, t('what-if.back')))));
    if (focused) cards.querySelector(`[data-version="${focused}"]`)?.focus();
  }

  function card(item, again) {
    const gone = again && again.verdict !== 'kept' && again.verdict !== 'kept-on-other-grounds';
    const now = again?.now?.map(cap).join('; ');
    return h('li', { class: item.version > version ? 'later' : null, data: again ? { verdict: again.verdict } : {} },
      h('button', {
        type: 'button', class: 'card', data: { version: String(item.version) }, 'aria-current': item.version === version ? 'step' : null,
        on: { click: () => { stop(); move(item.version); } },
      },
      h('span', { class: 'what' }, gone ? h('s', null, cap(item.text)) : cap(item.text)),
      again && again.verdict !== 'kept' && h('span', { class: 'verdict', data: { verdict: again.verdict } }, cap(again.verdict_said)),
      gone && now && h('span', null, again.verdict === 'rejected' ? t('what-if.because', { why: again.now.join('; ') }) : now),
      h('span', { class: 'soft tiny' }, `${number(item.version)} · `, time(item.at), item.by && ` · ${who(item.by)}`)));
  }

  function start() {
    if (version === history.length) move(0);
    playing = setInterval(() => (version === history.length ? stop() : move(version + 1)), 1100);
    setText(play, t('story.stop'));
  }
  function stop() {
    clearInterval(playing);
    playing = null;
    setText(play, t('story.play'));
  }
  stop();

  const later = h('div', { role: 'status', class: 'slot' });
  const follower = follow(async () => {
    const now = await get(`/api/contracts/${of.contract}`);
    if (now.version === of.version && now.beside.length === of.beside.length) return;
    fill(later, box('good', h('div', { class: 'row' }, h('p', null, t('story.later')),
      h('button', { type: 'button', class: 'small', on: { click: () => go(`/story/${of.contract}?version=${now.version}`, { replace: true }) } }, t('story.look')))));
  }, ({ number: n }) => Number(n) === of.contract);

  const node = h('div', { class: 'view' }, beside, later,
    taken && box('waits', h('p', null, t('story.along', { at: shortly(taken) }))),
    h('div', { class: 'story' },
      h('section', { class: 'sheet then', 'aria-labelledby': 'then' },
        h('h2', { id: 'then' }, t('story.then')),
        h('div', { class: 'slide' },
          h('label', { for: 'version', class: 'unseen' }, t('story.version')),
          slider,
          h('div', { class: 'row' }, back, on, place, play)),
        h('div', { class: 'now', 'aria-live': 'polite' }, what, when, stage),
        changes, known,
        h('div', { class: 'field' }, h('label', { for: 'as-of' }, t('story.day')), day),
        other.node),
      h('section', { class: 'timeline', 'aria-labelledby': 'timeline' },
        h('div', { class: 'row' }, h('h2', { id: 'timeline' }, t('story.timeline'))),
        h('label', { class: 'row small', for: 'beside' }, others, h('span', { class: 'soft' }, t('story.beside'))),
        banner, cards)));
  await move(version);
  return { title, node, close: () => { stop(); follower.end(); } };
}
