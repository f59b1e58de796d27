// A log beside the model: its streams, and which of them the story begins with. Nothing is written to it.

import { button, byId, count, fill, h, newId, paused, text } from './dom.js';
import { asked, latest } from './question.js';
import { openStream, story, tell } from './story.js';

/** A moment as people read it; what is no moment stays as it is. */
function moment(words) {
  if (words === null) return '?';
  const at = new Date(words);
  return Number.isNaN(at.valueOf()) ? words : h('time', { datetime: words, title: words }, at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }));
}

const eventsOf = (n) => count(n, 'event');

/** Shows the streams of the log in a dialog, by what their names begin with. */
async function openStreams() {
  const title = newId('streams');
  const prefix = h('input', { type: 'search', id: newId('prefix'), autocomplete: 'off', spellcheck: 'false', placeholder: 'all' });
  const label = h('label', { for: prefix.id }, 'Their names begin with');
  const list = h('ul', { class: 'streams', 'aria-label': 'Streams' });
  const more = h('p', null);
  const dialog = h('dialog', { 'aria-labelledby': title, on: { close: () => dialog.remove() } },
    h('form', { method: 'dialog' }, h('header', null, h('h2', { id: title }, 'Streams of the log'), h('button', { 'aria-label': 'Close', class: 'quiet' }, '×'))),
    h('p', { class: 'field' }, label, prefix), list, more);
  // The stream whose keys are listed, once one is chosen that has several.
  let stream = null;
  const open = (name, key) => {
    dialog.close();
    openStream(name, key);
  };
  const choose = async (name) => {
    const { keys, more: hasMore } = await asked(story.model, 'log', { stream: name }).catch(() => ({ keys: [] }));
    if (keys.length < 2 && !hasMore) return open(name, null);
    stream = name;
    prefix.value = '';
    fill(byId(title), 'Keys of ', text(name));
    fill(label, 'They begin with');
    return page('');
  };
  const keyRow = ({ key, events }) => h('li', null, h('button', { type: 'button', class: 'stream', on: { click: () => open(stream, key) } }, text(key), h('span', { class: 'soft' }, eventsOf(events))));
  const row = ({ name, events, deleted, first, last }) => h('li', null,
    h('button', { type: 'button', class: 'stream', on: { click: () => choose(name) } }, text(name),
      h('span', { class: 'soft' }, eventsOf(events), deleted && ', deleted', first !== null && [' · ', moment(first), events > 1 && [' to ', moment(last)]])));
  const page = latest(
    (from) => asked(story.model, 'log', { prefix: prefix.value, after: from, stream: stream ?? undefined }),
    (found, from) => {
      if (from === '') fill(list);
      list.append(...(found.keys?.map(keyRow) ?? found.streams.map(row)));
      const end = found.keys?.at(-1)?.key ?? found.streams?.at(-1)?.name;
      fill(more, found.more ? button('100 more', () => page(end), { class: 'small' }) : list.childElementCount === 0 && 'Nothing has such a name.');
    },
    (wrong) => fill(more, text(wrong.message, 'bad')),
  );
  prefix.addEventListener('input', paused(150, () => page('')));
  document.body.append(dialog);
  dialog.showModal();
  prefix.focus();
  await page('');
}

export function logPlace() {
  const open = byId('log');
  const box = byId('stream');
  open.addEventListener('click', openStreams);
  return {
    meet(about) {
      open.hidden = !about.log;
    },
    show(at) {
      const { stream, key, until, base, history } = story;
      const name = [text(stream, 'name'), key !== null && [', key ', text(key, 'name')]];
      box.hidden = stream === null;
      if (stream === null) return fill(box);
      const leave = button('Leave the log', () => tell([]), { class: 'small', data: { key: 'leave' } });
      if (until === null && history.length === 0) return fill(box, h('span', null, 'Stream ', name, ` of the log, as it is: ${eventsOf(base)}. What you play from here is written to no log.`), leave, at.edge && h('span', { class: 'edge' }, 'It goes on: ', text(at.edge), '.'));
      return fill(box, h('span', null, `A what-if: ${history.length === 0 ? 'it ends' : `${eventsOf(history.length)} played`} after event ${base} of stream `, name, '.'),
        button('Back to the stream', () => openStream(stream, key), { class: 'small', data: { key: 'back' } }), leave);
    },
  };
}
