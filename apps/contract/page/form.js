// The form of a contract: its steps, each judged by the desk at every keystroke.

import { h, s, fill, newId, setText } from './dom.js';
import { ask, isHere } from './desk.js';
import { t, more, number, has, language } from './words.js';
import { box, button, facts, say } from './parts.js';

more({
  'form.steps': ['Steps', 'Schritte'],
  'form.what': ['What would you like to do?', 'Was möchten Sie tun?'],
  'form.way.on': ['Move the day', 'Den Termin verschieben'],
  'form.way.abandon': ['Give the negotiation up', 'Die Verhandlung aufgeben'],
  'form.label.on': ['New day of the appointment', 'Neuer Tag des Termins'],
  'form.label.abandon': ['Reason', 'Grund'],
  'form.at-least': ['at least {n}', 'mindestens {n}'],
  'form.between': ['{least} to {most}', '{least} bis {most}'],
  'form.would': ['This will be recorded:', 'Das wird festgehalten:'],
  'form.would.offline': ['This will wait in this browser:', 'Das wird in diesem Browser warten:'],
  'form.nothing': ['Nothing would change.', 'Es würde sich nichts ändern.'],
  'form.not-yet': ['Not yet: {why}', 'Noch nicht: {why}'],
  'form.record': ['Record', 'Festhalten'],
  'form.record.offline': ['Keep until there is a network', 'Aufheben, bis es ein Netz gibt'],
  'form.back': ['Back', 'Zurück'],
  'form.ahead': ['Prepare the next step', 'Nächsten Schritt vorbereiten'],
  'form.early': [
    'What you fill in here stays as a draft. It can be recorded once the step before it is.',
    'Was Sie hier eintragen, bleibt als Entwurf. Festgehalten werden kann es, sobald der Schritt davor festgehalten ist.',
  ],
  'form.of.supervisor': ['A supervisor decides in this step.', 'In diesem Schritt entscheidet ein Entscheider.'],
  'form.of.account-manager': ['The account manager takes this step.', 'Diesen Schritt geht die Kundenbetreuung.'],
  'form.of.signing-service': [
    'The signing service has this step: the contract goes there by itself, and both sides sign.',
    'Diesen Schritt übernimmt der Signaturdienst: Der Vertrag geht von selbst dorthin, und beide Seiten unterschreiben.',
  ],
  'form.waits-here': ['This waits in this browser.', 'Das wartet in diesem Browser.'],
  'form.saved': ['Drafts stay in this browser, also after a reload.', 'Entwürfe bleiben in diesem Browser, auch wenn Sie neu laden.'],
  'form.signed.internally': ['Our side', 'Unsere Seite'],
  'form.signed.externally': ['The customer', 'Der Kunde'],
  'form.signed': ['signed', 'unterschrieben'],
  'form.signed.not': ['not signed yet', 'noch nicht unterschrieben'],
  'form.judged': ['Judged in this browser in {ms} ms, by the rules of the server.', 'In diesem Browser in {ms} ms geprüft, nach den Regeln des Servers.'],
  'form.judged.away': ['Judged by the server in {ms} ms.', 'Vom Server in {ms} ms geprüft.'],
  'form.ended': ['This contract has ended.', 'Dieser Vertrag ist beendet.'],
});

const cap = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const STROKES = {
  internally: 'M6 40c14-34 26-36 22-12s-12 18-4-4 22-26 20-6 4 16 12 0 12-8 10 4 8 6 18-4 14-2 20 4 22 6 44-10',
  externally: 'M8 30c6-22 26-24 20-2s-18 14-8-2 20-6 18 6 8 8 14-4 10-14 14-4-2 16 8 6 14-20 18-6 2 16 14 8 26-2 40-8',
};

/** The two lines under a contract: a stroke is drawn where a side has signed, once for each that is not in `drawn`. */
export const signatures = (contract, drawn) => h('div', { class: 'signatures' }, Object.keys(STROKES).map((side) => {
  const signed = contract?.[`signed_${side}`];
  const isNew = signed && !drawn.has(side);
  if (isNew) drawn.add(side);
  return h('div', { class: signed ? 'signed' : null },
    s('svg', { viewBox: '0 0 160 52', 'aria-hidden': 'true' }, signed && s('path', { d: STROKES[side], pathLength: 1, class: isNew ? 'new' : null })),
    h('p', { class: 'tiny' }, t(`form.signed.${side}`), h('span', { class: 'soft' }, ` · ${t(signed ? 'form.signed' : 'form.signed.not')}`)));
}));

/**
 * The form. `state()` gives `{history, known, offline, blocked}`: the events it is judged on, how many of them are recorded,
 * whether it is decided in this browser, and whether nothing can be recorded now. `drafts` are kept through
 * `keepDrafts`; `send` gets the step that is to be recorded.
 */
export function contractForm({ me, state, drafts, keepDrafts, send, customerName }) {
  const steps = h('ol', { class: 'steps', 'aria-label': t('form.steps') });
  const body = h('div', { class: 'sheet' });
  const widgets = new Map();
  const touched = new Set();
  let bare = [];
  let judged = [];
  let chosen = null;
  let shape = '';
  let turn = 0;
  let parts = null;
  let took = 0;
  let details = [];
  let contract = null;
  const drawn = new Set();

  const draft = (step) => (drafts[step] ??= { way: '', answers: {}, ways: {} });
  const answers = (step) => {
    const of = draft(step);
    if (of.way) return { [of.way]: of.ways[of.way] ?? '' };
    return Object.fromEntries(Object.entries(of.answers).filter(([, text]) => text !== ''));
  };

  /** What a field begins with: what is known already. */
  function prefill(step) {
    const of = draft(step.step).answers;
    for (const field of step.fields) {
      if (field.name === 'account_manager' && me.role === 'account-manager') of[field.name] ??= me.name;
      // Who is signed in decides, and nobody else in their name.
      if (field.name === 'supervisor' && me.role === 'supervisor') of[field.name] = me.name;
    }
  }

  async function judge() {
    const mine = ++turn;
    const { history } = state();
    const open = bare.filter((step) => step.standing !== 'done');
    const begun = performance.now();
    let given = open.map((step) => answers(step.step));
    let answer = await ask({ ask: 'steps', history, drafts: given });
    // An answer to a question that is asked no longer (the reason of a rejection, once it is accepted) stays in the draft alone.
    const asked = answer.steps.filter((step) => step.standing !== 'done')
      .map((step) => new Set(step.fields.filter((field) => !field.strange).map((field) => field.name)));
    if (given.some((of, place) => asked[place] && Object.keys(of).some((name) => !asked[place].has(name)))) {
      given = given.map((of, place) => Object.fromEntries(Object.entries(of).filter(([name]) => !asked[place] || asked[place].has(name))));
      answer = await ask({ ask: 'steps', history, drafts: given });
    }
    took = performance.now() - begun;
    details = answer.details ?? [];
    contract = answer.contract;
    // A draft that gives the contract up leaves no steps after it; they stay in the picture.
    if (mine === turn) judged = bare.map((step, place) => answer.steps[place] ?? { ...step, standing: 'waiting' });
    return mine === turn;
  }

  /** Judges again from the start, after something has happened. */
  async function renew({ move = false } = {}) {
    const { history, known } = state();
    const [of, recorded] = await Promise.all([
      ask({ ask: 'steps', history, drafts: [] }),
      known < history.length ? ask({ ask: 'steps', history: history.slice(0, known), drafts: [] }) : null,
    ]);
    const was = bare.find((step) => step.step === chosen)?.standing;
    bare = of.steps;
    for (const step of bare) {
      step.local = step.standing === 'done' && recorded !== null && recorded.steps.find((one) => one.step === step.step)?.standing !== 'done';
      if (step.standing !== 'done') prefill(step);
    }
    const open = bare.find((step) => step.standing === 'open');
    const is = bare.find((step) => step.step === chosen)?.standing;
    // The open step is done: the next one follows it.
    if (move || is === undefined || (was === 'open' && is === 'done')) {
      chosen = (open ?? bare.at(-1))?.step ?? null;
      touched.clear();
    }
    shape = '';
    await judge();
    show();
  }

  async function typed() {
    keepDrafts(drafts);
    if (await judge()) show();
  }

  const at = () => judged.findIndex((step) => step.step === chosen);
  const choose = (step, focus) => {
    chosen = step;
    show();
    if (focus) body.querySelector('h2')?.focus();
  };

  function show() {
    const place = at();
    const step = judged[place];
    showSteps();
    if (!step) return fill(body, h('p', null, t('form.ended')));
    const mine = step.who === me.role;
    const manager = me.role === 'account-manager';
    const way = step.standing === 'open' ? draft(step.step).way : '';
    const fields = step.fields.filter((field) => (way ? field.name === way : !field.instead && !field.strange));
    const now = [step.step, step.standing, way, state().offline, state().blocked].join('/');
    const active = document.activeElement;
    if (now !== shape) {
      shape = now;
      draw(step, { mine, manager, way, place });
    }
    if (parts !== null) {
      const nodes = mine || way ? fields.map((field) => widget(step, field, way)) : [];
      const there = parts.fields.children;
      if (nodes.length !== there.length || nodes.some((node, i) => node !== there[i])) fill(parts.fields, nodes);
      showOutcome(step);
    }
    // An element that was moved has lost the focus.
    if (active !== document.activeElement && body.contains(active)) active.focus();
  }

  function showSteps() {
    const focused = steps.contains(document.activeElement);
    fill(steps, judged.map((step, place) => h('li', {
      class: [bare[place].local ? 'local' : step.standing, step.standing === 'done' && !bare[place].local && 'sewn'].filter(Boolean).join(' '),
    }, h('button', { type: 'button', 'aria-current': step.step === chosen ? 'step' : null, on: { click: () => choose(step.step, true) } },
      h('span', null, cap(step.title.split(/, | durch | by /)[0]))))));
    if (focused) steps.querySelector('[aria-current]')?.focus();
  }

  /** The frame of a step; its fields and its outcome are filled in at every keystroke. */
  function draw(step, { mine, manager, way, place }) {
    const { offline, blocked } = state();
    const heading = h('h2', { tabindex: '-1' }, cap(step.title));
    const before = place > 0 && button(t('form.back'), () => choose(judged[place - 1].step, true));
    parts = null;
    if (step.standing === 'done') {
      const after = judged[place + 1];
      return fill(body, heading, step.step === 'signing' && signatures(contract, drawn), h('ul', { class: 'done' }, step.done.map((said) => h('li', null, cap(said)))),
        bare[place].local && h('p', { class: 'soft' }, t('form.waits-here')),
        h('div', { class: 'row' }, before, after && button(cap(after.title), () => choose(after.step, true))));
    }
    const instead = manager && step.standing === 'open' ? step.fields.filter((field) => field.instead) : [];
    const note = [!mine && h('p', null, t(`form.of.${step.who}`)), step.step === 'signing' && signatures(contract, drawn)];
    if (!mine && instead.length === 0) return fill(body, heading, note, h('div', { class: 'row' }, before));
    parts = { fields: h('div', { class: 'fields' }), outcome: h('div', { role: 'status' }), judged: h('p', { class: 'soft tiny number' }) };
    const ways = instead.length > 0 && chooseWay(step, instead, mine, way);
    const after = judged[place + 1];
    const ahead = mine && !way && after && after.who === me.role && button(t('form.ahead'), () => choose(after.step, true), { kind: 'quiet' });
    fill(body, heading, note,
      // A decision is made on what was requested, so that is shown with it.
      step.who === 'supervisor' && step.standing === 'open' && box('plain', facts(details.map(({ label, value }) => [cap(label), value]))),
      h('form', { novalidate: true, on: { submit: (event) => { event.preventDefault(); record(step.step); } } },
        ways, parts.fields, (mine || way) && h('div', { class: 'judged' }, parts.outcome, parts.judged),
        step.standing !== 'open' && h('p', { class: 'soft' }, t('form.early')),
        h('div', { class: 'row' },
          step.standing === 'open' && !blocked && (mine || way) && h('button', { class: 'main' }, t(offline ? 'form.record.offline' : 'form.record')),
          before, ahead)),
      mine && h('p', { class: 'soft tiny' }, t('form.saved')));
  }

  function chooseWay(step, instead, mine, way) {
    const group = newId('way');
    const choice = (value, text) => h('label', { class: 'choice' },
      h('input', { type: 'radio', name: group, value, checked: value === way, on: { change: () => { draft(step.step).way = value; typed().then(() => again(group)); } } }),
      h('span', null, text));
    const again = () => body.querySelector('.ways input:checked')?.focus();
    const text = (field) => (has(`form.way.${field.name}`) ? t(`form.way.${field.name}`) : field.label);
    return h('fieldset', { class: 'ways' }, h('legend', null, t('form.what')), h('div', { class: 'row' },
      choice('', mine ? cap(step.title) : t('form.of-nothing')), instead.map((field) => choice(field.name, text(field)))));
  }

  function widget(step, field, way) {
    const key = `${step.step}/${way}/${field.name}`;
    if (!widgets.has(key)) widgets.set(key, field.type === 'choice' ? choices(step.step, field, key) : input(step.step, field, way, key));
    const { node, update } = widgets.get(key);
    const answer = way ? draft(step.step).ways[way] : draft(step.step).answers[field.name];
    update(field, touched.has(key) || (answer ?? '') !== '' ? field.problem : null);
    return node;
  }

  function input(step, field, way, key) {
    const [id, problemId, hintId] = [newId(field.name), newId('problem'), newId('hint')];
    const of = draft(step);
    const fixed = (field.name === 'customer' && customerName()) || (field.name === 'supervisor' && me.role === 'supervisor');
    const tag = field.name === 'reason' || field.name === 'abandon' ? 'textarea' : 'input';
    const node = h(tag, {
      id, name: field.name, value: (way ? of.ways[way] : of.answers[field.name]) ?? '', 'aria-describedby': `${problemId} ${hintId}`,
      type: tag === 'input' ? (field.type === 'date' ? 'date' : 'text') : null, rows: tag === 'textarea' ? 2 : null,
      inputmode: field.type === 'whole-number' ? 'numeric' : null, autocomplete: 'off', readonly: fixed, 'aria-required': 'true',
      on: {
        input: () => {
          if (way) of.ways[way] = node.value;
          else of.answers[field.name] = node.value;
          typed();
        },
        blur: () => { if (!touched.has(key)) { touched.add(key); show(); } },
      },
    });
    const problem = h('p', { class: 'problem', id: problemId, 'aria-live': 'polite' });
    const hint = h('p', { class: 'hint soft', id: hintId });
    const label = way && has(`form.label.${field.name}`) ? t(`form.label.${field.name}`) : field.label;
    return {
      node: h('div', { class: 'field' }, h('label', { for: id }, label), node, hint, problem),
      update(now, wrong) {
        setText(problem, wrong ? cap(wrong) : '');
        node.setAttribute('aria-invalid', String(Boolean(wrong)));
        setText(hint, field.name === 'customer' ? (customerName() ?? '') : hinted(now));
        const value = (way ? of.ways[way] : of.answers[field.name]) ?? '';
        if (document.activeElement !== node && node.value !== value) node.value = value;
      },
    };
  }

  function choices(step, field, key) {
    const [group, problemId] = [newId(field.name), newId('problem')];
    const of = draft(step);
    const problem = h('p', { class: 'problem', id: problemId, 'aria-live': 'polite' });
    const pick = (value) => () => {
      of.answers[field.name] = value;
      touched.add(key);
      typed();
    };
    return {
      node: h('fieldset', { class: 'field', 'aria-describedby': problemId }, h('legend', null, field.label),
        h('div', { class: 'row' }, field.of.map(({ value, said }) => h('label', { class: 'choice' },
          h('input', { type: 'radio', name: group, value, checked: of.answers[field.name] === value, on: { change: pick(value) } }),
          h('span', null, cap(said))))), problem),
      update: (now, wrong) => setText(problem, wrong ? cap(wrong) : ''),
    };
  }

  function hinted(field) {
    if (field.type !== 'whole-number') return '';
    return field.at_most === undefined || field.at_most === null ? t('form.at-least', { n: number(field.at_least) })
      : t('form.between', { least: number(field.at_least), most: number(field.at_most) });
  }

  function showOutcome(step) {
    const { offline } = state();
    setText(parts.judged, t(isHere() ? 'form.judged' : 'form.judged.away', { ms: new Intl.NumberFormat(language(), { maximumFractionDigits: 1 }).format(took) }));
    const events = step.outcome?.events;
    const text = events ? events.map(cap).join('; ') || t('form.nothing') : t('form.not-yet', { why: step.outcome?.problem ?? '' });
    const kind = `outcome ${events?.length ? (offline ? 'waits' : 'good') : 'plain'}`;
    if (parts.said === kind + text) return;
    parts.said = kind + text;
    fill(parts.outcome, box(kind, h('p', null,
      events?.length > 0 && h('span', { class: 'soft tiny' }, t(offline ? 'form.would.offline' : 'form.would'), h('br')),
      events ? h('strong', null, text) : text)));
  }

  async function record(name) {
    await judge();
    const step = judged.find((one) => one.step === name);
    if (step.command_json === null || step.command_json === undefined) {
      for (const field of step.fields) for (const way of ['', field.name]) touched.add(`${name}/${way}/${field.name}`);
      show();
      say(t('form.not-yet', { why: step.outcome?.problem ?? '' }));
      body.querySelector('[aria-invalid=true], fieldset:has(.problem:not(:empty)) input')?.focus();
      return;
    }
    const main = body.querySelector('button.main');
    if (main?.getAttribute('aria-busy') === 'true') return;
    main?.setAttribute('aria-busy', 'true');
    try {
      await send(step);
    } finally {
      main?.removeAttribute('aria-busy');
    }
  }

  return {
    node: h('div', { class: 'form' }, h('nav', { 'aria-label': t('form.steps') }, steps), body),
    renew,
    /** Whether this person has a step to fill in. */
    isOpen: () => judged.some((step) => step.standing === 'open' && step.who === me.role),
    focus: () => body.querySelector('h2')?.focus(),
    /** A step that was recorded needs its draft no longer. */
    async forget(step) {
      delete drafts[step];
      for (const key of [...widgets.keys()]) if (key.startsWith(`${step}/`)) widgets.delete(key);
      await keepDrafts(drafts);
    },
  };
}

more({ 'form.of-nothing': ['Wait', 'Abwarten'] });
export { cap };
