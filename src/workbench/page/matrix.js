// Coverage: every command in every class of states. An empty cell is what no scenario says; a click begins one there.

import { button, fill, h, printable, say, text } from './dom.js';
import { asked, Wrong } from './question.js';
import { story } from './story.js';
import { graphOf } from './map.js';

/** More classes than this are too many for a table. */
const MANY = 60;

export function matrix({ begin, play }) {
  const node = h('div', { class: 'matrix' });
  const said = h('div', { class: 'said', role: 'status' });
  let about = null;
  let label = null;
  let opened = false;

  /** The cells: class, command, and what scenarios say of it. */
  async function cells() {
    const found = new Map();
    const cell = (state, command) => {
      const key = JSON.stringify([state, command]);
      if (!found.has(key)) found.set(key, { scenarios: new Set(), happens: new Set(), tried: false });
      return found.get(key);
    };
    let states = [];
    try {
      const graph = await graphOf(story.model);
      states = graph.states;
      for (const edge of graph.edges) {
        const of = cell(edge.from, edge.command);
        of.tried = true;
        of.happens.add(edge.came.Refused !== undefined ? `✗ ${edge.came.Refused}` : edge.came.Happened ? edge.came.Happened.join(', ') : 'nothing');
        for (const name of edge.scenarios) of.scenarios.add(name);
      }
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      for (const { state, command, reached } of about.coverage?.cells ?? []) {
        if (!states.includes(state)) states.push(state);
        const of = cell(state, command);
        for (const { outcome, times } of reached) {
          of.scenarios.add(`${outcome} (${times})`);
          of.tried = true;
        }
      }
    }
    return { states, cell };
  }

  /** The scenarios of a cell, each to be played. */
  function list(state, command, names) {
    fill(said, h('h3', null, text(state), ', ', text(command.split('.').pop())),
      h('ul', { class: 'lines' }, [...names].map((name) => h('li', null, about.scenarios.some((one) => one.name === name)
        ? button(text(name), () => play(name), { class: 'line' }) : h('div', { class: 'line' }, text(name))))));
    say(`${names.size} scenarios say what comes of it`);
  }

  async function start(state, command) {
    try {
      const found = await asked(story.model, 'find', { class: state });
      if (found.verdict !== 'found') return say(found.says);
      begin(found.history, command);
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      say(wrong.message);
    }
  }

  async function show() {
    const model = story.model;
    const { states, cell } = await cells();
    if (model !== story.model) return;
    const names = about.commands.names;
    const rows = states.slice(0, MANY);
    const all = rows.flatMap((state) => names.map((name) => cell(state, name)));
    const told = all.filter((one) => one.scenarios.size > 0).length;
    fill(node, h('p', null, all.length === 0 ? 'There is nothing to cover: the model shows no commands.' : `Scenarios say what comes of ${told} of ${all.length} pairs of a class of states and a command. A number lists them, an empty one begins a scenario.`),
      states.length > MANY && h('p', { class: 'soft' }, `The first ${MANY} of ${states.length} classes are shown.`),
      all.length > 0 && h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Coverage' }, h('table', { class: names.length > 5 ? 'upright' : null },
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, h('span', { class: 'unseen' }, 'Class')), names.map((name) => h('th', { scope: 'col' }, text(name.split('.').pop()))))),
        h('tbody', null, rows.map((state) => h('tr', { class: state === label ? 'here' : null }, h('th', { scope: 'row' }, text(state)), names.map((name) => {
          const { scenarios, happens, tried } = cell(state, name);
          const full = scenarios.size > 0;
          const says = full ? [...scenarios].slice(0, 6).join('; ') : `no scenario: ${[...happens].join(', ') || 'not tried'}`;
          return h('td', null, h('button', { type: 'button', class: full ? 'full' : tried ? 'empty' : 'untried', title: printable(says), 'aria-label': printable(`${state}, ${name}: ${full ? `${scenarios.size} said` : 'no scenario'}`),
            data: { key: `cell ${state} ${name}` }, on: { click: () => (full ? list(state, name, scenarios) : start(state, name)) } }, full ? scenarios.size : tried ? '+' : '·'));
        })))))), said);
  }

  return {
    node,
    meet(found) {
      about = found;
      fill(said);
      fill(node, h('p', { class: 'soft' }, 'Visiting every state …'));
      if (opened) show();
    },
    here(at) {
      const moved = at.label !== label;
      label = at.label;
      if (opened && moved) show();
    },
    opened() {
      opened = true;
      if (about) show();
    },
  };
}
