// Two models of one desk side by side: every kind of difference, played on either side.

import { byId, button, count, fill, h, newId, printable, text } from './dom.js';
import { asked, latest } from './question.js';
import { story, switchTo } from './story.js';

const answered = ({ accepted, refused, panicked }) => (panicked ? ['the model panics: ', text(panicked.message)]
  : refused ? ['✗ ', text(refused.rejection.says)]
    : accepted.events.length === 0 ? 'nothing happens' : accepted.events.map((event, i) => [i > 0 && '; ', text(event.says)]));

function openComparison(here, there) {
  const title = newId('compare');
  const found = h('div', { class: 'compared', role: 'status' }, h('p', { class: 'soft' }, 'Exploring both …'));
  const dialog = h('dialog', { class: 'wide', 'aria-labelledby': title, on: { close: () => dialog.remove() } },
    h('form', { method: 'dialog' }, h('header', null, h('h2', { id: title }, text(here), ' beside ', text(there)), h('button', { 'aria-label': 'Close', class: 'quiet' }, '×'))), found);
  const row = ({ command, field, times, story: told, history, answers }) => {
    const last = { at: history.length, command: told.at(-1).json };
    const side = (name, answer) => h('p', { class: 'side' }, text(name, 'key'), ': ', answered(answer), ' ',
      button('Play it', () => { dialog.close(); switchTo(name, history, last); }, { class: 'small', 'aria-label': `Play it in ${name}` }));
    return h('li', null, h('h3', null, text(command), field && [' · ', text(field)], h('span', { class: 'soft' }, ` in ${count(times, 'step')}`)),
      h('p', null, told.map((one, i) => [i > 0 && ', ', text(one.says)])), side(here, answers[0]), side(there, answers[1]));
  };
  document.body.append(dialog);
  dialog.showModal();
  latest(
    () => asked(here, 'compare', { with: there }),
    ({ same, says, differences, more }) => fill(found,
      h('p', null, same ? 'Both answer alike.' : differences.length === 0 ? 'No difference was found.' : `${count(differences.length + more, 'kind of difference', 'kinds of differences')}.`, ' ', h('span', { class: 'soft' }, text(says.join('; ')), '.')),
      h('ul', { class: 'differences' }, differences.map(row)), more > 0 && h('p', { class: 'soft' }, `${more.toLocaleString('en')} more kinds are not shown.`)),
    (wrong) => fill(found, h('p', { class: 'bad' }, text(wrong.message))),
  )();
}

/** Fills the chooser of the other model. */
export function comparePlace(names) {
  const select = byId('others');
  byId('beside').hidden = names.length < 2;
  const options = () => fill(select, h('option', { value: '' }, 'compare with …'), names.map((name, i) => name !== story.model && h('option', { value: i }, printable(name))));
  select.addEventListener('change', () => {
    const other = names[select.value];
    select.value = '';
    if (other !== undefined) openComparison(story.model, other);
  });
  return { meet: options };
}
