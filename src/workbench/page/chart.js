// A story over a network as a sequence chart: a lost message is an arrow that ends.

import { button, h, printable, s } from './dom.js';

const COLUMN = 190;
const ROW = 34;
const TOP = 40;
const LONGEST = 28;

const short = (words) => shortened(printable(words));
const shortened = (words) => ([...words].length > LONGEST ? `${[...words].slice(0, LONGEST - 1).join('')}…` : words);

/** The lanes and arrows of `{participants, rows}`. */
function drawn({ participants, rows }) {
  const x = (i) => COLUMN / 2 + i * COLUMN;
  const width = participants.length * COLUMN;
  const height = TOP + rows.length * ROW + 16;
  const label = (at, y, words, kind = '') => s('text', { x: at, y, 'text-anchor': 'middle', class: kind }, s('title', null, printable(words)), short(words));
  const row = (one, i) => {
    const y = TOP + (i + 0.75) * ROW;
    if (one.note) return label(x(one.note.at), y, `· ${one.note.text}`, 'note');
    const { from, to, text, arrival } = one.message;
    const lost = arrival === 'lost';
    const words = arrival === 'again' ? `${text} (again)` : lost ? `${text} (lost)` : text;
    const end = lost ? x(from) + (x(to) - x(from)) * 0.6 : x(to) + (to > from ? -3 : 3);
    if (from === to) return label(x(from), y, words, 'note');
    return s('g', { class: `message ${arrival}` },
      label((x(from) + x(to)) / 2, y - 5, words),
      s('path', { d: `M${x(from)} ${y}H${end}`, 'marker-end': lost ? null : 'url(#tip)' }),
      lost && s('path', { d: `M${end - 5} ${y - 5}l10 10m0-10-10 10`, class: 'cross' }));
  };
  const said = rows.map((one) => one.note ? `${participants[one.note.at]}: ${one.note.text}` : `${participants[one.message.from]} to ${participants[one.message.to]}: ${one.message.text}, ${one.message.arrival}`);
  return h('div', { class: 'chart', tabindex: 0, role: 'group', 'aria-label': 'Sequence chart' },
    h('ol', { class: 'unseen' }, said.map((words) => h('li', null, printable(words)))),
    s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
      s('defs', null, s('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, s('path', { d: 'M0 0 8 4 0 8z' }))),
      participants.map((name, i) => [label(x(i), 16, name, 'who'), s('path', { d: `M${x(i)} 26V${height}`, class: 'life' })]),
      rows.map(row)));
}

/** The drawing of `{participants, rows}`, and a button that shows it larger. */
export function chart(of) {
  const larger = () => {
    const dialog = h('dialog', { class: 'wide', 'aria-label': 'Sequence chart', on: { close: () => dialog.remove() } },
      h('form', { method: 'dialog' }, h('header', null, h('h2', null, 'Sequence chart'), h('button', { 'aria-label': 'Close', class: 'quiet' }, '×'))), drawn(of));
    document.body.append(dialog);
    dialog.showModal();
  };
  return h('div', { class: 'charted' }, drawn(of), button('Show it larger', larger, { class: 'small' }));
}
