// What is played: the history, the version that is looked at, and the stories that were left for another.

import { listeners, paused } from './dom.js';
import { fromHash, toHash } from './address.js';

const changed = listeners();
/** Calls back when the story, its version or its model has changed. */
export const onStory = changed.on;

/** Events are texts in JSON, and stay so. `last` is the command that was given last, and the version at which it was. */
export const story = { model: null, history: [], version: 0, last: null, others: [] };

let written = '';

async function write(push) {
  const hash = await toHash(story);
  if (hash === written) return;
  written = hash;
  history[push ? 'pushState' : 'replaceState'](null, '', hash);
}
const writeSoon = paused(250, () => write(false));

function become(next, { push = true } = {}) {
  Object.assign(story, next);
  if (push) write(true);
  else writeSoon();
  changed.call(story);
}

const same = (one, other) => one.length === other.length && one.every((event, i) => event === other[i]);
const goesOn = (long, short) => short.length <= long.length && short.every((event, i) => event === long[i]);

/** The stories beside this one, with the present one if it says something that `next` does not. */
function othersBeside(next) {
  const all = goesOn(next, story.history) ? story.others : [story.history, ...story.others];
  return all.filter((other, i) => !same(other, next) && all.findIndex((one) => same(one, other)) === i).slice(0, 9);
}

/** Looks at another version. */
export const lookAt = (version) => become({ version: Math.max(0, Math.min(version, story.history.length)) }, { push: false });

/** What a command leads to, from the version that is looked at. Later events are kept as another story. */
export function play(command, events) {
  const at = story.version;
  const next = [...story.history.slice(0, at), ...events];
  // A story that goes on as it did before is the same story.
  if (events.length > 0 && goesOn(story.history, next)) return become({ version: next.length, last: { at, command } });
  become({ others: othersBeside(next), history: next, version: next.length, last: { at, command } });
}

/** A command that was refused is part of what was played, too. */
export const refused = (command) => become({ last: { at: story.version, command } }, { push: false });

/** Goes on from another history. */
export function tell(history, { version = history.length, last = null } = {}) {
  become({ others: othersBeside(history), history, version, last });
}

/** Sets the later events aside, so that the story ends here. */
export const fork = () => tell(story.history.slice(0, story.version));

/** Begins with another model. */
export const choose = (model) => become({ model, history: [], version: 0, last: null, others: [] });

/** Reads the address; gives what is wrong with it, or null. */
export async function readAddress() {
  const { problem, ...next } = await fromHash(location.hash);
  written = location.hash;
  Object.assign(story, next);
  return problem;
}

addEventListener('popstate', async () => {
  const { model } = story;
  await readAddress();
  story.model ??= model;
  changed.call(story);
});
