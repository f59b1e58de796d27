// The desk of a page in a file: it answers from the tables of an explored model, which are in the file, and needs no program.

import { byId } from './dom.js';
import { compact, elements, fields } from './json.js';

/** What this desk cannot do, each with a sentence that says so. */
export const without = {
  texts: 'This file holds the answers of the model, not its rules: a text is judged by the program that wrote the file.',
  why: 'This file holds the answers of the model, not its rules: the events that decide this are found by the program that wrote the file.',
};
/** The tables are always here, and stay as they are. */
export const onConnection = () => {};
export const onRebuilt = () => {};
export const watch = () => {};

const EDGE = 'The exploration ended here: what some of these commands lead to is not in this file.';
const MOST_VERSIONS = 100;

const tables = JSON.parse(byId('tables').textContent);
const numbered = (messages) => new Map(messages.map(({ json }, i) => [json, i]));
const [commandOf, eventOf] = [numbered(tables.commands), numbered(tables.events)];
/** By phrase: the first command that is said so. */
const phraseOf = new Map(tables.commands.map(({ says }, i) => [says, i]).reverse());
const stepsOf = tables.nodes.map(({ steps }) => new Map(steps.map(([event, ...step]) => [event, step])));

/** A question that is not answered, and why. */
class Refused extends Error {}

const said = ({ json, says, name }) => ({ json, says, name });
const labelOf = (node) => tables.labels[tables.nodes[node].label];

/** The question in the words of the protocol, with its events still texts. */
function read(question) {
  let asked;
  try {
    asked = fields(question);
  } catch (wrong) {
    throw new Refused(`this is no question: ${wrong.message}`);
  }
  const model = asked.get('model');
  if (model !== undefined && JSON.parse(model) !== tables.name) throw new Refused(`there is no model \`${JSON.parse(model)}\`; there is \`${tables.name}\``);
  asked.delete('model');
  const [name, more] = [...asked.keys()];
  if (name === undefined) throw new Refused(`nothing is asked: a question is one of ${Object.keys(ANSWERS).join(', ')}`);
  if (more !== undefined) throw new Refused(`\`${name}\` and \`${more}\` are two questions: ask one at a time`);
  if (!Object.hasOwn(ANSWERS, name)) throw new Refused(`this is no question: \`${name}\``);
  const content = fields(asked.get(name));
  const value = (field) => (content.has(field) ? JSON.parse(content.get(field)) : null);
  return { name, value, history: content.has('history') ? elements(content.get('history')).map(compact) : [], command: content.has('command') ? compact(content.get('command')) : null };
}

/** The node after each event of a history, up to a version; `{node, event, changed}`, the first without an event. */
function followed(history, version) {
  const end = version ?? history.length;
  if (end > history.length) throw new Refused(`there is no version ${end}: the history has ${history.length} ${history.length === 1 ? 'event' : 'events'}`);
  const versions = [{ node: 0, event: null, changed: [] }];
  for (let at = 0; at < end; at++) {
    const event = eventOf.get(history[at]);
    if (event === undefined) throw new Refused(`event ${at + 1} of the history is none that was explored, and this file holds nothing else`);
    const step = stepsOf[versions[at].node].get(event);
    if (!step) throw new Refused(`event ${at + 1} of the history leads out of this file: the exploration did not go there`);
    versions.push({ node: step[0], event, changed: tables.changes[step[1]] });
  }
  return versions;
}

const isWithin = (outer, inner) => outer === '.' || inner === outer || inner.startsWith(`${outer}.`);
const touches = (path, changed) => changed.some((change) => isWithin(path, change.path) || isWithin(change.path, path));

function stateOf(node, changed) {
  const { rows, more } = tables.nodes[node];
  return { rows: rows.map((row) => {
    const [depth, key, path, text] = tables.rows[row];
    return { depth, key, path, text, changed: touches(path, changed) };
  }), more };
}

function outcomeOf(outcome, label) {
  const { accepted, refused, panicked } = tables.outcomes[outcome];
  if (accepted) return { accepted: { events: accepted.events.map((event) => said(tables.events[event])), is_refusal: accepted.is_refusal, label: tables.labels[label] } };
  if (refused) return { refused: { rejection: said(tables.rejections[refused.rejection]) } };
  return { panicked };
}

const tried = ([command, outcome, label]) => ({ command: said(tables.commands[command]), outcome: outcomeOf(outcome, label) });
const oneVersion = ({ node, event, changed }, version) => ({ version, label: labelOf(node), event: event === null ? null : said(tables.events[event]), changed });

/** The node after these events; nothing if it is not in the tables. */
function after(node, events) {
  for (const event of events) {
    const step = stepsOf[node].get(event);
    if (!step) return null;
    [node] = step;
  }
  return node;
}

/** The command of a question, as it was tried in a node. */
function commandIn(node, { command, value }) {
  const phrase = value('phrase');
  if ((command === null) === (phrase === null)) throw new Refused('which command is asked? Give it as JSON in `command`, or in words in `phrase`');
  const number = command === null ? phraseOf.get(phrase.trim()) : commandOf.get(command);
  if (number === undefined) throw new Refused(`${command === null ? 'nothing that was tried is said so' : 'this command was not tried'}: this file knows the commands that are listed, and those of scenarios`);
  const { commands, asked } = tables.nodes[node];
  const found = [...commands, ...asked].find(([known]) => known === number);
  if (!found) throw new Refused(`"${tables.commands[number].says}" was not tried here: this file knows the commands that are listed, and those of scenarios`);
  return found;
}

function at({ history, value }) {
  const versions = followed(history, value('version'));
  const { node, event, changed } = versions.at(-1);
  const { ended, commands, promises, edge } = tables.nodes[node];
  return {
    version: versions.length - 1, of: history.length, label: labelOf(node), ended, event: event === null ? null : said(tables.events[event]), changed,
    state: stateOf(node, changed), commands: commands.map(tried), properties: tables.promises[promises].length > 0 ? tables.promises[promises] : undefined, edge: edge ? EDGE : null,
  };
}

function askCommand(question) {
  const { node } = followed(question.history, question.value('version')).at(-1);
  const found = commandIn(node, question);
  const [, outcome, , all] = found;
  const { events = [] } = tables.outcomes[outcome].accepted ?? {};
  const changed = all !== null ? tables.changes[all] : events.length === 1 ? tables.changes[stepsOf[node].get(events[0])?.[1]] ?? [] : [];
  const next = after(node, events);
  return { ...tried(found), changed, state: next === null ? { rows: [], more: 0 } : stateOf(next, changed), why: null };
}

function timeline({ history, value }) {
  const from = value('from') ?? 0;
  const end = Math.min(from + Math.min(value('count') ?? MOST_VERSIONS, MOST_VERSIONS), history.length + 1);
  const versions = followed(history, Math.max(0, end - 1));
  return { of: history.length, versions: versions.map(oneVersion).slice(from) };
}

const rowAt = (node, path) => tables.nodes[node].rows.map((row) => tables.rows[row]).find((row) => row[2] === path);

/** The last event that changed what is at a path, or below it. */
function blame({ history, value }) {
  const path = value('path');
  const versions = followed(history, value('version'));
  if (!versions.some(({ node }) => rowAt(node, path))) throw new Refused(`there is nothing at ${path} in any version`);
  for (let version = versions.length - 1; version > 0; version--) {
    const [before, now] = [rowAt(versions[version - 1].node, path), rowAt(versions[version].node, path)];
    const within = versions[version].changed.filter((change) => isWithin(path, change.path));
    const [old, next] = [before?.[3], now?.[3]];
    if (within.length === 0 && old === next) continue;
    return { path, by: { ...oneVersion(versions[version], version), changed: within.length > 0 ? within : [{ path, old, new: next }] } };
  }
  return { path, by: null };
}

function find({ history, value }) {
  const [property, label] = [value('property'), value('class')];
  if ((property === null) === (label === null)) throw new Refused('what is sought? A `property` of the model by its name, or a `class` of states');
  if (property !== null) {
    const found = tables.about.properties.indexOf(property);
    if (found < 0) throw new Refused(`the model has no property "${property}"; it has: ${tables.about.properties.join(', ')}`);
    if (history.length > 0) throw new Refused('this file says of a property what is found from the beginning');
    return tables.properties[found];
  }
  const first = followed(history).at(-1).node;
  const from = new Map([[first, null]]);
  let found = labelOf(first) === label ? first : null;
  for (const node of from.keys()) {
    if (found !== null) break;
    for (const row of tables.nodes[node].commands) {
      const next = after(node, tables.outcomes[row[1]].accepted?.events ?? []);
      if (next === null || from.has(next)) continue;
      from.set(next, { node, row });
      if (found === null && labelOf(next) === label) found = next;
    }
  }
  const base = { sought: label, kept: null, states: from.size, chart: null };
  if (found === null) {
    return { ...base, story: null, history: [], ...(![...from.keys()].some((node) => tables.nodes[node].edge) ? { verdict: 'never', says: 'no state that can be reached is of this class: all of them were visited' }
      : { verdict: 'not_found', says: 'not found: not every state was visited' }) };
  }
  const rows = [];
  for (let way = from.get(found); way; way = from.get(way.node)) rows.unshift(way.row);
  const events = rows.flatMap(([, outcome]) => tables.outcomes[outcome].accepted.events.map((event) => tables.events[event].json));
  return { ...base, verdict: 'found', says: 'this is a shortest story to it', story: rows.map(tried), history: [...history, ...events] };
}

/** A text in Rust. */
const quoted = (words) => JSON.stringify(words).replace(/\\u([0-9a-f]{4})/g, '\\u{$1}').replace(/\\[bf]/g, (c) => (c === '\\b' ? '\\u{8}' : '\\u{c}'));
/** A text that somebody has written, in Markdown. */
const inMarkdown = (words) => words.replace(/&/g, '&amp;').replace(/[*_`<[\]#\\|~]/g, '\\$&').replace(/^[-+>=]/, '\\$&').replace(/^(\d+)([.)])/, '$1\\$2');

/** What was played, to keep: as the program writes it. */
function scenario(question) {
  const versions = followed(question.history, question.value('version'));
  const [command, outcome] = commandIn(versions.at(-1).node, question);
  const name = (question.value('name') ?? 'as it was played').replace(/\s+/g, ' ').trim();
  const { accepted, refused } = tables.outcomes[outcome];
  if (!accepted && !refused) throw new Refused('the model panics at this command, so there is no answer to keep');
  const given = versions.slice(1).map(({ event }) => tables.events[event]);
  const events = accepted?.events.map((event) => tables.events[event]) ?? [];
  const then = refused ? [refused.then] : accepted.nothing ? [accepted.nothing] : events;
  const when = tables.commands[command];
  const listed = (word, messages) => (messages.length > 0 ? `    .${word}([\n${messages.map(({ code }) => `        ${code},\n`).join('')}    ])\n` : '');
  const answer = refused ? `    .then_rejected(${tables.rejections[refused.rejection].code})\n` : listed('then', events) || '    .then_nothing()\n';
  const lines = [['Given', given], ['When', [when]], ['Then', then]].flatMap(([word, all]) => all.map((one, i) => [i === 0 ? word : 'And', one]));
  return {
    rust: `Scenario::named(${quoted(name)})\n${listed('given', given)}    .when(${when.code})\n${answer.trimEnd()},\n`,
    gherkin: `Feature: ${tables.feature.gherkin}\n\n  Scenario: ${name}\n${lines.map(([word, { gherkin }]) => `    ${word} ${gherkin}\n`).join('')}`,
    markdown: `# ${tables.feature.markdown}\n\n## ${inMarkdown(name)}\n\n${lines.map(([word, { markdown }]) => `- **${word}** ${markdown}\n`).join('')}`,
  };
}

const ANSWERS = {
  models: () => [tables.name],
  about: () => tables.about,
  graph: () => tables.graph,
  lanes: () => tables.lanes,
  check: () => tables.check,
  read: () => { throw new Refused(without.texts); },
  at, ask: askCommand, timeline, blame, find, scenario,
};

/** Answers a question; both are JSON. */
export async function ask(question) {
  try {
    const asked = read(question);
    return JSON.stringify({ [asked.name]: ANSWERS[asked.name](asked) });
  } catch (wrong) {
    if (!(wrong instanceof Refused)) throw wrong;
    return JSON.stringify({ wrong: wrong.message });
  }
}
