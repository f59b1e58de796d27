// What did not come back as it was: the person keeps or drops each command of a branch.

import { h, fill, newId, setText } from './dom.js';
import { ask, NoAnswer } from './desk.js';
import { t, more } from './words.js';
import { button } from './parts.js';
import { settle } from './sync.js';

more({
  'settle.title': ['Something has happened meanwhile', 'Inzwischen ist etwas geschehen'],
  'settle.text': [
    'You decided this without the network. Decided again on what is recorded now, not everything comes out as it was. Keep or drop each of your commands; nothing is recorded until then.',
    'Das haben Sie ohne Netz entschieden. Auf dem, was jetzt festgehalten ist, kommt nicht alles so heraus wie vorher. Behalten oder verwerfen Sie jeden Auftrag; bis dahin wird nichts festgehalten.',
  ],
  'settle.before': ['Then', 'Damals'],
  'settle.now': ['Now', 'Jetzt'],
  'settle.nothing': ['nothing happens', 'es geschieht nichts'],
  'settle.keep': ['Keep', 'Behalten'],
  'settle.drop': ['Drop', 'Verwerfen'],
  'settle.send': ['Record what I keep', 'Festhalten, was ich behalte'],
  'settle.all-dropped': ['Drop all of it', 'Alles verwerfen'],
  'settle.choose': ['Please keep or drop each command first.', 'Bitte behalten oder verwerfen Sie zuerst jeden Auftrag.'],
  'settle.would': ['Will be recorded: {what}', 'Wird festgehalten: {what}'],
  'settle.would-nothing': ['Nothing will be recorded.', 'Es wird nichts festgehalten.'],
});

const cap = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The commands of a branch, with what became of each. Calls back when it is settled, with the branch as it then is, or null. */
export async function settlement(me, branch, done) {
  const { decisions } = await ask({ ask: 'rebase', known: branch.known, commands: branch.commands, now: branch.now.history });
  const choices = decisions.map(({ verdict }) => (verdict === 'kept' ? true : verdict === 'rejected' ? false : null));
  const preview = h('p', { role: 'status' });
  const title = newId('settle');
  const send = button(t('settle.send'), async () => {
    if (choices.includes(null)) {
      preview.className = 'problem';
      return setText(preview, t('settle.choose'));
    }
    done(await settle(me, branch, branch.commands.filter((command, place) => choices[place])));
  }, { kind: 'main' });

  async function look() {
    const commands = branch.commands.filter((command, place) => choices[place]);
    preview.className = '';
    send.disabled = false;
    setText(send, t(commands.length || choices.includes(null) ? 'settle.send' : 'settle.all-dropped'));
    if (choices.includes(null)) return setText(preview, t('settle.choose'));
    if (commands.length === 0) return setText(preview, t('settle.would-nothing'));
    try {
      const of = await ask({ ask: 'branch', known: branch.now.history, commands });
      setText(preview, t('settle.would', { what: of.decisions.flatMap((one) => one.events_said).join('; ') || t('settle.nothing') }));
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      preview.className = 'problem';
      setText(preview, cap(error.message));
      send.disabled = true;
    }
  }

  const lines = (said) => (said?.length ? (Array.isArray(said) ? said.join('; ') : said) : t('settle.nothing'));
  const row = (decision, place) => {
    const group = newId('keep');
    const pick = (keep, text) => h('label', { class: 'choice' },
      h('input', {
        type: 'radio', name: group, checked: choices[place] === keep, disabled: keep && decision.verdict === 'rejected',
        on: { change: () => { choices[place] = keep; look(); } },
      }), h('span', null, text));
    const same = decision.verdict.startsWith('kept');
    return h('div', { class: 'decision', role: 'group', 'aria-labelledby': `${group}-said` },
      h('div', { class: 'row between' },
        h('h3', { id: `${group}-said` }, cap(decision.said)),
        h('p', { class: 'verdict', data: { verdict: decision.verdict } }, cap(decision.verdict_said))),
      !same && h('dl', { class: 'facts turn' },
        h('div', null, h('dt', null, t('settle.before')), h('dd', null, cap(lines(decision.before)))),
        h('div', null, h('dt', null, t('settle.now')), h('dd', null, cap(lines(decision.now))))),
      decision.grounds && h('p', { class: 'soft' }, cap(decision.grounds)),
      h('div', { class: 'row' }, pick(true, t('settle.keep')), pick(false, t('settle.drop'))));
  };
  const node = h('section', { class: 'sheet', 'aria-labelledby': title },
    h('h2', { id: title, tabindex: '-1' }, t('settle.title')), h('p', { class: 'soft' }, t('settle.text')),
    decisions.map(row), preview, h('div', { class: 'row' }, send));
  await look();
  return node;
}
