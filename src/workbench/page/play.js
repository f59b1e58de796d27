// Play: every command, and what would come of it.

import { button, byId, fill, h, newId, paused, printable, say, text } from './dom.js';
import { asked, latest } from './question.js';
import { raw } from './json.js';
import { past, play, refused, story } from './story.js';
import { without } from './desk.js';
import { explain, noGrounds } from './why.js';
import { formFor } from './form.js';

/** More commands than this are shown when they are asked for. */
const MANY = 60;

/** What would come of a command, as words. */
function comesOf(outcome, label) {
  if (outcome.panicked) return h('span', { class: 'comes' }, 'the model panics: ', text(outcome.panicked.message));
  if (outcome.refused) return h('span', { class: 'comes' }, text(outcome.refused.rejection.says));
  const { events, is_refusal, label: after } = outcome.accepted;
  const says = events.length === 0 ? 'nothing happens' : events.map((event, i) => [i > 0 && '; ', text(event.says)]);
  return h('span', { class: 'comes' }, is_refusal && 'refused, and recorded: ', says,
    after !== label && h('span', { class: 'becomes' }, ' → ', text(after)));
}

const isRefused = ({ outcome }) => Boolean(outcome.refused || outcome.panicked || outcome.accepted?.is_refusal);
const eventsOf = (outcome) => outcome.accepted?.events.map((event) => event.json) ?? [];

export function playPlace() {
  const phrase = h('input', { id: 'phrase', type: 'text', autocomplete: 'off', spellcheck: 'false', list: 'phrases', placeholder: 'say a command', 'aria-describedby': 'heard' });
  const heard = h('p', { id: 'heard', class: 'heard', 'aria-live': 'polite' });
  const phrases = h('datalist', { id: 'phrases' });
  const owed = h('div', { class: 'commands owed' });
  const commands = h('div', { class: 'commands' });
  const form = h('details', { class: 'any' });
  const body = byId('play-body');
  let now = null;
  let wanted = '';
  let open = null;
  let all = false;
  let understood = null;
  let narrowedFor = null;
  /** The scenario whose next command is ready, and where. */
  let ready = null;
  let given = null;

  fill(body,
    h('form', { class: 'say', on: { submit: (event) => { event.preventDefault(); give(); } } },
      h('label', { for: 'phrase' }, 'Say it'), phrase, h('button', { type: 'submit' }, 'Do it'), phrases),
    heard, owed, commands, form);

  /** Gives a command: what it leads to becomes the story, and a refusal says why. */
  function act(command, outcome) {
    given = command.json;
    if (outcome.accepted) {
      open = null;
      noGrounds();
      return play(command.json, eventsOf(outcome));
    }
    refused(command.json);
    open = open === command.json ? null : command.json;
    if (open === null) noGrounds();
    show();
  }

  /**
   * A click on a command of the list. What is shown may be of a moment ago; and the second click of a double click does not give what has come under
   * the pointer meanwhile.
   */
  const clicked = (event, command, outcome) => now.version === story.version && (event.detail < 2 || given === command.json) && act(command, outcome);

  const listened = (said) => asked(story.model, 'ask', { ...past(story), version: story.version, phrase: said, why: false });

  function notUnderstood(wrong) {
    understood = null;
    heard.dataset.kind = 'wrong';
    fill(heard, text(wrong.message));
  }

  const hear = latest(
    listened,
    (answer) => {
      understood = answer;
      heard.dataset.kind = isRefused(answer) ? 'no' : 'yes';
      const isNext = ready !== null && ready.version === story.version && ready.history === story.history;
      fill(heard, isNext && h('strong', null, 'Next in the scenario; press Do it. '), isRefused(answer) ? '✗ ' : '✓ ', comesOf(answer.outcome, now?.label));
    },
    notUnderstood,
  );
  const listen = paused(120, () => {
    if (phrase.value.trim()) return hear(phrase.value);
    understood = null;
    delete heard.dataset.kind;
    fill(heard);
  });
  phrase.addEventListener('input', () => {
    understood = null;
    listen();
  });

  async function give() {
    if (!phrase.value.trim()) return;
    // What is still being heard is asked for again, so that quick fingers are not ignored.
    const answer = understood ?? await listened(phrase.value).catch((wrong) => wrong);
    if (answer instanceof Error) return notUnderstood(answer);
    const { command, outcome } = answer;
    if (outcome.accepted) phrase.value = '';
    act(command, outcome);
    if (outcome.accepted) say(`${command.says}: done`);
    listen();
  }

  function row({ command, outcome }) {
    const no = isRefused({ outcome });
    const isOpen = open === command.json;
    const why = newId('why');
    const asks = h('div', { class: 'why', id: why, hidden: !isOpen });
    if (isOpen) explain(asks, command, now.label);
    const toggle = () => {
      open = isOpen ? null : command.json;
      if (isOpen) noGrounds();
      show();
    };
    return h('li', { class: no ? 'no' : 'yes' },
      h('div', { class: 'pair' },
        h('button', { type: 'button', class: 'command', data: { key: `do ${command.json}` }, on: { click: (event) => clicked(event, command, outcome) } },
          h('span', { class: 'sign', 'aria-hidden': 'true' }, no ? '✗' : '✓'),
          h('span', { class: 'says' }, text(command.says)),
          h('span', { class: 'unseen' }, no ? ' is refused: ' : ' leads to: '),
          comesOf(outcome, now.label)),
        (!without.why || no) && h('button', { type: 'button', class: 'ask', data: { key: `why ${command.json}` }, 'aria-expanded': String(isOpen), 'aria-controls': why, 'aria-label': `Why: ${command.says}`, on: { click: toggle } }, 'why')),
      asks);
  }

  /** The words to which the list is narrowed, with a way out. */
  const narrowed = () => h('p', { class: 'row narrowed' }, h('span', null, 'Only ', text(wanted)), button('show all', () => { wanted = ''; show(); }, { class: 'small', data: { key: 'show all' } }));

  /** Gives a command that a process manager owes; the alphabet need not have it. */
  async function giveOwed(json) {
    const answer = await asked(story.model, 'ask', { ...past(story), version: story.version, command: raw(json), why: false }).catch((wrong) => wrong);
    if (answer instanceof Error) return notUnderstood(answer);
    if (!answer.outcome.accepted) {
      heard.dataset.kind = 'no';
      fill(heard, text(answer.command.says), ': ✗ ', comesOf(answer.outcome, now?.label));
      return refused(json);
    }
    act(answer.command, answer.outcome);
    return say(`${answer.command.says}: done`);
  }

  function showOwed() {
    const item = ({ key, command, due }) => h('li', { class: 'yes' }, h('div', { class: 'pair' },
      h('button', { type: 'button', class: 'command', disabled: command.json === '', title: printable(key), data: { key: `owed ${key}` }, on: { click: () => giveOwed(command.json) } },
        h('span', { class: 'sign', 'aria-hidden': 'true' }, '○'), h('span', { class: 'says' }, text(command.says)),
        h('span', { class: 'comes' }, due === null ? 'due now' : ['due ', text(due)]))));
    fill(owed, (now.owed ?? []).map(({ by, items, more, panicked }) => [h('h3', null, 'owed by ', text(by)),
      panicked !== undefined && h('p', { class: 'bad' }, 'it panics: ', text(panicked)),
      h('ul', null, items.map(item)), more > 0 && h('p', { class: 'soft' }, `${more.toLocaleString('en')} more are not shown.`)]));
  }

  function show() {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = now.commands.filter(({ command }) => words.every((word) => `${command.says} ${command.name}`.toLowerCase().includes(word)));
    const groups = [['can be done', fits.filter((one) => !isRefused(one))], ['would be refused', fits.filter(isRefused)]];
    const filter = now.commands.length <= 12 ? wanted !== '' && narrowed() : h('label', { class: 'filter' }, h('span', { class: 'unseen' }, 'Only commands with these words'),
      h('input', { type: 'search', value: wanted, placeholder: 'only commands with …', data: { key: 'filter' }, on: { input: (event) => { wanted = event.target.value; show(); } } }));
    const held = document.activeElement?.dataset.key === 'filter' ? document.activeElement.selectionStart : null;
    fill(commands, filter, groups.map(([what, of]) => of.length > 0 && [
      h('h3', null, `${of.length.toLocaleString('en')} ${what}`),
      h('ul', null, (all ? of : of.slice(0, MANY)).map(row)),
      !all && of.length > MANY && button(`Show all ${of.length.toLocaleString('en')}`, () => { all = true; show(); }, { class: 'small' }),
    ]), now.edge && h('p', { class: 'soft' }, text(now.edge)),
    without.why && now.commands.length > 0 && !now.edge && h('p', { class: 'soft' }, 'Only these were tried. What is not listed is not forbidden.'),
    now.version === 0 && now.of === 0 && now.commands.length > 0 && h('p', { class: 'soft' }, 'Green can happen: click it. Red is refused, and says why. Nothing here is written anywhere.'), now.commands.length === 0 && h('p', { class: 'soft' }, 'The model has no alphabet, so no commands are tried. Say one above, or fill in a form below.'));
    if (held !== null) commands.querySelector('[data-key=filter]').setSelectionRange(held, held);
  }

  return {
    meet(about) {
      wanted = '';
      all = false;
      open = null;
      formFor(form, about.commands, {
        title: 'Any command, field by field', label: 'command', does: 'Do it',
        judge: (json) => asked(story.model, 'ask', { ...past(story), version: story.version, command: raw(json), why: false }),
        shown: (answer) => [h('strong', null, text(answer.command.says)), h('br'), isRefused(answer) ? '✗ ' : '✓ ', comesOf(answer.outcome, now?.label)],
        isRefused,
        act: ({ command, outcome }) => act(command, outcome),
      });
    },
    show(at) {
      now = at;
      form.hidden = Boolean(without.why);
      // What others narrowed the list to is for the story that they began.
      if (narrowedFor !== null && narrowedFor !== story.history) [wanted, narrowedFor] = ['', null];
      if (open !== null && !at.commands.some(({ command }) => command.json === open)) open = null;
      fill(byId('where'), h('span', { class: 'chip' }, text(at.label)), at.ended && h('span', { class: 'chip end' }, 'the story ends here'));
      fill(phrases, [...new Set(at.commands.slice(0, 300).map(({ command }) => command.says))].map((says) => h('option', { value: says })));
      show();
      showOwed();
      understood = null;
      listen();
      form.renew?.();
    },
    /** Says that a scenario goes on with the command that is ready. */
    next(name) {
      ready = { name, version: story.version, history: story.history };
      listen();
    },
    /** Shows the commands with these words alone. */
    only(words) {
      [wanted, narrowedFor] = [words, story.history];
      if (now) show();
    },
  };
}

