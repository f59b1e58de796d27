// Time: the events as cards, a slider over the versions, the state and what changed in it.

import { button, byId, count, fill, h, printable, s, text } from './dom.js';
import { without } from './desk.js';
import { asked, latest } from './question.js';
import { fork, lengthOf, lookAt, past, shared, story, taleUntil, tell, tellTale } from './story.js';
import { onGrounds } from './why.js';
import { changes, tree } from './tree.js';
import { formFor } from './form.js';
import { rowOf, splits } from './split.js';

/** How many cards are shown at once. */
const PAGE = 50;

/** Drawings for the eye; the buttons have names. */
const ARROWS = { first: 'M5 4v12M16 4 8 10l8 6z', back: 'M14 4 6 10l8 6z', on: 'M6 4l8 6-8 6z', last: 'M15 4v12M4 4l8 6-8 6z' };
const arrow = (name) => s('svg', { viewBox: '0 0 20 20', class: 'arrow', 'aria-hidden': 'true' }, s('path', { d: ARROWS[name] }));

export function timePlace() {
  const strip = h('ol', { class: 'cards', 'aria-label': 'Events' });
  const slider = h('input', { type: 'range', id: 'slider', min: 0, max: 0, step: 1, 'aria-label': 'Version' });
  const [back, on, ways] = [h('span', { class: 'row' }), h('span', { class: 'row' }), h('span', { class: 'row' })];
  const splitBy = h('select', { 'aria-label': 'Rows of events', on: { change: () => { by = splitBy.value; arrange(); current(story.version); } } });
  const another = h('details', { class: 'any' });
  const what = h('div', { class: 'what' });
  const state = h('div', { class: 'state' });
  const blame = h('div', { class: 'blame', role: 'status' });
  const others = h('div', { class: 'others' });
  let picked = null;
  let grounds = { enough: [], decisive: [] };
  let cards = new Map();
  let by = '';
  let about = null;
  let page = { key: null, history: null, versions: [] };

  fill(byId('time-body'), strip, h('div', { class: 'slide' }, back, slider, on, ways), h('div', { class: 'halves' }, h('div', null, what, another, others), h('div', null, h('h3', null, 'State'), state, blame)));
  slider.addEventListener('input', () => lookAt(Number(slider.value)));

  onGrounds((enough, decisive) => {
    grounds = { enough, decisive };
    mark();
  });

  function mark() {
    for (const [version, card] of cards) {
      card.classList.toggle('enough', grounds.enough.includes(version));
      card.querySelector('.ground').textContent = grounds.decisive.includes(version) ? 'decides' : grounds.enough.includes(version) ? 'matters' : '';
    }
  }

  function current(version) {
    for (const [of, card] of cards) {
      card.classList.toggle('later', of > version);
      card.querySelector('button').setAttribute('aria-current', String(of === version));
    }
    const card = cards.get(version);
    if (!card) return;
    const [left, right] = [card.offsetLeft - strip.offsetLeft, card.offsetLeft - strip.offsetLeft + card.offsetWidth];
    if (left < strip.scrollLeft + 20 || right > strip.scrollLeft + strip.clientWidth - 20) strip.scrollLeft = left - strip.clientWidth / 2 + card.offsetWidth / 2;
  }

  /** Puts the cards into one row, or into rows of their own. */
  function arrange() {
    const events = (cards.shown ?? []).flatMap(({ event }) => event ?? []);
    const ways = splits(events);
    const chosen = ways.find(({ name }) => name === by);
    splitBy.hidden = ways.length === 0;
    fill(splitBy, h('option', { value: '' }, 'one row'), ways.map(({ name }) => h('option', { value: name }, printable(`rows by ${name}`))));
    splitBy.value = chosen ? by : '';
    strip.classList.toggle('split', Boolean(chosen));
    for (const title of strip.querySelectorAll('.title')) title.remove();
    if (!chosen) return;
    strip.style.setProperty('--rows', chosen.rows.length);
    strip.prepend(...chosen.rows.map((row, i) => h('li', { class: 'title', style: { '--row': i + 1 } }, text(row || 'others'))));
    (cards.shown ?? []).forEach(({ version, event }, i) => {
      const node = cards.get(version);
      node.style.setProperty('--column', i + 2);
      node.style.setProperty('--row', event ? chosen.rows.indexOf(rowOf(event, by)) + 1 : '1 / -1');
    });
  }

  /**
   * A form for another event in the place of this one. The later events stay as they are; those of a stream, which this page does not hold,
   * are set aside.
   */
  function offer(at) {
    another.hidden = !at.event?.json || Boolean(without.why);
    if (another.hidden) return;
    const key = `${story.version} ${at.event.json}`;
    if (another.of === key) return;
    another.of = key;
    another.open = false;
    const instead = (json) => {
      const inStory = at.version - 1 - story.base;
      if (inStory < 0) return { ...taleUntil(at.version - 1), history: [json] };
      const whole = taleUntil(lengthOf(story));
      return { ...whole, history: whole.history.with(inStory, json) };
    };
    const title = 'Another event in its place';
    fill(another, h('summary', { data: { key: 'summary' } }, title));
    another.ontoggle = () => {
      if (!another.open) return;
      formFor(another, about.events, {
        title, label: 'event', does: 'Let this have happened', such: at.event.json,
        judge: async (json) => ({ json, at: await asked(story.model, 'at', { ...past(instead(json)), version: at.version }) }),
        shown: ({ at: then }) => [h('strong', null, text(then.event.says)), h('br'), text(then.label), then.changed.length > 0 ? changes(then.changed) : ': changes nothing'],
        isRefused: () => false,
        act: ({ json }) => tellTale(instead(json), { version: at.version }),
      });
      another.renew();
    };
  }

  const beginOf = (version) => Math.floor(version / PAGE) * PAGE;

  function card({ version, event, label, changed }) {
    const node = h('li', null, h('button', { type: 'button', data: { key: `version ${version}` }, on: { click: () => lookAt(version) } },
      h('span', { class: 'number' }, version),
      h('span', { class: 'says' }, event ? text(event.says) : 'the beginning'),
      h('span', { class: 'label' }, text(label), event && changed.length === 0 && ' · changes nothing'),
      h('span', { class: 'ground' })));
    cards.set(version, node);
    return node;
  }

  const ask = latest(
    (told, path) => asked(told.model, 'blame', { ...past(told), version: told.version, path }),
    ({ by, path }) => {
      const named = by?.changed.find((change) => change.path === path)?.key ?? path;
      fill(blame, by
        ? [h('p', null, text(path === '.' ? 'state' : named, 'key'), ' was last changed by ', button(`event ${by.version}`, () => lookAt(by.version), { class: 'small' }), ' ', text(by.event?.says ?? '')), changes(by.changed)]
        : h('p', null, text(path === '.' ? 'state' : path, 'key'), ' is as it was at the beginning: no event changed it.'));
    },
    (wrong) => fill(blame, h('p', null, text(wrong.message))),
  );

  return {
    /** `at` gets the whole history when it is short, for its number of events, and else what it needs. */
    question: (told) => ({ ...past(told), version: told.version ?? undefined }),
    /** The cards around a version; those of a page that is shown are not asked for again. */
    async versions(told) {
      const { history, version } = told;
      const key = JSON.stringify([told.model, told.stream, told.key, told.until, told.base, beginOf(version)]);
      if (page.key === key && page.history === history) return page.versions;
      const from = beginOf(version);
      const { versions } = await asked(told.model, 'timeline', { ...past(told), from, count: PAGE + 1 });
      page = { key, history, versions };
      return versions;
    },
    meet(met) {
      about = met;
      another.of = null;
      page = { key: null, history: null, versions: [] };
      cards = new Map();
      picked = null;
    },
    show(at, versions) {
      if (cards.shown !== versions) {
        cards = new Map();
        cards.shown = versions;
        const from = versions[0]?.version ?? 0;
        const to = versions.at(-1)?.version ?? 0;
        fill(strip,
          from > 0 && h('li', { class: 'more' }, button(`← ${from.toLocaleString('en')} before`, () => lookAt(from - 1), { class: 'small' })),
          versions.map(card),
          to < at.of && h('li', { class: 'more' }, button(`${(at.of - to).toLocaleString('en')} after →`, () => lookAt(to + 1), { class: 'small' })));
        grounds = { enough: [], decisive: [] };
        arrange();
      }
      current(at.version);
      slider.max = at.of;
      slider.value = at.version;
      slider.disabled = at.of === 0;
      slider.setAttribute('aria-valuetext', printable(`version ${at.version} of ${at.of}: ${at.event?.says ?? 'the beginning'}`));
      byId('when').textContent = at.of === 0 ? 'nothing has happened yet' : `version ${at.version.toLocaleString('en')} of ${at.of.toLocaleString('en')}`;
      const step = (label, to, name) => button(label, () => lookAt(to), { 'aria-label': name, title: name, disabled: to < 0 || to > at.of || to === at.version, data: { key: name } });
      fill(back, step(arrow('first'), 0, 'to the beginning'), step(arrow('back'), at.version - 1, 'one event back'));
      fill(on, step(arrow('on'), at.version + 1, 'one event on'), step(arrow('last'), at.of, 'to the end'));
      fill(ways, button('Fork here', fork, { disabled: at.version === at.of, title: 'End the story here; the later events stay as another story', data: { key: 'fork' } }),
        button('Begin again', () => tell([]), { disabled: at.of === 0, class: 'quiet', data: { key: 'begin' } }), splitBy);
      fill(what, h('h3', null, at.event ? 'What it changed' : 'The beginning'),
        at.event ? [h('p', { class: 'event' }, text(at.event.says)), at.changed.length ? changes(at.changed) : h('p', { class: 'soft' }, 'Nothing in the state.')]
          : h('p', { class: 'soft' }, 'The state before the first event.'));
      offer(at);
      const paths = at.state.rows.map((row) => row.path);
      if (picked !== null && !paths.includes(picked)) picked = null;
      const show = () => tree(state, at.state, picked, (path) => {
        picked = picked === path ? null : path;
        show();
        picked === null ? fill(blame) : ask(story, picked);
      });
      show();
      picked === null ? fill(blame) : ask(story, picked);
      fill(others, story.others.length > 0 && [h('h3', null, count(story.others.length, 'other story', 'other stories')),
        h('ul', null, story.others.map((other) => h('li', null, button(`${count(lengthOf(other), 'event')}, the same up to ${shared(other)}`, () => tellTale(other), { class: 'small' }))))]);
    },
  };
}
