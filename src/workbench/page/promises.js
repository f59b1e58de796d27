// Promises: scenarios, properties, laws and open questions, and where a new scenario is written.

import { button, byId, count, fill, h, newId, say, setText, text } from './dom.js';
import { without } from './desk.js';
import { asked, Wrong } from './question.js';
import { story, tell } from './story.js';
import { writer } from './write.js';
import { graphOf } from './map.js';
import { matrix } from './matrix.js';
import { chart } from './chart.js';
import { openKeep } from './keep.js';

const SIGNS = { Holds: ['✓', 'holds'], Fails: ['✗', 'fails'], Open: ['?', 'is an open question'] };
const sign = (verdict) => h('span', { class: `sign ${verdict.toLowerCase()}` }, h('span', { 'aria-hidden': 'true' }, SIGNS[verdict]?.[0] ?? '·'), h('span', { class: 'unseen' }, SIGNS[verdict]?.[1] ?? verdict, ': '));

/** Tabs: `{name, beside, panel}` each; left and right go from one to another. */
function tabs(box, list) {
  let at = 0;
  const buttons = list.map(({ name }, i) => h('button', { type: 'button', role: 'tab', id: newId('tab'), 'aria-controls': `panel-${name}`, on: { click: () => show(i) } }, name));
  const panels = list.map(({ name, panel }, i) => h('div', { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': buttons[i].id, tabindex: -1 }, panel));
  const bar = h('div', { role: 'tablist', 'aria-label': 'Promises', on: { keydown: (event) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: list.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show((to + list.length) % list.length);
    buttons[at].focus();
  } } }, buttons);
  function show(i) {
    at = i;
    buttons.forEach((one, n) => { one.setAttribute('aria-selected', String(n === i)); one.tabIndex = n === i ? 0 : -1; });
    panels.forEach((one, n) => (one.hidden = n !== i));
    list[i].opened?.();
  }
  fill(box, bar, panels);
  show(0);
  return { show, label: (i, beside) => fill(buttons[i], list[i].name, beside !== undefined && h('span', { class: 'soft' }, ` ${beside}`)) };
}

/** For so long, in milliseconds, properties are looked at before somebody asks. */
const UNASKED = 3000;

/** `only` narrows the commands, `next` says that a scenario goes on with the command that is ready. */
export function promisesPlace({ only, next }) {
  const scenarios = h('div', null);
  const properties = h('div', null);
  const everything = h('div', null);
  const write = writer();
  const cover = matrix({
    begin(history, command) {
      tell(history);
      only(command);
      byId('phrase').focus();
    },
    play: (name) => playScenario(about.scenarios.find((one) => one.name === name)),
  });
  let about = null;
  const bar = tabs(byId('promises-body'), [
    { name: 'Scenarios', panel: scenarios },
    { name: 'Properties', panel: properties },
    // Where texts cannot be judged, none is asked for.
    ...(without.texts ? [] : [{ name: 'Write', panel: write.node }]),
    { name: 'Coverage', panel: cover.node, opened: () => cover.opened() },
    { name: 'Check', panel: everything },
  ]);

  /** A scenario is played up to its commands; the first of them is ready to be given. */
  function playScenario(one) {
    if (one.verdict === 'Open' && one.given.length === 0 && one.commands.length === 0) return openKeep({ name: one.name, asked: true });
    tell(one.given, { last: one.commands.length ? { at: one.given.length, command: one.commands[0].json } : null });
    only('');
    const phrase = byId('phrase');
    phrase.value = one.commands[0]?.says ?? '';
    phrase.focus();
    say(`${one.name}: its beginning is played`);
    next(one.name);
  }

  const scenario = (one, i) => h('li', null,
    h('button', { type: 'button', class: 'line', data: { key: `scenario ${i}` }, on: { click: () => playScenario(one) } },
      sign(one.verdict), text(one.name), one.labels.map((label) => h('span', { class: 'tag' }, text(`@${label}`)))),
    one.story && one.verdict !== 'Open' && h('details', null, h('summary', null, 'what went wrong'), h('pre', null, one.story)));

  function showScenarios() {
    const list = about.scenarios.map((one, i) => [one, i]);
    const groups = [['fail', 'Fails'], ['are open questions', 'Open'], ['hold', 'Holds']];
    fill(scenarios, about.scenarios.length === 0 && h('p', { class: 'soft' }, 'The model has no scenarios yet. Play one, and keep it; or write one.'),
      groups.map(([what, verdict]) => {
        const of = list.filter(([one]) => one.verdict === verdict);
        return of.length > 0 && [h('h3', null, `${of.length} ${of.length === 1 ? what.replace(/^are open questions$/, 'is an open question').replace(/^fail$/, 'fails').replace(/^hold$/, 'holds') : what}`), h('ul', { class: 'lines' }, of.map(([one, i]) => scenario(one, i)))];
      }));
  }

  /** What was found of each property: whether it is kept, or null. */
  let kept = new Map();
  /** What the properties say of the state that is looked at. */
  let here = new Map();
  let rows = new Map();

  const HERE = { broken: 'broken here', shown: 'shown here', panicked: 'it panics here' };

  /** The signs of the properties, and what all promises come to. */
  function showKept() {
    for (const [name, { mark, beside }] of rows) {
      const is = kept.get(name) ?? null;
      mark.className = `sign ${is === null ? '' : is ? 'holds' : 'fails'}`;
      fill(mark, h('span', { 'aria-hidden': 'true' }, is === null ? '∀' : is ? '✓' : '✗'), h('span', { class: 'unseen' }, is === null ? 'not looked at: ' : is ? 'holds: ' : 'is broken: '));
      fill(beside, HERE[here.get(name)] ?? '');
    }
    const failing = about.scenarios.filter((one) => one.verdict === 'Fails').length;
    const open = about.scenarios.filter((one) => one.verdict === 'Open').length;
    const broken = [...kept.values()].filter((one) => one === false).length;
    const holding = about.scenarios.length - failing - open;
    const box = byId('verdict');
    box.dataset.kind = failing || broken ? 'bad' : 'good';
    const parts = [failing > 0 ? count(failing, 'scenario fails', 'scenarios fail') : holding > 0 && (broken > 0 ? count(holding, 'scenario holds', 'scenarios hold') : 'every scenario holds'),
      broken > 0 && count(broken, 'property is broken', 'properties are broken'), open > 0 && count(open, 'open question')];
    setText(box, parts.filter(Boolean).join(' · '));
    box.onclick = () => {
      bar.show(failing === 0 && broken > 0 ? 1 : 0);
      byId('promises-title').scrollIntoView({ block: 'start' });
      byId('promises-title').focus({ preventScroll: true });
    };
  }

  async function seek(name, box) {
    fill(box, h('p', { class: 'soft' }, 'Visiting states …'));
    try {
      const found = await asked(story.model, 'find', { property: name });
      const steps = found.story ?? [];
      kept.set(name, found.kept);
      showKept();
      say(`${name}: ${found.says}`);
      fill(box, h('p', { class: found.kept === false || found.verdict === 'panicked' ? 'bad' : null }, text(found.says), ` (${count(found.states, 'state')})`),
        found.story && [found.chart && chart(found.chart), h('ol', { class: 'story' }, steps.map(({ command, outcome }) => h('li', null, text(command.says), outcome.refused && [': ✗ ', text(outcome.refused.rejection.says)], outcome.panicked && [': the model panics']))),
          h('p', { class: 'row' }, button('Play it step by step', () => tell(found.history, { version: 0 }), { class: 'main' }), button('Go to its end', () => tell(found.history)))]);
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      fill(box, h('p', { class: 'bad' }, text(wrong.message)));
    }
  }

  /**
   * Looks at the properties one after another, as far as that is quick: what is broken is seen before somebody asks. A model that has not been visited as a
   * whole is left alone.
   */
  async function lookAhead() {
    const { model } = story;
    const looked = kept;
    const graph = await graphOf(model).catch(() => null);
    if (!graph?.whole || looked !== kept) return;
    const began = performance.now();
    for (const name of about.properties) {
      if (looked.has(name)) continue;
      const found = await asked(model, 'find', { property: name }).catch(() => null);
      // It was stopped, or cannot be answered.
      if (found === null) return;
      // Somebody looks at another model meanwhile, or at this one again.
      if (looked !== kept) return;
      kept.set(name, found.kept);
      showKept();
      if (performance.now() - began > UNASKED) return;
    }
  }

  function showProperties() {
    rows = new Map();
    const property = (name, i) => {
      const box = h('div', { class: 'found', role: 'status' });
      const [mark, beside] = [h('span', null), h('span', { class: 'tag' })];
      rows.set(name, { mark, beside });
      return h('li', null, h('button', { type: 'button', class: 'line', data: { key: `property ${i}` }, on: { click: () => seek(name, box) } }, mark, text(name), beside), box);
    };
    fill(properties,
      h('h3', null, count(about.properties.length, 'property', 'properties')),
      about.properties.length ? h('ul', { class: 'lines' }, about.properties.map(property)) : h('p', { class: 'soft' }, 'The model declares none.'),
      about.laws.length > 0 && [h('h3', null, count(about.laws.length, 'law')), h('ul', { class: 'lines' }, about.laws.map((name) => h('li', { class: 'law' }, text(name)))), h('p', { class: 'soft' }, 'Laws are held on random walks: see Check.')]);
    showKept();
  }

  async function check() {
    const model = story.model;
    fill(everything, h('p', { class: 'soft', role: 'status' }, 'Checking everything that the model declares …'));
    try {
      const report = await asked(model, 'check');
      if (model !== story.model) return;
      fill(everything, button('Check again', check, { class: 'small' }), report.ended && h('p', { class: 'bad' }, text(report.ended)), report.sections.map((section) => [
        h('h3', null, text(section.title), h('span', { class: 'soft' }, ' ', text(section.summary))),
        h('ul', { class: 'lines' }, section.findings.slice(0, 500).map((one) => h('li', null, h('div', { class: 'line' }, sign(one.verdict), one.part && [text(one.part), ': '], text(one.name)),
          one.story && h('details', { open: one.verdict === 'Fails' }, h('summary', null, 'the story'), h('pre', null, one.story))))),
        section.notes.map((note) => h('p', { class: 'soft' }, text(note)))]));
      const fails = report.sections.flatMap((section) => section.findings).filter((one) => one.verdict === 'Fails').length;
      say(fails ? count(fails, 'check fails', 'checks fail') : report.ended ?? 'everything holds');
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      fill(everything, button('Check again', check, { class: 'small' }), h('p', { class: 'bad' }, text(wrong.message)));
    }
  }

  return {
    meet(found) {
      about = found;
      [kept, here] = [new Map(), new Map()];
      showScenarios();
      showProperties();
      fill(everything, h('p', null, 'Scenarios, properties in every state, laws on random walks, coverage: what `cargo test` checks.'), button('Check everything', check, { class: 'main' }));
      bar.label(0, about.scenarios.length);
      bar.label(1, about.properties.length + about.laws.length);
      write.meet(about);
      cover.meet(about);
      lookAhead();
      const open = about.scenarios.filter((one) => one.verdict === 'Open').length;
      byId('promises-beside').textContent = open ? count(open, 'open question') : '';
    },
    here(at) {
      cover.here(at);
      here = new Map((at.properties ?? []).map((one) => [one.name, one.here]));
      showKept();
    },
  };
}
