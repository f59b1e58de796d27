// All that waits in this browser.

import { h, fill } from '../dom.js';
import { ask } from '../desk.js';
import { isOnline, onNetwork } from '../net.js';
import * as sync from '../sync.js';
import { t, more, moment, counted } from '../words.js';
import { box, button, head, sure, thread } from '../parts.js';
import { settlement } from '../settle.js';
import { cap } from '../form.js';

more({
  'waiting.title': ['Waiting in this browser', 'Was in diesem Browser wartet'],
  'waiting.none': ['Nothing waits: everything you did is recorded.', 'Nichts wartet: Alles, was Sie getan haben, ist festgehalten.'],
  'waiting.offline': ['There is no network. What waits here is brought to the server as soon as there is one.', 'Es gibt kein Netz. Was hier wartet, wird zum Server gebracht, sobald es eines gibt.'],
  'waiting.all': ['Bring all of it', 'Alles zum Server bringen'],
  'waiting.since': ['on version {version}, since {when}', 'auf Version {version}, seit {when}'],
  'waiting.broken': ['These commands cannot be read any more: {why}', 'Diese Aufträge sind nicht mehr lesbar: {why}'],
});

export async function view({ me }) {
  const node = h('div', { class: 'view' });

  async function said(branch) {
    try {
      const of = await ask({ ask: 'branch', known: branch.known, commands: branch.commands });
      return thread(of.decisions.flatMap((one) => one.events_said.map((what) => ({ said: cap(what), waits: true }))));
    } catch (error) {
      return h('p', { class: 'problem' }, t('waiting.broken', { why: error.message }));
    }
  }

  async function card(branch) {
    const title = branch.contract === null ? t('contract.new') : t('contract.n', { n: branch.contract });
    const discard = async () => {
      if (await sure(t('contract.discard.title'), t('contract.discard.text'), t('contract.discard'))) await sync.discard(branch);
    };
    return h('section', { class: 'sheet' },
      h('div', { class: 'row between' },
        h('h2', null, h('a', { href: branch.contract === null ? `#/branch/${branch.id}` : `#/contract/${branch.contract}` }, title), ' ',
          h('span', { class: 'soft' }, branch.customerName ?? '')),
        h('p', { class: 'soft tiny' }, t('waiting.since', { version: branch.began, when: moment(branch.started) }))),
      branch.state === 'failed' && box('bad', h('p', null, t('contract.failed', { why: branch.why }))),
      branch.sent && box('waits', h('p', null, t('contract.sent'))),
      branch.state !== 'settle' && await said(branch),
      branch.state === 'settle' && await settlement(me, branch, draw),
      h('div', { class: 'row' },
        branch.state !== 'settle' && isOnline() && button(t('contract.bring'), () => sync.bring(branch), { kind: 'main' }),
        !branch.sent && button(t('contract.discard'), discard, { kind: 'danger' })));
  }

  async function draw() {
    const [branches, unanswered] = [await sync.branches(me), await sync.unanswered(me)];
    const many = branches.length + unanswered.length;
    const cards = [];
    for (const branch of branches) cards.push(await card(branch));
    fill(node,
      head({
        title: t('waiting.title'),
        under: many === 0 ? t('waiting.none') : counted('waits', await sync.count(me)),
        beside: isOnline() && many > 1 && button(t('waiting.all'), () => sync.all(me), { kind: 'main' }),
      }),
      many > 0 && !isOnline() && box('waits', h('p', null, t('waiting.offline'))),
      unanswered.map((lost) => box('waits',
        h('h2', null, h('a', { href: `#/contract/${lost.contract}` }, t('contract.n', { n: lost.contract }))),
        h('p', null, t('contract.unanswered', { what: lost.said })), h('p', { class: 'soft' }, t('contract.sent')))),
      cards);
  }

  await draw();
  const stop = [sync.onChanged(draw), onNetwork(draw)];
  return { title: t('waiting.title'), node, close: () => stop.forEach((end) => end()) };
}
