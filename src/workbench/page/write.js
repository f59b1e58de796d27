// A scenario is written, and judged while it is typed.

import { button, fill, h, newId, paused, text } from './dom.js';
import { without } from './desk.js';
import { asked, latest, Wrong } from './question.js';
import { raw } from './json.js';
import { past, story, taleUntil } from './story.js';
import { playedCommand } from './keep.js';

const DRAFT = 'leftfold.text';

/** What is written stays in this tab, also after a reload. */
const drafts = {
  get: (model) => { try { return sessionStorage.getItem(`${DRAFT} ${model}`); } catch { return null; } },
  set: (model, of) => { try { sessionStorage.setItem(`${DRAFT} ${model}`, of); } catch { /* it is not kept */ } },
};

export function writer() {
  const area = h('textarea', { rows: 5, spellcheck: 'false', id: newId('text'), data: { key: 'text' } });
  const verdict = h('div', { class: 'judged', role: 'status' });
  const node = h('div', { class: 'write' }, h('label', { for: area.id }, 'Scenarios in words (Gherkin): each is judged while you write'), area, verdict,
    h('p', { class: 'row' }, button('Take what was played', take), button('Copy', () => navigator.clipboard?.writeText(area.value), { class: 'quiet' })));
  let about = null;

  const judge = latest(
    () => asked(story.model, 'read', { text: area.value }),
    ({ sections }) => {
      const findings = sections.flatMap((section) => (section.title === 'coverage' ? [] : section.findings));
      const fails = findings.filter((one) => one.verdict === 'Fails');
      verdict.dataset.kind = fails.length ? 'no' : findings.length ? 'yes' : 'open';
      fill(verdict, findings.length === 0 && h('p', { class: 'soft' }, 'There is no scenario in it yet.'),
        h('ul', { class: 'lines' }, findings.map((one) => h('li', { class: one.verdict.toLowerCase() },
          h('div', { class: 'line' }, h('span', { class: `sign ${one.verdict.toLowerCase()}` }, { Holds: '✓', Fails: '✗', Open: '?' }[one.verdict]),
            one.place && button(`line ${one.place.line}`, () => goTo(one.place.line), { class: 'small' }), ' ', text(one.name), h('span', { class: 'unseen' }, `: ${one.verdict}`)),
          one.story && h('pre', null, one.story), one.answer && h('pre', null, one.answer)))));
    },
    (wrong) => {
      verdict.dataset.kind = 'no';
      fill(verdict, h('p', { class: 'bad' }, text(wrong.message)));
    },
  );
  const soon = paused(200, judge);
  area.addEventListener('input', () => {
    drafts.set(story.model, area.value);
    soon();
  });

  function goTo(line) {
    const lines = area.value.split('\n');
    const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  }

  async function take() {
    try {
      const last = await playedCommand();
      if (!last) return fill(verdict, h('p', null, 'Give a command first: what was played before it is what is given.'));
      const { gherkin } = await asked(story.model, 'scenario', { ...past(taleUntil(last.at)), command: raw(last.command) });
      const scenario = gherkin.slice(gherkin.indexOf('\n') + 1).trim();
      area.value = /^\s*Feature:/m.test(area.value) ? `${area.value.trimEnd()}\n\n  ${scenario}\n` : gherkin;
      drafts.set(story.model, area.value);
      judge();
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      fill(verdict, h('p', { class: 'bad' }, text(wrong.message)));
    }
  }

  return {
    node,
    meet(found) {
      if (without.texts) return void fill(node, h('p', { class: 'soft' }, without.texts));
      about = found;
      area.value = drafts.get(story.model) ?? `Feature: ${about.name}\n\n  Scenario: \n`;
      fill(verdict);
      if (drafts.get(story.model) !== null) judge();
    },
  };
}
