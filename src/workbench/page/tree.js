// A state as a tree. What the last event changed is marked; a click asks who changed a value.

import { fill, h, text } from './dom.js';

/** Rows that are shown at once; a state may have thousands. */
const MANY = 300;

/** The rows of a state; `pick` gets the path of the one that is clicked. */
export function tree(box, { rows, more }, picked, pick) {
  let shown = MANY;
  const row = ({ depth, key, path, text: value, changed }) => h('li', { class: changed ? 'changed' : null, style: { '--depth': Math.min(depth, 16) } },
    h('button', { type: 'button', data: { key: `path ${path}` }, 'aria-pressed': String(path === picked), title: 'Which event changed this?', on: { click: () => pick(path) } },
      changed && h('span', { class: 'unseen' }, 'changed: '),
      h('span', { class: 'key' }, text(key || 'state')), value && h('span', { class: 'value' }, text(value))));
  const show = () => {
    const left = rows.length + more - Math.min(shown, rows.length);
    fill(box, h('ul', { class: 'tree', 'aria-label': 'The state' }, rows.slice(0, shown).map(row)),
      left > 0 && (shown < rows.length
        ? h('button', { type: 'button', class: 'small', on: { click: () => { shown += 2000; show(); } } }, `${left.toLocaleString('en')} rows more`)
        : h('p', { class: 'soft' }, `${more.toLocaleString('en')} more rows are not shown.`)));
  };
  show();
}

/** What an event changed, as lines. */
export const changes = (changed) => h('ul', { class: 'changes' }, changed.map(({ path, key, old, new: now }) => h('li', null,
  h('span', { class: 'key' }, text(path === '.' ? 'state' : key ?? path)), ' ',
  old !== undefined && h('del', null, h('span', { class: 'unseen' }, 'was '), text(old)), old !== undefined && now !== undefined && h('span', { 'aria-hidden': 'true' }, ' → '),
  now !== undefined && h('ins', null, h('span', { class: 'unseen' }, ' is now '), text(now)))));
