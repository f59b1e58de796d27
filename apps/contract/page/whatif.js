// What if: an event is left out, or another takes its place, and the rest is decided again. Nothing of it is recorded.

import { h, fill, newId, setText } from './dom.js';
import { ask, NoAnswer } from './desk.js';
import { t, has, counted } from './words.js';
import { box, chip, say } from './parts.js';
import { plainNumber } from './json.js';
import { cap } from './form.js';
import './words-office.js';

/** How another story ends, and how many of the later events would not have happened. `was` is how it stands. */
export function endsOf(story, was) {
  const lost = story.decisions.filter((one) => one.version > story.version && one.verdict === 'rejected').length;
  return h('div', null,
    h('p', null, t('what-if.ends'), ' ', chip(story.stage, story.stage_said), ' ',
      was.stage === story.stage ? t('what-if.same') : [t('what-if.ends-not'), ' ', chip(was.stage, was.stage_said)]),
    h('p', { class: 'tiny' }, lost === 0 ? t('what-if.lost.0') : counted('what-if.lost', lost)));
}

/** What was filled in for an event: its fields, as texts. */
function fieldsOf(event) {
  const fields = typeof event === 'string' ? {} : Object.values(event ?? {})[0];
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainNumber(value)]));
}

/** The question about one version of a history, which ended as `was`. `changed(story)` gets the other story, or null where it is as it was. */
export function whatIf({ history, was, changed }) {
  const about = h('p', { class: 'soft' });
  const choices = h('fieldset', null, h('legend', { class: 'unseen' }, t('what-if.title')));
  const fields = h('div', { class: 'fields' });
  const ends = h('div', { class: 'slot ends' });
  const group = newId('what-if');
  let version = 0;
  let said = '';
  let kind = '';
  let way = '';
  let answers = {};
  let shape = '';
  let heard = '';
  let widgets = new Map();
  let turn = 0;

  const pick = (value) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name: group, value, checked: value === kind, on: { change: () => { kind = value; shape = ''; judge(); } } }),
    h('span', null, t(`what-if.${value || 'as-it-was'}`)));

  /** Asks about another version; what was asked before is forgotten. */
  function move(to, what) {
    if (to === version) return;
    version = to;
    said = what;
    kind = way = shape = '';
    answers = fieldsOf(history[to - 1]);
    turn++;
    show();
    changed(null);
  }

  function show() {
    setText(about, version === 0 ? t('what-if.pick') : t('what-if.about', { v: version, said }));
    fill(choices, h('legend', { class: 'unseen' }, t('what-if.title')), version > 0 && ['', 'without', 'instead'].map(pick));
    fill(fields);
    fill(ends);
  }

  async function judge() {
    const mine = ++turn;
    let question = { ask: 'what_if', history, without: version };
    try {
      if (kind === 'instead') {
        const command = await instead();
        if (mine !== turn) return;
        question = command && { ask: 'what_if', history, replace: version, with: command };
      } else {
        shape = '';
        fill(fields);
      }
      const story = kind === '' || question === null ? null : await ask(question);
      if (mine !== turn) return;
      changed(story && { ...story, version });
      if (story) {
        const said = endsOf({ ...story, version }, was);
        fill(ends, box('waits', said));
        if (said.textContent !== heard) say((heard = said.textContent));
      } else if (kind === '') fill(ends);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      fill(ends, box('bad', h('p', null, cap(error.message))));
      changed(null);
    }
  }

  /** The command that takes the place of the event, from the fields of the step that was open then. */
  async function instead() {
    const before = history.slice(0, version - 1);
    const judged = async (draft) => (await ask({ ask: 'steps', history: before, drafts: [draft] })).steps.find(({ standing }) => standing === 'open');
    const only = (names) => Object.fromEntries(names.filter((name) => (answers[name] ?? '') !== '').map((name) => [name, answers[name]]));
    // A field may call for another: a rejection for its reason. So it is asked until all of them are there.
    let step = await judged(way ? only([way]) : {});
    for (let asked = 0; step && !way && step.fields.length > asked;) {
      asked = step.fields.length;
      step = await judged(only(step.fields.filter(({ instead }) => !instead).map(({ name }) => name)));
    }
    if (!step) {
      fill(fields, h('p', null, t('form.ended')));
      return null;
    }
    const other = step.fields.filter((field) => field.instead);
    const main = step.fields.filter((field) => !field.instead && !field.strange);
    if (!way && main.length === 0 && other.length > 0) {
      way = other[0].name;
      return instead();
    }
    const shown = way ? other.filter(({ name }) => name === way) : main;
    draw(step, main, other, shown);
    const problem = step.command_json ? null : step.outcome?.problem;
    if (problem) {
      fill(ends, h('p', { class: 'soft' }, t('what-if.not-yet', { why: problem })));
      changed(null);
    }
    return step.command_json ?? null;
  }

  function draw(step, main, other, shown) {
    const now = [step.step, way, ...shown.map(({ name }) => name)].join('/');
    if (now !== shape) {
      shape = now;
      const focused = document.activeElement?.name;
      widgets = new Map(shown.map((field) => [field.name, widget(field)]));
      const options = [...(main.length ? [['', cap(step.title)]] : []), ...other.map(({ name, label }) => [name, has(`what-if.${name}`) ? t(`what-if.${name}`) : label])];
      const id = newId('which');
      const which = h('select', { id, name: 'which', on: { change: () => { way = which.value; judge(); } } }, options.map(([value, text]) => h('option', { value }, text)));
      which.value = way;
      fill(fields, h('div', { class: 'field' }, h('label', { for: id }, t('what-if.which')), which), [...widgets.values()].map(({ node }) => node));
      if (focused) fields.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
    }
    for (const field of shown) widgets.get(field.name).update(field);
  }

  function widget(field) {
    const [id, problemId] = [newId(field.name), newId('problem')];
    const typed = { change: () => { answers[field.name] = node.value; judge(); } };
    const props = { id, name: field.name, 'aria-describedby': problemId };
    const node = field.type === 'choice'
      ? h('select', { ...props, on: typed }, h('option', { value: '' }, ''), field.of.map(({ value, said: text }) => h('option', { value }, text)))
      : h('input', {
        ...props, type: field.type === 'date' ? 'date' : 'text', inputmode: field.type === 'whole-number' ? 'numeric' : null,
        autocomplete: 'off', on: { input: typed.change },
      });
    node.value = answers[field.name] ?? '';
    const problem = h('p', { class: 'problem', id: problemId });
    const label = has(`what-if.label.${field.name}`) && field.instead ? t(`what-if.label.${field.name}`) : field.label;
    return {
      node: h('div', { class: 'field' }, h('label', { for: id }, label), node, problem),
      update: ({ problem: wrong }) => setText(problem, wrong && (answers[field.name] ?? '') !== '' ? cap(wrong) : ''),
    };
  }

  show();
  return {
    node: h('details', { class: 'what-if', open: matchMedia('(min-width: 60rem)').matches },
      h('summary', null, t('what-if.title')),
      h('div', null, h('p', { class: 'soft tiny' }, t('what-if.text')), about, choices, fields, ends)),
    move,
    back: () => { const to = version; version = -1; move(to, said); },
  };
}
