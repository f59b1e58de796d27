// The events of a story in rows: by the part that they are of, by their key, or by a value that they hold.

import { fields } from './json.js';

/** More rows than this are no picture any more. */
const MOST_ROWS = 12;

/** What an event holds, by name: its part, its key, and the values that lie at its top. */
function traits({ json, name }) {
  const held = new Map();
  if (name.includes('.')) held.set('part', name.split('.')[0]);
  let text = json;
  // Keys and names of variants, which begin with a capital, stand around the content.
  while (text.startsWith('{')) {
    const all = fields(text);
    const [[first, inner] = []] = all;
    if (all.size === 2 && all.has('key') && all.has('message')) {
      held.set('key', shown(all.get('key')));
      text = all.get('message');
    } else if (all.size === 1 && /^\p{Lu}/u.test(first)) text = inner;
    else {
      for (const [field, value] of all) if (!/^[[{]/.test(value)) held.set(field, shown(value));
      return held;
    }
  }
  // A text may be the name of one more variant.
  if (/^-?\d/.test(text)) held.set('value', text);
  return held;
}

const shown = (json) => (json.startsWith('"') ? JSON.parse(json) : json);

/** By what these events can be split: part and key, and what several of them share; each with its rows in the order in which they come up. */
export function splits(events) {
  const all = events.map(traits);
  const names = [...new Set(all.flatMap((held) => [...held.keys()]))];
  return names.flatMap((name) => {
    const held = all.filter((one) => one.has(name)).length;
    const rows = [...new Set(all.map((one) => one.get(name) ?? ''))];
    const named = rows.filter((row) => row !== '').length;
    const tells = name === 'part' || name === 'key' || named * 1.5 <= held;
    return tells && named > 1 && rows.length <= MOST_ROWS ? [{ name, rows }] : [];
  });
}

/** The row of an event. */
export const rowOf = (event, name) => traits(event).get(name) ?? '';
