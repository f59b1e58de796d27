// A state as a tree. What the last event changed is marked; a click asks who changed a value.

import { fill, h, text } from './dom.js';

/** Rows that are shown at once; a state may have thousands. */
const MANY = 300;

/** A state of more rows than this can be looked at in part. */
const FEW = 10;

/** The words of the rows that are looked at; they stay from one state to the next. */
let wanted = '';

/** The rows with these words, and what they lie in. */
function projected(rows, words) {
  if (words.length === 0) return rows;
  const kept = new Set();
  const above = [];
  rows.forEach((row, i) => {
    above.length = row.depth;
    above[row.depth] = i;
    const says = `${row.path} ${row.text}`.toLowerCase();
    if (words.some((word) => says.includes(word))) for (const at of above) kept.add(at);
  });
  return rows.filter((_, i) => kept.has(i));
}

/** The rows of a state; `pick` gets the path of the one that is clicked. */
export function tree(box, { rows: all, more }, picked, pick) {
  let shown = MANY;
  let rows = all;
  const row = ({ depth, key, path, text: value, changed }) => h('li', { class: changed ? 'changed' : null, style: { '--depth': Math.min(depth, 16) } },
    h('button', { type: 'button', data: { key: `path ${path}` }, 'aria-pressed': String(path === picked), title: 'Which event changed this?', on: { click: () => pick(path) } },
      changed && h('span', { class: 'unseen' }, 'changed: '),
      h('span', { class: 'key' }, text(key || 'state')), value && h('span', { class: 'value' }, text(value))));
  const only = all.length > FEW && h('label', { class: 'filter' }, h('span', { class: 'unseen' }, 'Only rows with one of these words'),
    h('input', { type: 'search', value: wanted, placeholder: 'only rows with … or …', data: { key: 'rows' }, on: { input: (event) => { wanted = event.target.value; show(); } } }));
  const list = h('div');
  const show = () => {
    rows = only ? projected(all, wanted.toLowerCase().split(/\s+/).filter(Boolean)) : all;
    const left = rows.length + more - Math.min(shown, rows.length);
    fill(list, h('ul', { class: 'tree', 'aria-label': 'The state' }, rows.slice(0, shown).map(row)),
      left > 0 && (shown < rows.length
        ? h('button', { type: 'button', class: 'small', on: { click: () => { shown += 2000; show(); } } }, `${left.toLocaleString('en')} rows more`)
        : h('p', { class: 'soft' }, `${more.toLocaleString('en')} more rows are not shown.`)));
  };
  fill(box, only, list);
  show();
}

/** What an event changed, as lines. */
export const changes = (changed) => h('ul', { class: 'changes' }, changed.map(({ path, key, old, new: now }) => h('li', null,
  h('span', { class: 'key' }, text(path === '.' ? 'state' : key ?? path)), ' ',
  old !== undefined && h('del', null, h('span', { class: 'unseen' }, 'was '), text(old)), old !== undefined && now !== undefined && h('span', { 'aria-hidden': 'true' }, ' → '),
  now !== undefined && h('ins', null, h('span', { class: 'unseen' }, ' is now '), text(now)))));
