// The page: asks what there is and shows it in its four places.

import { button, byId, fill, h, printable, say, text } from './dom.js';
import { onConnection, onRebuilt, watch } from './desk.js';
import { asked, latest } from './question.js';
import { choose, lengthOf, lookAt, meetEnd, onStory, readAddress, story, taleUntil, tell, tellTale } from './story.js';
import { playPlace } from './play.js';
import { timePlace } from './time.js';
import { mapPlace } from './map.js';
import { lanesPlace } from './lanes.js';
import { promisesPlace } from './promises.js';
import { openKeep } from './keep.js';
import { logPlace } from './log.js';
import { comparePlace } from './compare.js';

const play = playPlace();
const [time, map, promises] = [timePlace(), mapPlace(), promisesPlace({ only: (words) => play.only(words), next: (name) => play.next(name) })];
const log = logPlace();
const lanes = lanesPlace({ only: (words) => play.only(words), states: () => map.shown() });
const places = [play, time, map, lanes, promises, log];
let about = null;
let shown = null;

/** What stands in the way: a sentence, and what can be done about it. */
function trouble(sentence, ...ways) {
  const box = byId('trouble');
  box.hidden = !sentence;
  fill(box, sentence && h('p', null, printable(sentence)), ways);
}

/** The history does not fit the model any more: as much of it as does can be kept. */
async function doesNotFit(wrong) {
  const number = /^event (\d+) (?:of the history|is none)/.exec(wrong.message)?.[1];
  const fits = number ? Number(number) - 1 : 0;
  const cut = (to) => () => {
    trouble(null);
    const { stream, key, until } = story;
    if (to === 0) tell([]);
    else tellTale(stream !== null && until === null ? { stream, key, until: to, base: to, history: [] } : taleUntil(to));
  };
  trouble(`This story cannot be told: ${wrong.message}.`,
    !number && button('Ask again', refresh),
    fits > 0 && button(`Keep the first ${fits}`, cut(fits)), button('Begin again', cut(0)));
}

const refresh = latest(
  async () => {
    const told = { ...story };
    const at = await asked(told.model, 'at', time.question(told));
    if (told.stream !== null) Object.assign(told, { base: at.of - told.history.length, version: at.version });
    return { at, versions: await time.versions(told) };
  },
  ({ at, versions }) => {
    trouble(null);
    meetEnd(at.of, at.version);
    const first = shown === null;
    const moved = shown !== `${story.version}/${lengthOf(story)}/${at.label}`;
    shown = `${story.version}/${lengthOf(story)}/${at.label}`;
    play.show(at, about);
    time.show(at, versions);
    map.here(at);
    promises.here(at);
    log.show(at);
    if (!first && moved) say(`Version ${at.version} of ${at.of}: ${at.label}${at.ended ? ', the story ends here' : ''}`);
    document.documentElement.dataset.ready = `${story.version}`;
  },
  doesNotFit,
);

async function meet() {
  about = await asked(story.model, 'about');
  document.title = printable(about.name);
  fill(byId('name'), text(about.name));
  for (const place of places) place.meet?.(about);
  await refresh();
}

let model;
onStory(() => (story.model === model ? refresh() : begin()));

async function begin() {
  model = story.model;
  shown = null;
  try {
    await meet();
  } catch (wrong) {
    trouble(wrong.message);
  }
}

onConnection((here) => {
  const box = byId('away');
  box.hidden = here;
  box.textContent = here ? '' : 'The program is away. This page goes on as soon as it is back, where you are now.';
});
onRebuilt(async () => {
  await begin();
  const box = byId('away');
  box.hidden = false;
  box.textContent = 'The program was started again: this is how it answers now.';
  setTimeout(() => (box.hidden = true), 6000);
});

byId('keep').addEventListener('click', () => openKeep());
for (const link of document.querySelectorAll('.places a, .skip')) {
  // The address holds the story, so a link within the page moves the focus alone.
  link.addEventListener('click', (event) => {
    event.preventDefault();
    const title = document.querySelector(link.getAttribute('href'));
    title.scrollIntoView({ block: 'start' });
    title.focus({ preventScroll: true });
  });
}
addEventListener('keydown', (event) => {
  const writes = event.target.closest?.('input, textarea, select, dialog, [role=tab]');
  if (writes || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    ArrowLeft: () => lookAt(story.version - 1),
    ArrowRight: () => lookAt(story.version + 1),
    '/': () => byId('phrase').focus(),
  };
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

let problem = await readAddress();
const names = await asked(null, 'models');
byId('chooser').hidden = names.length < 2;
byId('name').classList.toggle('unseen', names.length > 1);
places.push(comparePlace(names));
fill(byId('models'), names.map((name) => h('option', { value: name }, printable(name))));
if (story.model !== null && !names.includes(story.model)) problem = `The address is about a model that is not here, ${printable(story.model)}; this is ${printable(names[0])}.`;
if (!names.includes(story.model)) Object.assign(story, story.model === null ? { model: names[0] } : { model: names[0], stream: null, key: null, until: null, base: 0, history: [], version: 0, last: null });
byId('models').value = story.model;
byId('models').addEventListener('change', (event) => choose(event.target.value));
onStory(() => (byId('models').value = story.model));
await begin();
if (problem) trouble(problem);
watch();
