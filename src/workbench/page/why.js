// Why a command is answered as it is: the events on which it rests.

import { button, fill, h, text, listeners } from './dom.js';
import { without } from './desk.js';
import { asked, Wrong } from './question.js';
import { graphOf } from './map.js';
import { raw } from './json.js';
import { lookAt, past, story } from './story.js';

const found = listeners();
/** Calls back with the versions on which an answer rests; with none, when it is looked at no more. */
export const onGrounds = found.on;
export const noGrounds = () => found.call([], []);

/** The scenarios that say what comes of a command in a class of states, for a page without the rules of the model. */
async function saidBy(box, command, label) {
  const { edges } = await graphOf(story.model);
  const names = [...new Set(edges.filter((edge) => edge.from === label && edge.command === command.name).flatMap((edge) => edge.scenarios))];
  fill(box, names.length === 0 ? h('p', null, 'No scenario says what comes of it here. Is it right?')
    : [h('p', null, 'What scenarios say of it here:'), h('ul', null, names.slice(0, 8).map((name) => h('li', null, text(name))))]);
}

/** Asks for the grounds of a command's answer, and shows them in `box`. `label` is the class of the state. */
export async function explain(box, { json: command, ...said }, label) {
  const { model, version, history } = story;
  fill(box, h('p', { class: 'soft' }, 'Looking for the events that decide this …'));
  try {
    if (without.why) return void await saidBy(box, said, label);
    const { why, outcome } = await asked(model, 'ask', { ...past(story), version, command: raw(command) });
    if (story.version !== version || story.history !== history) return;
    if (outcome.panicked) return void fill(box, h('p', { class: 'bad' }, 'The model panicked: ', text(outcome.panicked.message)));
    if (!why) return void fill(box, h('p', null, 'The events that decide this were not found within the limits.'));
    found.call(why.enough, why.decisive);
    fill(box,
      h('p', null, version === 0 ? 'Nothing has happened yet, so this is how it is at the beginning.' : capital(why.says), why.says.endsWith('.') ? '' : '.'),
      why.enough.length > 0 && version > 0 && h('p', { class: 'row' }, why.enough.slice(0, 12).map((at) =>
        button(`event ${at}`, () => lookAt(at), { class: 'small', title: why.decisive.includes(at) ? 'without it, the answer is another' : null }))));
  } catch (wrong) {
    if (!(wrong instanceof Wrong)) throw wrong;
    fill(box, h('p', { class: 'bad' }, text(wrong.message)));
  }
}

const capital = (words) => (words ? words[0].toUpperCase() + words.slice(1) : '');
