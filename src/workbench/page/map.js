// The map: classes of states and the steps between them. Dashed is what no scenario says.

import { button, byId, count, fill, h, printable, s, say, text } from './dom.js';
import { asked, latest, Wrong } from './question.js';
import { past, story, taleUntil, tell } from './story.js';
import { distances, laidDown, laidOut } from './layout.js';

/** A graph with more classes than this is shown as the neighbourhood of one. */
const MANY = 40;
/** How many neighbours are drawn on each side. */
const NEIGHBOURS = 14;
const LONGEST = 30;
/** A graph is drawn at most so much larger than its letters ask for. */
const LARGEST = 2;
/** In a place that is narrower than this, in pixels, a wide graph goes down. */
const NARROW = 600;
/** And at most so much smaller: then it scrolls. */
const SMALLEST = 0.72;

const ruler = document.createElement('canvas').getContext('2d');
/** How wide words are, in pixels. */
function widthOf(words, size) {
  ruler.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(words).width;
}

const short = (words) => shortened(printable(words));
const shortened = (name) => ([...name].length > LONGEST ? `${[...name].slice(0, LONGEST - 1).join('')}…` : name);
const refusedBy = (came) => (came.Refused !== undefined ? came.Refused : null);
const comes = (came) => (came === 'Nothing' ? 'nothing happens' : came === 'Panicked' ? 'the model panics' : came.Refused !== undefined ? `refused: ${came.Refused}` : came.Happened.join(', '));

/** One line for each pair of classes: its steps, and whether a scenario takes one. */
function lines(edges, withRefusals) {
  const found = new Map();
  for (const edge of edges) {
    if (!withRefusals && (refusedBy(edge.came) !== null || edge.came === 'Panicked' || (edge.from === edge.to && edge.came === 'Nothing'))) continue;
    const key = JSON.stringify([edge.from, edge.to]);
    if (!found.has(key)) found.set(key, { from: edge.from, to: edge.to, steps: [] });
    found.get(key).steps.push(edge);
  }
  return [...found.values()].map((line) => ({ ...line, said: line.steps.some((step) => step.scenarios.length > 0) }));
}

/** The graph of every model that was asked for: it does not depend on what is played. */
const graphs = new Map();

export const graphOf = (model) => {
  if (!graphs.has(model)) graphs.set(model, asked(model, 'graph'));
  return graphs.get(model);
};

export function mapPlace() {
  const drawing = h('div', { class: 'drawing' });
  const tools = h('div', { class: 'row tools' });
  const way = h('div', { class: 'way' });
  fill(byId('map-body'), drawing, tools, way);
  let graph = null;
  let label = null;
  let centre = null;
  let selected = null;
  let refusals = false;
  /** Where the way from here stands, and the class that it leads to. */
  let fromHere = null;

  const names = () => graph.states;

  /** The classes that are drawn, each with its column. */
  function drawn() {
    const far = distances(names(), graph.edges, graph.first);
    if (names().length <= MANY) return names().map((name) => ({ name, column: far.get(name) }));
    const middle = centre ?? label ?? graph.first;
    const beside = (of, other) => [...new Set(graph.edges.filter((edge) => edge[of] === middle && edge[other] !== middle).map((edge) => edge[other]))].slice(0, NEIGHBOURS);
    const after = beside('from', 'to');
    const before = beside('to', 'from').filter((name) => !after.includes(name));
    return [...before.map((name) => ({ name, column: 0 })), { name: middle, column: 1 }, ...after.map((name) => ({ name, column: 2 }))];
  }

  function draw() {
    const nodes = drawn().map((node) => ({ ...node, width: Math.max(64, widthOf(short(node.name), 14) + 26), height: 32 }));
    const wordsOf = ({ from, to, steps }) => (from === to ? '' : short([...new Set(steps.map((step) => step.command.split('.').pop()))].slice(0, 2).join(', ')));
    const all = lines(graph.edges, refusals).map((one) => ({ ...one, words: wordsOf(one) }));
    const written = all.length <= 24;
    const drawnLines = all.map((one) => ({ ...one, width: written ? widthOf(one.words, 11) : 0 }));
    const across = laidOut(nodes, drawnLines);
    // Where that is too wide, it goes down instead.
    const tooWide = drawing.clientWidth > 0 && drawing.clientWidth < Math.min(NARROW, across.box.width * SMALLEST);
    const down = tooWide ? laidDown(nodes, drawnLines) : null;
    const { at, curves, box } = down && down.box.width < across.box.width ? down : across;
    // A small graph is drawn larger, so that it is read from the last row.
    const [wide, high] = [drawing.clientWidth * 0.85, byId('map-body').clientHeight - 110];
    const scale = Math.max(1, Math.min(LARGEST, wide / box.width, Math.max(220, high) / box.height));
    const touches = ({ from, to }) => from === selected || to === selected;
    const node = (name) => {
      const { x, y, width, height } = at.get(name);
      const choose = () => choice(name);
      const says = `${printable(name)}${name === label ? ', here' : ''}${name === graph.first ? ', the first' : ''}`;
      return s('g', {
        class: ['node', name === label && 'here', name === selected && 'selected'].filter(Boolean).join(' '), tabindex: 0, role: 'button',
        'aria-label': `${says}: the shortest way there`, data: { key: `class ${name}` },
        on: { click: choose, keydown: (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(); } } },
      }, s('title', null, says), s('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 16 }),
      name === graph.first && s('circle', { cx: x - width / 2 + 1, cy: y - height / 2 + 3, r: 4.5, class: 'first' }),
      s('text', { x, y: y + 4.5, 'text-anchor': 'middle' }, short(name)));
    };
    // Words that would stand on others are left out; the line says them when it is pointed at.
    const taken = [];
    const hasPlace = ([x, y], words) => {
      const half = widthOf(words, 11) / 2 + 3;
      const free = taken.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > 13);
      if (free) taken.push({ x, y, half });
      return free;
    };
    const line = ({ edge, d, middle, room = 0 }) => s('g', { class: ['edge', !edge.said && 'unsaid', at.get(edge.to).order < at.get(edge.from).order && 'back', edge.steps.every((step) => refusedBy(step.came) !== null) && 'refused', selected !== null && !touches(edge) && 'faint'].filter(Boolean).join(' ') },
      s('path', { d, 'marker-end': 'url(#arrow)' }),
      s('path', { d, class: 'wide' }, s('title', null, printable(`${edge.from} → ${edge.to}: ${[...new Set(edge.steps.map((step) => `${step.command} (${comes(step.came)})`))].slice(0, 8).join('; ')}`))),
      written && edge.words && widthOf(edge.words, 11) <= room && hasPlace(middle, edge.words) && s('text', { x: middle[0], y: middle[1] - 4, 'text-anchor': 'middle', class: 'step' }, edge.words));
    fill(drawing, s('svg', { viewBox: `${box.x} ${box.y} ${box.width} ${box.height}`, width: box.width * scale, height: box.height * scale, style: { 'min-width': `${Math.round(box.width * SMALLEST)}px` }, role: 'group', 'aria-label': `The map: ${count(nodes.length, 'class', 'classes')} of states` },
      s('defs', null, s('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' }, s('path', { d: 'M0 0 8 4 0 8z' }))),
      curves.map(line), nodes.map(({ name }) => node(name))));
    const shown = drawing.querySelector('.selected, .here')?.getBoundingClientRect();
    const frame = drawing.getBoundingClientRect();
    if (shown && (shown.left < frame.left || shown.right > frame.right)) drawing.scrollLeft += shown.left - frame.left - frame.width / 2;
  }

  function offer() {
    const many = names().length > MANY;
    const box = h('input', { type: 'checkbox', checked: refusals, data: { key: 'refusals' }, on: { change: () => { refusals = box.checked; draw(); } } });
    fill(tools,
      h('label', { class: 'check' }, box, ' refusals too'),
      h('span', { class: 'legend' }, h('span', { class: 'dash', 'aria-hidden': 'true' }), ' no scenario says it'),
      many && h('label', { class: 'around' }, 'around ', h('select', { value: '', data: { key: 'around' }, on: { change: (event) => choice(event.target.value) } },
        names().map((name) => h('option', { value: name }, printable(name))))));
    if (many) tools.querySelector('select').value = centre ?? label ?? graph.first;
    byId('map-beside').textContent = `${count(names().length, 'class', 'classes')}${graph.whole ? '' : ', not every state was visited'}`;
  }

  const seek = latest(
    (name) => asked(story.model, 'find', { class: name }),
    (found, name) => {
      say(`${name}: ${found.says}`);
      fromHere = h('div', null);
      fill(way, h('h3', null, 'To ', text(name)), shortest(found, 'from the beginning'), fromHere, stepsOf(name));
      if (story.version > 0) seekFromHere(name, fromHere);
    },
    (wrong) => fill(way, h('p', { class: 'bad' }, text(wrong.message))),
  );

  const seekFromHere = latest(
    (name) => asked(story.model, 'find', { class: name, ...past(taleUntil(story.version)) }),
    (found, name, box) => fill(box, name === label ? h('p', null, 'You are there.') : shortest(found, 'from here')),
    (wrong, name, box) => fill(box, h('p', { class: 'bad' }, text(wrong.message))),
  );

  /** A story that leads there, and a button that tells it. */
  function shortest({ verdict, says, story: steps, history }, from) {
    if (verdict !== 'found') return h('p', null, `${from[0].toUpperCase()}${from.slice(1)}: `, text(says));
    if (steps.length === 0) return h('p', null, 'It is where everything begins.');
    return h('div', { class: 'row' }, button(`Go there ${from}`, () => tell(history), { class: from === 'from here' ? null : 'main', data: { key: `go ${from}` } }),
      h('span', null, `${count(steps.length, 'step')}: `, steps.map((step, i) => [i > 0 && ', ', text(step.command.says)])));
  }

  /** What can be done in a class, and which scenario says so. */
  function stepsOf(name) {
    const of = graph.edges.filter((edge) => edge.from === name);
    return h('details', null, h('summary', null, count(of.length, 'kind of step', 'kinds of steps'), ' from here'),
      h('ul', { class: 'steps' }, of.slice(0, 200).map((edge) => h('li', { class: edge.scenarios.length === 0 ? 'unsaid' : null },
        text(edge.command), ': ', text(comes(edge.came)), edge.to !== name && [' → ', text(edge.to)],
        h('span', { class: 'soft' }, ' · ', edge.scenarios.length ? text(edge.scenarios.slice(0, 3).join('; ')) : 'no scenario says it')))));
  }

  function choice(name) {
    selected = name;
    centre = name;
    draw();
    offer();
    fill(way, h('p', { class: 'soft' }, 'Looking for the shortest way …'));
    seek(name);
  }

  return {
    async meet() {
      const model = story.model;
      graphs.delete(model);
      [graph, centre, selected] = [null, null, null];
      fill(tools);
      fill(way);
      byId('map-beside').textContent = '';
      fill(drawing, h('p', { class: 'soft' }, 'Visiting every state …'));
      try {
        const found = await graphOf(model);
        if (model !== story.model) return;
        graph = found;
        draw();
        offer();
      } catch (wrong) {
        if (!(wrong instanceof Wrong)) throw wrong;
        if (model === story.model) fill(drawing, h('p', { class: 'soft' }, text(wrong.message)));
      }
    },
    here(at) {
      const before = label;
      label = at.label;
      if (!graph || before === label) return;
      if (fromHere) fill(fromHere, label === selected && h('p', null, 'You are there.'));
      centre = null;
      draw();
      offer();
    },
    shown: () => graph && draw(),
  };
}
