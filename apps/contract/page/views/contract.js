// One contract: its form, its thread, and what becomes of a command.

import { h, fill } from '../dom.js';
import { ask } from '../desk.js';
import { get, isOnline, onNetwork, NoNetwork, Problem } from '../net.js';
import * as keep from '../keep.js';
import * as sync from '../sync.js';
import { onHappened } from '../live.js';
import { t, has, more, number, moment } from '../words.js';
import { box, button, chip, head, notice, Nowhere, numberIn, say, sure, thread } from '../parts.js';
import { contractForm, cap } from '../form.js';
import { settlement } from '../settle.js';
import { besideSaid } from '../said.js';

more({
  'contract.no-number': ['New contract, number to come', 'Neuer Vertrag, Nummer folgt'],
  'contract.number-later': ['It gets its number when the first step is recorded.', 'Er bekommt seine Nummer, wenn der erste Schritt festgehalten wird.'],
  'contract.thread': ['What has happened', 'Was geschehen ist'],
  'contract.nothing-yet': ['Nothing yet.', 'Noch nichts.'],
  'contract.story': ['The whole story', 'Die ganze Geschichte'],
  'contract.recorded': ['Recorded: {what}', 'Festgehalten: {what}'],
  'contract.recorded.before': ['It was recorded before: {what}', 'Es war schon festgehalten: {what}'],
  'contract.kept': ['Kept in this browser: {what}', 'In diesem Browser aufgehoben: {what}'],
  'contract.elsewhere': [
    'Another window has changed what waits for this contract, so nothing was added. Please look again.',
    'Ein anderes Fenster hat geändert, was für diesen Vertrag wartet, also kam nichts hinzu. Bitte sehen Sie es sich noch einmal an.',
  ],
  'contract.here': ['waits in this browser', 'wartet in diesem Browser'],
  'contract.changed': ['{by}: {what}.', '{by}: {what}.'],
  'contract.judged-again': ['The form was judged again.', 'Das Formular wurde neu geprüft.'],
  'contract.somebody': ['Somebody', 'Jemand'],
  'contract.offline.title': ['Without a network', 'Ohne Netz'],
  'contract.offline': [
    'The rules run in this browser, so you can go on. What you record waits here, and is decided again when the network is back.',
    'Die Regeln laufen in diesem Browser, Sie können also weiterarbeiten. Was Sie festhalten, wartet hier und wird noch einmal entschieden, wenn das Netz wieder da ist.',
  ],
  'contract.unknown.others': ['what others did with this contract since {when}', 'was andere seit {when} mit diesem Vertrag gemacht haben'],
  'contract.unknown.customer': ['whether the customer has changed', 'ob sich der Kunde geändert hat'],
  'contract.unknown.number': ['the number of the new contract', 'die Nummer des neuen Vertrags'],
  'contract.unknown': ['Nobody can know here:', 'Das kann hier niemand wissen:'],
  'contract.waits.1': ['1 command waits in this browser', '1 Auftrag wartet in diesem Browser'],
  'contract.waits.n': ['{n} commands wait in this browser', '{n} Aufträge warten in diesem Browser'],
  'contract.ask-again': ['Ask again', 'Noch einmal fragen'],
  'conflict.title': ['Somebody was quicker', 'Jemand war schneller'],
  'conflict.yours': ['Your command was not recorded: {what}.', 'Ihr Auftrag wurde nicht festgehalten: {what}.'],
  'conflict.would': ['Decided on that, it would now be:', 'Darauf entschieden, wäre es jetzt:'],
  'conflict.would-not': ['Decided on that, it is refused now:', 'Darauf entschieden, wird es jetzt abgelehnt:'],
  'conflict.do': ['Do it now', 'Jetzt tun'],
  'conflict.leave': ['Leave it', 'Es lassen'],
  'contract.refused': ['Not recorded: {why}', 'Nicht festgehalten: {why}'],
  'contract.taken': ['as of {when}', 'Stand {when}'],
  'contract.none': ['Nothing is known of this contract.', 'Von diesem Vertrag ist nichts bekannt.'],
});

export async function view({ params, me, go }) {
  const at = {
    contract: null, version: 0, entries: [], beside: [], customer: null, customerName: null, branch: null, local: null,
    unanswered: null, taken: null, conflict: null,
  };
  const of = { branch: null, customer: null };
  if (params.view === 'branch') of.branch = params.id;
  else if (params.id === 'new') of.customer = numberIn(params.customer);
  else at.contract = numberIn(params.id);
  // The version that was there before what is new, and the one up to which others' changes were announced.
  let fresh = 0;
  let seen = 0;

  const events = () => (at.local ? at.local.history_json : at.entries.map(sync.eventOf));
  const offline = () => !isOnline() || at.branch !== null;
  const blocked = () => Boolean(at.unanswered || at.conflict || at.branch?.sent || (at.branch && at.branch.state !== 'waits'));

  /** Everything there is to know, from the server or from this browser. */
  async function load() {
    at.branch = await sync.branchOf(me, { contract: at.contract, id: of.branch }) ?? null;
    if (of.branch && at.branch?.contract) at.contract = at.branch.contract;
    if (of.branch && !at.branch && at.customer === null) throw new Nowhere();
    at.unanswered = (await sync.unanswered(me)).find((one) => one.contract === at.contract) ?? null;
    at.customer ??= at.unanswered?.customer ?? null;
    at.customerName ??= at.unanswered?.customerName ?? null;
    if (at.contract !== null) await loadContract();
    if (at.branch) await loadBranch();
    else at.local = null;
    if (of.customer !== null && at.contract === null) await loadCustomer(of.customer);
  }

  async function loadContract() {
    let found = null;
    at.taken = null;
    try {
      if (isOnline()) found = await get(`/api/contracts/${at.contract}`);
    } catch (error) {
      if (error instanceof Problem && error.status === 404 && (at.branch || at.unanswered)) return;
      if (!(error instanceof NoNetwork)) throw error;
    }
    const kept = await keep.get('contracts', at.contract);
    // A number that is reserved has no history yet.
    if (found?.version === 0) found = at.branch || at.unanswered ? null : found;
    if (found && kept) await keep.put('contracts', at.contract, { of: found, taken: new Date().toISOString() });
    if (!found && at.entries.length > 0) return;
    if (!found && kept) [found, at.taken] = [kept.of, kept.taken];
    if (!found && (at.branch || at.unanswered)) return;
    if (!found) throw new NoNetwork(t('failed.network'));
    if (found.version === 0) throw new Error(t('contract.none'));
    Object.assign(at, {
      version: found.version, entries: found.history, beside: found.beside ?? [], customer: found.customer, customerName: found.customer_name,
    });
  }

  async function loadBranch() {
    const { branch } = at;
    at.customer ??= branch.customer;
    at.customerName ??= branch.customerName;
    if (!isOnline() && at.entries.length === 0) [at.version, at.entries] = [branch.began, branch.known];
    at.local = await ask({ ask: 'branch', known: branch.known, commands: branch.commands });
  }

  async function loadCustomer(customer) {
    at.customer = customer;
    const kept = await keep.get('customers', customer);
    const found = isOnline() ? await get(`/api/customers/${customer}`).catch((error) => { if (error instanceof NoNetwork) return null; throw error; }) : null;
    const shop = (found ?? kept?.of)?.shop;
    // What was loaded before the network went stays.
    if (!shop && at.customerName) return;
    if (!shop) throw new NoNetwork(t('failed.network'));
    at.taken = found ? null : kept.taken;
    at.customerName = shop.basic?.name ?? t('customer.n', { n: customer });
  }

  const draftKey = () => `${me.role}/${me.name}/${at.branch?.new ? at.branch.id : at.contract ?? `new-${at.customer}`}`;

  const place = h('div', { class: 'view' });
  const above = h('div', { class: 'above' });
  const beside = h('aside', { class: 'sheet', 'aria-labelledby': 'thread-title' });
  const heading = h('div');
  let form = null;

  async function send(step) {
    const { command_json: command, step: name, outcome } = step;
    const said = outcome.events.join('; ');
    if (offline()) return wait(command, name, said);
    await record({ command, name, said, version: at.version });
  }

  async function wait(command, name, said) {
    const before = draftKey();
    const branch = at.branch ?? sync.begin(me, {
      contract: at.contract, customer: at.customer, customerName: at.customerName, version: at.version, known: at.entries.map(sync.eventOf),
    });
    if (!await sync.add(me, branch, command)) {
      notice(t('contract.elsewhere'), { kind: 'waits', stays: true });
      return again();
    }
    await form.forget(name);
    say(t('contract.kept', { what: said }));
    if (at.branch === null && at.contract === null) {
      await keep.move('drafts', before, `${me.role}/${me.name}/${branch.id}`);
      return go(`/branch/${branch.id}`, { replace: true });
    }
    await again({ move: true });
    form.focus();
    if (isOnline()) sync.all(me);
  }

  async function record({ command, name, said, version, tries = 0 }) {
    const isNew = at.contract === null;
    try {
      const contract = isNew ? await sync.reserve(sync.owner(me)) : at.contract;
      const answer = await sync.send(me, { contract, version, command, said, customer: at.customer, customerName: at.customerName });
      at.conflict = null;
      await form.forget(name);
      notice(t(answer.repeated ? 'contract.recorded.before' : 'contract.recorded', { what: cap(said) }), { kind: 'good' });
      if (isNew) {
        await keep.move('drafts', draftKey(), `${me.role}/${me.name}/${contract}`);
        return go(`/contract/${contract}`, { replace: true });
      }
      fresh = seen = at.version;
      await again({ move: true });
      form.focus();
    } catch (error) {
      if (error instanceof Problem && error.type === 'changed') {
        // The number of a new contract was taken meanwhile: another one.
        if (isNew && tries < 5) return record({ command, name, said, version, tries: tries + 1 });
        at.conflict = { command, name, said, ...error.details };
        await again();
        above.querySelector('h2')?.focus();
      } else if (error instanceof NoNetwork) {
        if (isNew) {
          const lost = (await sync.unanswered(me)).find((one) => one.command === command);
          if (lost) return go(`/contract/${lost.contract}`, { replace: true });
        }
        await again();
        above.querySelector('h2')?.focus();
      } else if (error instanceof Problem) {
        notice(t('contract.refused', { why: await sync.refusal(error) }), { kind: 'bad', stays: true });
      } else throw error;
    }
  }

  /** Looks again, and draws what has changed; one look after another. */
  let looking = Promise.resolve();
  function again(how) {
    const look = async () => {
      await load();
      await draw();
      await form.renew(how);
    };
    looking = looking.then(look, look);
    return looking;
  }

  async function draw() {
    const { contract, branch } = at;
    const standing = at.local ?? await ask({ ask: 'steps', history: events(), drafts: [] });
    fill(heading, head({
      over: h('a', { href: `#/customer/${at.customer}` }, `${at.customerName ?? ''} · ${t('customer.n', { n: at.customer ?? '' })}`),
      title: contract === null ? t(branch ? 'contract.no-number' : 'contract.new') : t('contract.n', { n: contract }),
      under: at.taken ? t('contract.taken', { when: moment(at.taken) }) : contract === null ? t('contract.number-later') : null,
      beside: chip(standing.stage, standing.stage_said),
    }));
    fill(above, await warnings());
    // What came back otherwise is settled first.
    form.node.hidden = branch?.state === 'settle';
    if (form.node.hidden || at.conflict) seen = at.version;
    fill(beside, h('h2', { id: 'thread-title' }, t('contract.thread')), await happened(),
      contract !== null && at.entries.length > 0 && h('p', null, h('a', { href: `#/story/${contract}` }, t('contract.story'))));
  }

  async function happened() {
    const said = await ask({ ask: 'say', events: at.entries.map(sync.eventOf) });
    const own = at.entries.map((entry, i) => ({ position: entry.position, at: entry.at, by: entry.by, said: cap(said.events[i]), fresh: fresh > 0 && entry.version > fresh }));
    const others = at.beside.map((entry) => ({ position: entry.position, at: entry.at, by: entry.by, said: besideSaid(entry), part: entry.part }));
    const all = [...own, ...others].sort((one, other) => (one.position ?? 0) - (other.position ?? 0));
    const local = at.local?.decisions.flatMap((one) => one.events_said.map((what) => ({ said: cap(what), waits: true, note: t('contract.here') }))) ?? [];
    return all.length + local.length ? thread([...all, ...local]) : h('p', { class: 'soft' }, t('contract.nothing-yet'));
  }

  async function warnings() {
    const { branch, unanswered: lost, conflict } = at;
    const shown = [];
    if (conflict) shown.push(await conflicting(conflict));
    if (lost) {
      shown.push(box('waits', h('h2', { tabindex: '-1' }, t('contract.unanswered', { what: lost.said })), h('p', null, t('contract.sent')),
        h('div', { class: 'row' }, button(t('contract.ask-again'), () => sync.all(me).then(() => again())))));
    }
    if (branch?.state === 'settle') shown.push(await settlement(me, branch, (now) => settled(now)));
    else if (branch?.state === 'failed') {
      shown.push(box('bad', h('p', null, t('contract.failed', { why: branch.why })), h('div', { class: 'row' },
        button(t('failed.again'), () => sync.bring(branch).then(settled)), button(t('contract.discard'), discard, { kind: 'danger' }))));
    } else if (branch) {
      const n = branch.commands.length;
      shown.push(box('waits', h('h2', null, t(n === 1 ? 'contract.waits.1' : 'contract.waits.n', { n: number(n) })),
        h('p', null, t(branch.sent ? 'contract.sent' : 'contract.offline')), unknown(),
        h('div', { class: 'row' }, isOnline() && button(t('contract.bring'), () => sync.bring(branch).then(settled), { kind: 'main' }),
          !branch.sent && button(t('contract.discard'), discard))));
    } else if (!isOnline() && !lost) shown.push(box('waits', h('h2', null, t('contract.offline.title')), h('p', null, t('contract.offline')), unknown()));
    return shown;
  }

  const unknown = () => [h('p', null, t('contract.unknown')), h('ul', { class: 'points' },
    at.contract === null ? h('li', null, t('contract.unknown.number'))
      : h('li', null, t('contract.unknown.others', { when: moment(at.branch?.started ?? at.taken ?? new Date()) })),
    h('li', null, t('contract.unknown.customer')))];

  async function discard() {
    if (!await sure(t('contract.discard.title'), t('contract.discard.text'), t('contract.discard'))) return;
    const { branch } = at;
    await sync.discard(branch);
    if (!of.branch) await settled(null, branch);
  }

  async function settled(branch, was = at.branch) {
    const contract = branch?.contract ?? was?.contract ?? null;
    if (of.branch) return go(contract === null || (branch === null && was?.new) ? `/customer/${was.customer}` : `/contract/${contract}`, { replace: true });
    await again({ move: true });
    form.focus();
  }

  async function conflicting(conflict) {
    const { would } = conflict;
    const [rival, now] = await Promise.all([
      ask({ ask: 'say', events: conflict.rival.map(sync.eventOf) }),
      ask({ ask: 'say', events: would.events ?? [], rejections: would.rejection === undefined ? [] : [would.rejection] }),
    ]);
    const leave = async () => {
      at.conflict = null;
      await again();
      form.focus();
    };
    const refused = would.rejection !== undefined;
    return h('section', { class: 'sheet', role: 'alert' },
      h('h2', { tabindex: '-1' }, t('conflict.title')),
      thread(conflict.rival.map((entry, i) => ({ at: entry.at, by: entry.by, said: cap(rival.events[i]), fresh: true }))),
      h('p', null, t('conflict.yours', { what: conflict.said })),
      box(refused ? 'bad' : 'good', h('p', null, t(refused ? 'conflict.would-not' : 'conflict.would')),
        h('p', null, h('strong', null, (refused ? now.rejections : now.events).map(cap).join('; ') || t('form.nothing')))),
      h('div', { class: 'row' },
        !refused && button(t('conflict.do'), () => record({ ...conflict, version: conflict.version }), { kind: 'main' }),
        button(t('conflict.leave'), leave)));
  }

  /** Changes of others appear by themselves, each of them once. */
  async function heard(happening) {
    if (at.contract === null || (!happening.again && Number(happening.number) !== at.contract)) return;
    if (happening.part === 'contract' && happening.version <= at.version) return;
    await again().catch(() => null);
    const since = at.entries.filter((entry) => entry.version > seen && entry.by !== me.name);
    [fresh, seen] = [since.length ? since[0].version - 1 : fresh, at.version];
    if (since.length === 0) return;
    await draw();
    const { events: said } = await ask({ ask: 'say', events: since.map(sync.eventOf) });
    const { by } = since.at(-1);
    // What follows by itself needs no name.
    const what = has(`who.${by}`) ? cap(`${said.join('; ')}.`) : t('contract.changed', { by: by || t('contract.somebody'), what: said.join('; ') });
    notice(form.isOpen() ? `${what} ${t('contract.judged-again')}` : what, { kind: 'good', key: `contract ${at.contract}` });
  }

  await load();
  seen = at.version;
  const drafts = await keep.get('drafts', draftKey()) ?? {};
  if (at.contract === null && !at.branch) (drafts.appointment ??= { way: '', answers: {}, ways: {} }).answers.customer = String(at.customer);
  form = contractForm({
    me, drafts, send,
    keepDrafts: (all) => keep.put('drafts', draftKey(), all),
    customerName: () => at.customerName,
    state: () => ({ history: events(), known: at.branch ? at.branch.known.length : at.entries.length, offline: offline(), blocked: blocked() }),
  });
  await draw();
  await form.renew();
  fill(place, heading, h('div', { class: 'columns' }, h('div', { class: 'stack' }, above, form.node), beside));

  const stop = [
    onHappened(heard),
    onNetwork(() => again().catch(() => null)),
    sync.onChanged(async (gone) => {
      const [had, lost] = [at.branch, at.unanswered];
      if (of.branch && gone?.id === of.branch && gone.state !== 'settle') return settled(gone.state === 'recorded' ? gone : null, gone);
      const branch = await sync.branchOf(me, { contract: at.contract, id: of.branch });
      if (of.branch && !branch) return null;
      const answered = lost && !(await sync.unanswered(me)).some((one) => one.key === lost.key);
      if (had?.state !== branch?.state || had?.sent !== branch?.sent || Boolean(had) !== Boolean(branch) || answered) await again({ move: true }).catch(() => null);
    }),
  ];
  const title = at.contract === null ? t('contract.new') : t('contract.n', { n: at.contract });
  return { title, node: place, close: () => stop.forEach((end) => end()) };
}
