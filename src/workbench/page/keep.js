// What was played, to keep: as a scenario in Rust, Gherkin and Markdown, and as a link.

import { button, fill, h, newId, say, text } from './dom.js';
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

const WAYS = [['Rust', 'rust'], ['Gherkin', 'gherkin'], ['Markdown', 'markdown']];

/** Shows what was played in a dialog. */
export async function openKeep() {
  const title = newId('keep');
  const name = h('input', { type: 'text', id: newId('name'), value: 'as it was played', autocomplete: 'off' });
  const forms = h('div', { class: 'forms' });
  const link = h('input', { type: 'text', readonly: true, id: newId('link') });
  const dialog = h('dialog', { 'aria-labelledby': title, class: 'keep', on: { close: () => dialog.remove() } },
    h('form', { method: 'dialog' },
      h('header', null, h('h2', { id: title }, 'Keep what was played'), h('button', { 'aria-label': 'Close', class: 'quiet' }, '×')),
      h('p', { class: 'field' }, h('label', { for: name.id }, 'Its name'), name), forms,
      h('p', { class: 'field' }, h('label', { for: link.id }, 'A link to it, for this page'), link, copy(() => link.value))));
  document.body.append(dialog);
  dialog.showModal();
  link.value = `${location.href.split('#')[0]}${await toHash(story)}`;

  async function write() {
    try {
      const last = await playedCommand();
      if (!last) return fill(forms, h('p', null, 'No command of the alphabet leads to these events. Give a command, and it can be kept.'));
      const kept = await asked(story.model, 'scenario', { ...past(taleUntil(last.at)), command: raw(last.command), name: name.value || 'as it was played' });
      fill(forms, WAYS.map(([said, way]) => h('details', { open: way === 'rust' }, h('summary', null, said),
        h('pre', { tabindex: 0, 'aria-label': said }, kept[way]), copy(() => kept[way]))));
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      fill(forms, h('p', { class: 'bad' }, text(wrong.message)));
    }
  }
  name.addEventListener('change', write);
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
