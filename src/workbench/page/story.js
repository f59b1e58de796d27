// What is played: the history, the version that is looked at, and the stories that were left for another.

import { listeners, paused } from './dom.js';
import { fromHash, toHash } from './address.js';
import { rawList } from './json.js';

const changed = listeners();
/** Calls back when the story, its version or its model has changed. */
export const onStory = changed.on;

/**
 * Events are texts in JSON, and stay so. `last` is the command that was given last, and the version at which it was. A story may begin with
 * a stream of a log, which this page does not hold: `base` is the number of its events, and `until` how many of them the story takes, or
 * null while it is the stream as it is. The version is null until the end of a stream is known.
 */
export const story = { model: null, stream: null, key: null, until: null, base: 0, history: [], version: 0, last: null, others: [] };

const NO_STREAM = { stream: null, key: null, until: null, base: 0 };

/** How many events a story has. */
export const lengthOf = ({ base, history }) => base + history.length;

/** What has happened, as a question says it. */
export const past = ({ stream, key, until, history }) => ({ stream: stream ?? undefined, key: key ?? undefined, until: until ?? undefined, history: rawList(history) });

/** The story up to a version. */
export function taleUntil(version, { stream, key, base, history } = story) {
  if (stream === null) return { ...NO_STREAM, history: history.slice(0, version) };
  const until = Math.min(version, base);
  return { stream, key, until, base: until, history: history.slice(0, version - until) };
}

/** How far a stream goes, once it is known. */
export function meetEnd(of, version) {
  if (story.stream !== null) Object.assign(story, { base: of - story.history.length, version });
}

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

/** How many events another story shares with this one. */
export function shared(one, other = story) {
  if (one.stream !== other.stream || one.key !== other.key) return 0;
  if (one.base !== other.base) return Math.min(one.base, other.base);
  const at = one.history.findIndex((event, i) => event !== other.history[i]);
  return at < 0 ? lengthOf(one) : one.base + at;
}
const goesOn = (long, short) => shared(short, long) === lengthOf(short);
const same = (one, other) => goesOn(one, other) && lengthOf(one) === lengthOf(other);

/** The stories beside this one, with the present one if it says something that `next` does not. */
function othersBeside(next) {
  const { stream, key, until, base, history } = story;
  const all = goesOn(next, story) ? story.others : [{ stream, key, until, base, history }, ...story.others];
  return all.filter((other, i) => !same(other, next) && all.findIndex((one) => same(one, other)) === i).slice(0, 9);
}

/** Looks at another version. */
export const lookAt = (version) => become({ version: Math.max(0, Math.min(version, lengthOf(story))) }, { push: false });

/** What a command leads to, from the version that is looked at. Later events are kept as another story. */
export function play(command, events) {
  const at = story.version;
  const told = taleUntil(at);
  const next = { ...told, history: [...told.history, ...events] };
  const version = lengthOf(next);
  // A story that goes on as it did before is the same story.
  if (events.length > 0 && goesOn(story, next)) return become({ version, last: { at, command } });
  become({ others: othersBeside(next), ...next, version, last: { at, command } });
}

/** A command that was refused is part of what was played, too. */
export const refused = (command) => become({ last: { at: story.version, command } }, { push: false });

/** Goes on with another story. */
export function tellTale(tale, { version = lengthOf(tale), last = null } = {}) {
  become({ others: othersBeside(tale), ...tale, version, last });
}

/** Goes on from another history. */
export const tell = (history, more) => tellTale({ ...NO_STREAM, history }, more);

/** Looks at a stream of the log, as it is. */
export const openStream = (stream, key = null) => become({ ...NO_STREAM, stream, key, history: [], version: null, last: null, others: [] });

/** Sets the later events aside, so that the story ends here. */
export const fork = () => tellTale(taleUntil(story.version));

/** Goes on with a history in a model, which may be another one. */
export function switchTo(model, history, last) {
  if (model === story.model) return tell(history, { last });
  return become({ ...NO_STREAM, model, history, version: history.length, last, others: [] });
}

/** Begins with another model. */
export const choose = (model) => become({ ...NO_STREAM, model, history: [], version: 0, last: null, others: [] });

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
