// How the process stands: a picture with counts, contracts under way, and what is owed.

import { h, fill, setText } from '../dom.js';
import { about } from '../desk.js';
import { get, post } from '../net.js';
import { t, number, counted, has, shortly } from '../words.js';
import { chip, head, button, notice, say, reason } from '../parts.js';
import { follow, clock, since, liveBadge, lasting } from '../office.js';
import { cap } from '../form.js';
import { processPicture } from '../process.js';

const BOUNDS = [60, 300, 1800, 3600, 86400, 604800];
const AT_FIRST = 40;

export async function view({ params, me }) {
  const said = await about();
  const names = new Map(said.stages.map(({ stage, said: text }) => [stage, text]));
  const asked = {
    stage: names.has(params.stage) ? params.stage : '',
    bound: /^\d{1,9}$/.test(params.stuck_after ?? '') ? Number(params.stuck_after) : 300,
    only: params.only === 'stuck',
  };
  let of = await load();
  let all = false;

  const badge = liveBadge();
  const summary = h('p', { role: 'status' });
  const list = h('ol', { class: 'results standings' });
  const below = h('div', { class: 'row' });
  const owed = h('ul', { class: 'owed' });
  const picture = processPicture(said, (stage) => choose(asked.stage === stage ? '' : stage));

  async function load() {
    return get(`/api/monitor?stuck_after=${asked.bound}`);
  }

  const stage = select('stage', 'monitor.stage', [['', t('office.all')], ...said.stages.filter(({ stage: one, ended }) => !ended && one !== 'new')
    .map(({ stage: one, said: text }) => [one, text])], asked.stage, (value) => choose(value));
  const bounds = [...new Set([...BOUNDS, asked.bound])].sort((one, other) => one - other);
  const bound = select('bound', 'monitor.bound', bounds.map((seconds) => [seconds, lasting(seconds)]), asked.bound, (value) => {
    asked.bound = Number(value);
    address();
    follower.soon();
  });
  const only = h('input', { type: 'checkbox', id: 'monitor-only', checked: asked.only, on: { change: () => { asked.only = only.checked; address(); show(); } } });

  function select(name, label, values, chosen, change) {
    const id = `monitor-${name}`;
    const node = h('select', { id, on: { change: () => change(node.value) } }, values.map(([value, text]) => h('option', { value }, text)));
    node.value = chosen;
    return { node, field: h('div', { class: 'field' }, h('label', { for: id }, t(label)), node) };
  }

  /** Which contracts are listed: those of one stage that goes on, or all of them. */
  function choose(which) {
    asked.stage = which;
    if ([...stage.node.options].some(({ value }) => value === which)) stage.node.value = which;
    else stage.node.value = '';
    address();
    show();
    say(which ? `${cap(names.get(which))}: ${counted('monitor.contracts', of.counts[which] ?? 0)}` : t('office.all'));
  }

  function address() {
    const used = Object.entries({ stage: asked.stage, stuck_after: asked.bound === 300 ? '' : asked.bound, only: asked.only ? 'stuck' : '' }).filter(([, value]) => value);
    history.replaceState(null, '', `#/monitor${used.length ? `?${new URLSearchParams(used)}` : ''}`);
  }

  function show() {
    badge.seen();
    const stuck = of.under_way.filter((one) => one.stuck);
    const many = of.under_way.length + Number(of.more ?? 0);
    const ended = Object.values(of.ended).reduce((sum, n) => sum + n, 0);
    setText(summary, [counted('monitor.under', many), stuck.length ? counted('monitor.stuck', stuck.length) : t('monitor.nothing-stuck'),
      t('monitor.ended', { n: number(ended) })].join(' · '));
    const hang = {};
    for (const one of stuck) hang[one.stage] = (hang[one.stage] ?? 0) + 1;
    picture.update({ counts: of.counts, stuck: hang, chosen: asked.stage });
    showList();
    const focused = owed.contains(document.activeElement) ? document.activeElement.dataset.of : null;
    fill(owed, of.owed.map(debt));
    if (focused) (owed.querySelector(`[data-of="${CSS.escape(focused)}"]`) ?? owing).focus();
    frame.classList.toggle('parked', of.owed.some(({ parked }) => parked));
    if (of.owed.length === 0) fill(owed, h('li', { class: 'empty' }, t(of.on_duty ? 'monitor.owed.none' : 'monitor.owed.elsewhere')));
  }

  function showList() {
    const listed = of.under_way.filter((one) => (!asked.stage || one.stage === asked.stage) && (!asked.only || one.stuck));
    const longest = Math.max(1, ...listed.map(({ seconds }) => seconds));
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    const shown = all ? listed : listed.slice(0, AT_FIRST);
    fill(list, shown.map((one) => row(one, longest)));
    if (focused) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    fill(below,
      listed.length === 0 && h('p', { class: 'soft' }, t('monitor.none')),
      listed.length > shown.length && h('button', { type: 'button', on: { click: () => { all = true; showList(); list.children[AT_FIRST]?.querySelector('a').focus(); } } },
        t('monitor.more', { n: number(listed.length - shown.length) })),
      Number(of.more) > 0 && h('p', { class: 'soft tiny' }, t('monitor.most', { n: number(of.under_way.length), more: number(of.more) })));
  }

  const row = (one, longest) => h('li', null, h('a', { href: `#/story/${one.contract}`, class: one.stuck ? 'stuck' : null },
    h('span', { class: 'name' }, t('contract.n', { n: one.contract }), h('span', { class: 'soft' }, ` ${one.customer_name ?? t('customer.n', { n: one.customer })}`)),
    h('span', { class: 'chips' }, one.stuck && h('span', { class: 'chip hangs' }, t('monitor.stuck')), chip(one.stage, names.get(one.stage))),
    h('span', { class: 'place' }, since(one.seconds), one.signatures > 0 && ` · ${t('monitor.signatures', { n: one.signatures })}`),
    h('span', { class: 'bar', 'aria-hidden': 'true', style: { '--part': String(one.seconds / longest) } })));

  const debt = (item) => {
    const what = has(`owed.${item.what}`) ? t(`owed.${item.what}`) : item.what;
    const when = item.parked ? null : item.again ? t('monitor.again', { at: shortly(item.again) })
      : item.due && new Date(item.due) > new Date() ? t('monitor.due', { at: shortly(item.due) }) : t('monitor.now');
    return h('li', { class: item.parked ? 'parked' : null },
      h('p', null, item.parked && h('span', { class: 'chip hangs' }, t('monitor.parked')), item.parked && ' ', h('strong', null, cap(what))),
      h('p', { class: 'soft tiny' }, item.contract !== null && h('a', { href: `#/story/${item.contract}` }, t('contract.n', { n: item.contract })),
        item.failed > 0 && ` · ${counted('monitor.failed', item.failed)}`, when && ` · ${when}`),
      item.cause && h('p', { class: 'cause' }, item.cause),
      item.parked && (me.role === 'customer-service'
        ? button(t('monitor.release'), () => release(item), { kind: 'small', 'aria-label': t('monitor.release.of', { what, n: item.contract }), 'data-of': `${item.contract}/${item.what}` })
        : h('p', { class: 'soft tiny' }, t('monitor.release.who'))));
  };

  async function release({ contract, what }) {
    try {
      await post('/api/monitor/release', { contract, what });
      notice(t('monitor.released'), { kind: 'good' });
    } catch (error) {
      notice(reason(error), { kind: 'bad' });
    }
    follower.soon();
  }

  const owing = h('h2', { id: 'owing', tabindex: '-1' }, t('monitor.owed'));
  const follower = follow(async () => {
    of = await load();
    show();
  });
  // An attempt that fails is no event, so what is owed is looked at again while there is some.
  const looks = setInterval(() => of.owed.length > 0 && follower.soon(), 4000);
  const frame = h('div', { class: 'monitor' },
    picture.node,
    h('section', { class: 'list', 'aria-labelledby': 'way' },
      h('h2', { id: 'way' }, t('monitor.list')),
      h('div', { class: 'filters' }, stage.field, bound.field, h('label', { class: 'choice', for: 'monitor-only' }, only, h('span', null, t('monitor.only')))),
      h('p', { class: 'soft tiny' }, t('monitor.bound.why')),
      list, below),
    h('section', { class: 'sheet debts', 'aria-labelledby': 'owing' }, owing, h('p', { class: 'soft tiny' }, t('monitor.owed.text')), owed));
  const node = h('div', { class: 'view' }, head({ title: t('monitor.title'), under: summary, beside: badge.node }), frame);
  show();
  const stop = clock(node);
  return {
    title: t('monitor.title'), node,
    close: () => {
      stop();
      clearInterval(looks);
      follower.end();
      badge.end();
      picture.close();
    },
  };
}
