// A picture of the process: stages as boxes with counts, drawn from what the model says leads where.

import { s, h, fill, setText } from './dom.js';
import { t, number } from './words.js';
import { cap } from './form.js';
import './words-office.js';

/** The longest way through the stages as `spine`, and the stages off that way, each with those that lead to it. */
export function shape({ stages, process: { edges } }) {
  const ways = edges.filter(({ from, to }) => from !== to);
  const after = (stage) => [...new Set(ways.filter(({ from }) => from === stage).map(({ to }) => to))];
  const before = (stage) => ways.filter(({ to }) => to === stage).length;
  const longest = (stage, seen) => {
    const rest = after(stage).filter((next) => !seen.includes(next)).map((next) => longest(next, [...seen, next]));
    // Of two that are equally long, the one whose end has fewer ways to it: what every stage can end in is no part of the way.
    const better = (one, best) => one.length > best.length || (one.length === best.length && before(one.at(-1)) < before(best.at(-1)));
    return [stage, ...rest.reduce((best, one) => (better(one, best) ? one : best), [])];
  };
  const start = stages.find(({ stage }) => ways.some(({ from }) => from === stage) && before(stage) === 0)?.stage ?? stages[0].stage;
  const spine = longest(start, [start]);
  const exits = stages.map(({ stage }) => stage)
    .filter((stage) => !spine.includes(stage) && ways.some(({ to }) => to === stage))
    .map((stage) => ({ stage, from: spine.filter((one) => ways.some(({ from, to }) => from === one && to === stage)) }));
  return { start, spine: spine.slice(1), exits };
}

const ARROW = { right: 'l-7-4v8z', down: 'l-4-7h8z', up: 'l-4 7h8z' };
const arrow = (kind, d, to, x, y) => s('g', { class: `way ${kind}` }, s('path', { d }), s('path', { class: 'head', d: `M${x} ${y}${ARROW[to]}` }));

/** Where everything is when the process lies: from left to right, ends with one cause above, the others below. */
function lying({ spine, exits }, width, unit) {
  const [left, tall, small, gap] = [26 * unit, 86 * unit, 62 * unit, 34 * unit];
  const column = (width - left) / spine.length;
  const wide = Math.min(column - 30 * unit, 172 * unit);
  const x = (place) => left + place * column + column - wide;
  const above = exits.filter(({ from }) => from.length === 1);
  const below = exits.filter(({ from }) => from.length > 1);
  const top = above.length ? small + gap : 2;
  const middle = top + tall / 2;
  const boxes = spine.map((stage, place) => ({ stage, x: x(place), y: top, wide, tall }));
  const start = { x: 8 * unit, y: middle, r: 5 * unit };
  const ways = spine.map((stage, place) => {
    const from = place === 0 ? start.x + start.r : x(place - 1) + wide;
    return arrow('on', `M${from} ${middle}H${x(place) - 6}`, 'right', x(place) - 1, middle);
  });
  for (const { stage, from } of above) {
    const at = x(spine.indexOf(from[0]));
    boxes.push({ stage, x: at, y: 2, wide, tall: small, side: true });
    ways.push(arrow('off', `M${at + wide / 2} ${top}V${small + 9}`, 'up', at + wide / 2, small + 3));
  }
  below.forEach(({ stage, from }, row) => {
    const y = top + tall + gap + row * (small + gap / 2);
    const bus = y + small / 2;
    const at = x(spine.length - 1);
    const first = x(spine.indexOf(from[0])) + wide / 2;
    const stems = from.map((one) => `M${x(spine.indexOf(one)) + wide / 2} ${top + tall}V${bus}`).join('');
    boxes.push({ stage, x: at, y, wide, tall: small, side: true });
    ways.unshift(arrow('off', `${stems}M${first} ${bus}H${at - 6}`, 'right', at - 1, bus));
  });
  const high = top + tall + below.length * (gap + small) + 2;
  return { boxes, ways, start, high };
}

/** Where everything is when it stands, on a narrow page: from top to bottom, ends with one cause beside, the others last. */
function standing({ spine, exits }, width, unit, said) {
  const [left, tall, gap] = [20 * unit, 62 * unit, 32 * unit];
  const beside = exits.filter(({ from }) => from.length === 1);
  const last = exits.filter(({ from }) => from.length > 1);
  const side = beside.length ? 98 * unit : 0;
  const wide = Math.min(width - left - (side ? side + 18 * unit : 0) - 2, 230 * unit);
  const top = 20 * unit;
  const y = (place) => top + 14 * unit + place * (tall + gap);
  const middle = left + Math.min(wide / 2, 44 * unit);
  const boxes = spine.map((stage, place) => ({ stage, x: left, y: y(place), wide, tall }));
  const start = { x: middle, y: 8 * unit, r: 5 * unit };
  const ways = spine.flatMap((stage, place) => {
    const from = place === 0 ? start.y + start.r : y(place - 1) + tall;
    const label = place > 0 && s('text', { x: middle + 10 * unit, y: from + gap / 2 + 4 * unit, class: 'said' }, said(spine[place - 1], stage));
    return [arrow('on', `M${middle} ${from}V${y(place) - 6}`, 'down', middle, y(place) - 1), label].filter(Boolean);
  });
  for (const { stage, from } of beside) {
    const at = y(spine.indexOf(from[0]));
    const x = left + wide + 18 * unit;
    boxes.push({ stage, x, y: at, wide: Math.min(width - x - 2, 150 * unit), tall, side: true });
    ways.push(arrow('off', `M${left + wide} ${at + tall / 2}H${x - 6}`, 'right', x - 1, at + tall / 2));
  }
  last.forEach(({ stage, from }, row) => {
    const at = y(spine.length + row) - gap / 2;
    const bus = 6 * unit + row * 6 * unit;
    const stems = from.map((one) => `M${left} ${y(spine.indexOf(one)) + tall / 2}H${bus}`).join('');
    boxes.push({ stage, x: left, y: at, wide, tall, side: true });
    ways.unshift(arrow('off', `${stems}M${bus} ${y(spine.indexOf(from[0])) + tall / 2}V${at + tall / 2}H${left - 6}`, 'right', left - 1, at + tall / 2));
  });
  const high = last.length ? y(spine.length + last.length - 1) - gap / 2 + tall + 2 : y(spine.length - 1) + tall + 2;
  return { boxes, ways, start, high };
}

/** The picture. `choose(stage)` is called when one points at a stage; `update({counts, stuck, chosen})` shows how it stands. */
export function processPicture(about, choose) {
  const known = shape(about);
  const names = new Map(about.stages.map(({ stage, said }) => [stage, said]));
  const said = (from, to) => about.process.edges.filter((edge) => edge.from === from && edge.to === to).map((edge) => edge.said).join(', ');
  const node = h('div', { class: 'process' });
  let now = { counts: {}, stuck: {}, chosen: '' };
  let drawn = new Map();
  let width = 0;

  function box({ stage, x, y, wide, tall, side }, unit) {
    const ended = about.stages.find((one) => one.stage === stage)?.ended;
    const pad = 11 * unit;
    const base = y + tall - (tall > 70 * unit ? 17 : 11) * unit;
    const count = s('text', { class: 'count', x: x + pad, y: base });
    const label = s('text', { class: 'label', x: x + pad, y: y + 22 * unit }, cap(names.get(stage) ?? stage));
    const hangs = s('text', { class: 'hangs', x: x + wide - pad, y: base - unit, 'text-anchor': 'end' });
    const link = s('a', {
      href: `#/monitor?stage=${encodeURIComponent(stage)}`, class: ['stage', side && 'side', ended && 'ended'].filter(Boolean).join(' '), data: { stage },
      on: { click: (event) => { event.preventDefault(); choose(stage); } },
    }, s('rect', { x, y, width: wide, height: tall, rx: 10 * unit }), label, ' ', count, ' ', hangs);
    drawn.set(stage, { link, count, hangs });
    return s('g', { role: 'listitem' }, link);
  }

  function draw() {
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const lies = width > 860 * unit;
    const { boxes, ways, start, high } = lies ? lying(known, width, unit) : standing(known, width, unit, said);
    const focused = document.activeElement?.closest?.('.process a')?.dataset.stage;
    drawn = new Map();
    const order = [...known.spine, ...known.exits.map(({ stage }) => stage)];
    boxes.sort((one, other) => order.indexOf(one.stage) - order.indexOf(other.stage));
    fill(node, s('svg', { viewBox: `0 0 ${width} ${high}`, width, height: high, role: 'list', 'aria-label': t('monitor.picture'), class: lies ? 'lies' : 'stands' },
      s('g', { 'aria-hidden': 'true' }, ways, s('circle', { class: 'start', cx: start.x, cy: start.y, r: start.r })),
      boxes.map((one) => box(one, unit))));
    show();
    if (focused) drawn.get(focused)?.link.focus();
  }

  function show(before = null) {
    for (const [stage, { link, count, hangs }] of drawn) {
      const n = now.counts[stage] ?? 0;
      const stuck = now.stuck[stage] ?? 0;
      setText(count, number(n));
      setText(hangs, stuck ? t('monitor.hangs', { n: number(stuck) }) : '');
      link.classList.toggle('none', n === 0);
      link.classList.toggle('stuck', stuck > 0);
      if (now.chosen === stage) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
      const leads = about.process.edges.filter(({ from, to }) => from === stage && to !== stage).map(({ to }) => names.get(to));
      link.setAttribute('aria-label', [`${cap(names.get(stage) ?? stage)} ${number(n)}`,
        stuck && t('monitor.hangs', { n: number(stuck) }), leads.length > 0 && t('monitor.leads', { stages: leads.join(', ') })].filter(Boolean).join(', '));
      if (before && (before[stage] ?? 0) !== n) flash(link);
    }
  }

  function flash(link) {
    link.classList.remove('fresh');
    void link.getBoundingClientRect();
    link.classList.add('fresh');
  }

  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (Math.abs(contentRect.width - width) < 1) return;
    width = contentRect.width;
    draw();
  });
  observer.observe(node);
  const ways = h('ul', { class: 'unseen', 'aria-label': t('monitor.ways') }, about.process.edges.map(({ from, to, said: what }) =>
    h('li', null, t('monitor.way', { from: names.get(from), to: names.get(to), said: what }))));
  return {
    node: h('figure', { class: 'sheet picture' }, node, ways),
    update(how) {
      const before = drawn.size ? now.counts : null;
      now = how;
      show(before);
    },
    close: () => observer.disconnect(),
  };
}
