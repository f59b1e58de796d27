// What was played, to keep: as a scenario in Rust, Gherkin and Markdown, and as a link.

import { button, fill, h, newId, paused, printable, say, text } from './dom.js';
import { asked, Wrong } from './question.js';
import { raw } from './json.js';
import { toHash } from './address.js';
import { past, story, taleUntil } from './story.js';

/** How many events one command is thought to lead to at most. */
const MOST_EVENTS = 4;

/**
 * The command that is to be kept: the last one that was given, or, where a story came as events alone, the one of the alphabet that leads
 * to its last events.
 */
export async function playedCommand() {
  const { model, base, history, last, version } = story;
  if (last && last.at <= version) return last;
  for (let back = 1; back <= Math.min(MOST_EVENTS, version - base); back++) {
    const at = version - back;
    const tail = history.slice(at - base, version - base);
    const { commands } = await asked(model, 'at', past(taleUntil(at)));
    const found = commands.find(({ outcome }) => outcome.accepted?.events.length === back && outcome.accepted.events.every((event, i) => event.json === tail[i]));
    if (found) return { at, command: found.command.json };
  }
  return null;
}

const WAYS = [['In words (Gherkin)', 'gherkin'], ['Markdown', 'markdown'], ['Rust', 'rust']];

/** What somebody expects instead is an open question of the scenario, which is listed and fails nobody. */
function asQuestion(gherkin, remark) {
  const lines = remark.split('\n').map((line) => line.trim()).filter(Boolean);
  if (lines.length === 0) return gherkin;
  // The answer of today is not what is expected, so it is left out.
  const [before] = gherkin.split(/^ *(?=Then )/m);
  return before.replace(/^( *)Scenario:/m, `$1@open-question\n${lines.map((line) => `$1# ${line}\n`).join('')}$1Scenario:`);
}


/** Shows what was played in a dialog; or, where nobody has answered yet, a question under its name. */
export async function openKeep({ name: called = 'as it was played', asked: isQuestion = false } = {}) {
  const inFile = location.protocol === 'file:';
  const title = newId('keep');
  const name = h('input', { type: 'text', id: newId('name'), value: called, autocomplete: 'off' });
  const remark = h('textarea', { rows: 2, id: newId('remark'), placeholder: 'what should happen instead, why, and who says so' });
  const forms = h('div', { class: 'forms' });
  const link = h('input', { type: 'text', readonly: true, id: newId('link') });
  const dialog = h('dialog', { 'aria-labelledby': title, class: 'keep', on: { close: () => dialog.remove() } },
    h('form', { method: 'dialog' },
      h('header', null, h('h2', { id: title }, isQuestion ? 'A question that nobody has answered yet' : 'Keep what was played'), h('button', { 'aria-label': 'Close', class: 'quiet' }, '×')),
      h('p', { class: 'field' }, h('label', { for: name.id }, 'Its name'), name),
      h('p', { class: 'field' }, h('label', { for: remark.id }, isQuestion ? 'Your answer' : 'It should be otherwise'), remark), forms,
      h('p', { class: 'field' }, h('label', { for: link.id }, inFile ? 'A link to it, on this computer' : 'A link to it, for this page'), link, copy(() => link.value))));
  document.body.append(dialog);
  dialog.showModal();
  link.value = `${location.href.split('#')[0]}${await toHash(story)}`;

  const question = () => asQuestion(`Feature: ${printable(story.model ?? '')}\n\n  Scenario: ${name.value}\n`, remark.value || 'nobody has answered yet');

  async function write() {
    try {
      const last = isQuestion ? null : await playedCommand();
      if (isQuestion) return fill(forms, h('pre', { tabindex: 0, 'aria-label': 'In words' }, question()), copy(question));
      if (!last) return fill(forms, h('p', null, 'No command of the alphabet leads to these events. Give a command, and it can be kept.'));
      const kept = await asked(story.model, 'scenario', { ...past(taleUntil(last.at)), command: raw(last.command), name: name.value || 'as it was played' });
      const differs = remark.value.trim() !== '';
      // Who expects something else writes to people: in words alone.
      const ways = differs ? [['In words (Gherkin): copy it into your answer', 'gherkin']] : WAYS;
      kept.gherkin = asQuestion(kept.gherkin, remark.value);
      fill(forms, ways.map(([said, way]) => h('details', { open: way === 'gherkin' }, h('summary', null, said),
        h('pre', { tabindex: 0, 'aria-label': said }, kept[way]), copy(() => kept[way]))));
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      fill(forms, h('p', { class: 'bad' }, text(wrong.message)));
    }
  }
  for (const field of [name, remark]) field.addEventListener('input', paused(200, write));
  await write();
}

function copy(of) {
  const node = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(of());
      node.textContent = 'Copied';
      say('copied');
    } catch {
      node.textContent = 'Select it and press Ctrl+C';
    }
    setTimeout(() => (node.textContent = 'Copy'), 2500);
  }, { class: 'small' });
  return node;
}
