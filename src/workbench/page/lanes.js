// The event model in swim lanes: slices in the order of time, drawn from the scenarios. A slice plays its first example.

import { button, byId, count, fill, h, say, text } from './dom.js';
import { asked, latest, Wrong } from './question.js';
import { rawList } from './json.js';
import { story, tell } from './story.js';

const LEADS = { command: 'command', view: 'view', automation: 'process manager' };

/** What an example says beside the title that stands above it: a key before it, and values after it. */
const values = (title, example) => {
  const [key, ...after] = example.split(title);
  return [key, after.join(title)].map((said) => said.replace(/^[,: ]+|[,: ]+$/g, '')).filter(Boolean).join(', ');
};

const note = (kind, title, more = '') => h('span', { class: `note of-${kind}` }, text(title, 'title'), more && text(more, 'more'));

/** The lanes of an event model, from the top down: `{name, of}`, with what of a slice is in it. */
function lanesOf({ slices }) {
  const sees = (slice) => (slice.kind === 'command' ? '' : ' seen');
  const parts = [...new Set(slices.flatMap((slice) => slice.events.map((event) => event.lane)))];
  const asks = (slice) => {
    const shown = slice.kind === 'view' ? note('view', slice.part, slice.examples[0]?.then[0]) : slice.kind === 'command' && slice.commands.length === 0 && note('view', slice.name);
    return [shown, slice.commands.map((one) => note(`command${sees(slice)}`, one.title, values(one.title, one.example)))];
  };
  const all = [
    { name: 'process managers', of: (slice) => slice.kind === 'automation' && note('process', slice.part) },
    { name: 'commands and views', of: asks },
    ...parts.map((part) => ({ name: part ?? 'events', of: (slice) => slice.events.filter((one) => one.lane === part).map((one) => note(`event${sees(slice)}`, one.title, values(one.title, one.example))) })),
    { name: 'refused', of: (slice) => slice.rejections.map((one) => h('span', { class: 'refusal' }, '✗ ', text(one.title))) },
    { name: 'open questions', of: (slice) => slice.questions.map((one) => note('question', one.scenario)) },
  ];
  const used = (lane) => slices.some((slice) => [lane.of(slice)].flat(2).some(Boolean));
  return all.filter(used);
}

/** What a slice is, for those who do not see where its notes stand. */
const said = ({ name, kind, examples, questions }) => h('span', { class: 'unseen' }, text(name), `: ${LEADS[kind]}, ${count(examples.length, 'example')}${questions.length > 0 ? `, ${count(questions.length, 'open question')}` : ''}; `);

export function lanesPlace({ only, states }) {
  const body = byId('lanes-body');
  const drawing = h('div', { class: 'lanes-scroll', tabindex: 0, role: 'group', 'aria-label': 'Event model' });
  const beside = h('div', null);
  const detail = h('div', { class: 'way' });
  fill(body, drawing, beside, detail);
  let model = null;
  let chosen = null;

  /** Plays what has happened before an example; its command is ready to be given. */
  async function play(slice, example, told) {
    const command = slice.kind === 'command' ? example.when[0] : undefined;
    const before = [...example.given, ...(command ? [] : example.when)].map((one) => one.json);
    try {
      if (before.includes(null)) throw new Wrong('its messages are no JSON');
      await asked(story.model, 'at', { history: rawList(before) });
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      fill(told, h('p', { class: 'soft' }, 'It cannot be played here: ', slice.part ? ['these are events of “', text(slice.part), '”, and a story takes those of the whole model'] : text(wrong.message), '.'));
      return;
    }
    fill(told);
    tell(before, { last: command ? { at: before.length, command: command.json } : null });
    only('');
    byId('phrase').value = command?.says ?? '';
    say(`${example.scenario}: what has happened before is played`);
  }

  const words = (all) => all.map((one, i) => [i > 0 && '; ', text(one.says ?? one)]);
  const line = (word, all) => all.length > 0 && h('p', null, h('span', { class: 'key' }, word, ' '), words(all));

  function exampleOf(slice, example, i, told) {
    const name = [text(example.scenario), example.steps > 1 && h('span', { class: 'soft' }, ` ${example.step} of ${example.steps}`)];
    return h('li', null,
      h('button', { type: 'button', class: 'line', data: { key: `example ${i}` }, on: { click: async () => { await play(slice, example, told); byId('phrase').focus(); } } }, name),
      h('div', { class: 'example' }, line('given', example.given), line('when', example.when), line('then', example.then)));
  }

  function show(slice) {
    const told = h('div', { role: 'status' });
    const fields = [...slice.commands, ...slice.events].filter((one) => one.fields.length > 0);
    fill(detail, h('h3', null, text(slice.name)), told,
      fields.length > 0 && h('p', { class: 'soft' }, fields.map((one, i) => [i > 0 && ' · ', text(one.title), ': ', one.fields.map(({ name, type }, n) => [n > 0 && ', ', name && [text(name), ' '], text(type)])])),
      slice.questions.length > 0 && h('ul', { class: 'lines' }, slice.questions.map((one, i) => exampleOf(slice, one, `question ${i}`, told))),
      h('ul', { class: 'lines' }, slice.examples.map((one, i) => exampleOf(slice, one, i, told))));
    return told;
  }

  function choice(slice, i) {
    chosen = i;
    drawing.querySelectorAll('.slice').forEach((one, n) => one.setAttribute('aria-pressed', String(n === i)));
    const told = show(slice);
    const first = slice.examples.find((example) => !example.refused) ?? slice.examples[0] ?? slice.questions[0];
    if (first) play(slice, first, told);
  }

  function draw() {
    const lanes = lanesOf(model);
    const cell = (lane, at, slice) => {
      const notes = [lane.of(slice)].flat(2).filter(Boolean);
      return h('span', { class: 'cell', style: { 'grid-row': String(at + 1) } }, notes.length > 0 && h('span', { class: 'unseen' }, text(lane.name), ': '), notes);
    };
    const slice = (one, i) => h('li', null, h('button', {
      type: 'button', class: 'slice', 'aria-pressed': String(chosen === i), data: { key: `slice ${i}` }, on: { click: () => choice(one, i) },
    }, said(one), lanes.map((lane, at) => cell(lane, at, one))));
    fill(drawing, h('div', { class: 'lanes', style: { 'grid-template-rows': `repeat(${lanes.length}, auto)` } },
      h('div', { class: 'names', 'aria-hidden': 'true' }, lanes.map(({ name }, at) => h('span', { class: 'cell', style: { 'grid-row': String(at + 1) } }, text(name)))),
      h('ol', null, model.slices.map(slice))));
    fill(beside, model.questions.length > 0 && [h('h3', null, 'Open questions'), h('ul', { class: 'lines' }, model.questions.map((one) => h('li', null, note('question', one))))]);
  }

  const load = latest(
    () => asked(story.model, 'lanes'),
    (found) => {
      model = found;
      if (found.slices.length === 0 && found.questions.length === 0) fill(drawing, h('p', { class: 'soft' }, 'The model has no scenarios yet: each becomes an example of a slice.'));
      else draw();
    },
    (wrong) => fill(drawing, h('p', { class: 'soft' }, text(wrong.message))),
  );

  /** The map shows either the states or the lanes. */
  const choices = ['States', 'Lanes'].map((name) => button(name, () => turn(name === 'Lanes'), { class: 'small', 'aria-pressed': String(name === 'States') }));
  fill(byId('map-shows'), choices);
  function turn(toLanes) {
    choices.forEach((one, i) => one.setAttribute('aria-pressed', String(toLanes === (i === 1))));
    byId('map-body').hidden = toLanes;
    byId('map-beside').hidden = toLanes;
    body.hidden = !toLanes;
    if (!toLanes) states();
    else if (model === null) load();
  }

  return {
    meet() {
      [model, chosen] = [null, null];
      fill(drawing, h('p', { class: 'soft' }, 'Reading the scenarios …'));
      fill(beside);
      fill(detail);
      if (!body.hidden) load();
    },
  };
}
