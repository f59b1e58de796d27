// Work without a network: branches of commands that wait, and commands that were sent and not answered.

import * as keep from './keep.js';
import { listeners } from './dom.js';
import { ask } from './desk.js';
import { get, post, inHeader, isOnline, newKey, NoNetwork, Problem } from './net.js';
import { t, more, counted } from './words.js';
import { notice, reason, unnotice } from './parts.js';

more({
  'contract.bring': ['Bring it to the server', 'Zum Server bringen'],
  'contract.failed': ['What waits here was not taken: {why}', 'Was hier wartet, wurde nicht angenommen: {why}'],
  'contract.discard': ['Throw away', 'Wegwerfen'],
  'contract.discard.title': ['Throw away what waits?', 'Wegwerfen, was wartet?'],
  'contract.discard.text': ['It was never recorded, and nobody else has seen it.', 'Es wurde nie festgehalten, und niemand sonst hat es gesehen.'],
  'contract.sent': [
    'It was sent, and the answer has not arrived. It is asked for again when the network is back; nothing is recorded twice.',
    'Es wurde gesendet, und die Antwort kam nicht an. Sie wird geholt, sobald das Netz wieder da ist; nichts wird doppelt festgehalten.',
  ],
  'contract.unanswered': ['No answer yet: {what}', 'Noch keine Antwort: {what}'],
  'sync.recorded.1': ['Contract {contract}: what waited is recorded.', 'Vertrag {contract}: Der wartende Auftrag ist festgehalten.'],
  'sync.recorded.n': ['Contract {contract}: all {n} commands that waited are recorded.', 'Vertrag {contract}: Alle {n} wartenden Aufträge sind festgehalten.'],
  'sync.settle': ['Contract {contract}: not everything that waited can be recorded as it was. Please look at it.', 'Vertrag {contract}: Nicht alles, was wartete, kann so festgehalten werden. Bitte sehen Sie es sich an.'],
  'sync.look': ['Look', 'Ansehen'],
  'sync.answered': ['Contract {contract}: the command that had no answer is recorded.', 'Vertrag {contract}: Der Auftrag ohne Antwort ist festgehalten.'],
  'sync.refused': ['Contract {contract}: the command that had no answer was not recorded: {why}', 'Vertrag {contract}: Der Auftrag ohne Antwort wurde nicht festgehalten: {why}'],
});

const changed = listeners();
/** Calls back when something waits or no longer waits; with the branch that is gone, if one is. */
export const onChanged = changed.on;

/** A person as what is kept in this browser belongs to them. */
export const owner = (me) => `${me.role}/${me.name}`;
const ofMe = (me) => (thing) => thing.who === owner(me);

/** An entry of a history as the event alone. */
export const eventOf = (entry) => entry?.event ?? entry;

/** The branches of this person, oldest first. */
export const branches = async (me) =>
  (await keep.all('branches')).filter(ofMe(me)).sort((one, other) => one.started.localeCompare(other.started));

/** The commands of this person that were sent and not answered. */
export const unanswered = async (me) => (await keep.all('unanswered')).filter(ofMe(me));

/** The branch of a contract, or of this id. */
export const branchOf = async (me, { contract, id }) =>
  (await branches(me)).find((branch) => (id ? branch.id === id : branch.contract === contract && contract !== null));

/** How many commands wait. */
export async function count(me) {
  if (!me) return 0;
  const commands = (await branches(me)).reduce((sum, branch) => sum + branch.commands.length, 0);
  return commands + (await unanswered(me)).length;
}

async function save(branch) {
  await keep.put('branches', branch.id, branch);
  changed.call();
}

/** Begins a branch on what is known. `contract` is null for a new one, whose number only the server can give. */
export const begin = (me, { contract, customer, customerName, version, known, commands = [] }) => ({
  id: `branch-${newKey()}`, who: owner(me), contract, new: contract === null || version === 0, customer, customerName,
  began: version, known, commands, started: new Date().toISOString(), sent: false, state: 'waits', why: null, now: null,
});

/** Adds a command to a branch, and keeps it. False, and nothing is done, if another window has changed what waits for this contract. */
export const add = (me, branch, command) => alone('branches', async () => {
  const isFirst = branch.commands.length === 0;
  const waits = isFirst ? await branchOf(me, { contract: branch.contract }) : await keep.get('branches', branch.id);
  const isSame = isFirst ? !waits : waits?.state === 'waits' && !waits.sent && waits.commands.length === branch.commands.length;
  if (!isSame) return false;
  await save({ ...branch, commands: [...branch.commands, command] });
  return true;
});

/** Throws a branch away. */
export async function discard(branch) {
  unnotice(branch.id);
  await keep.drop('branches', branch.id);
  changed.call(branch);
}

/** Forgets a command without an answer. */
export async function forget(command) {
  await keep.drop('unanswered', command.key);
  changed.call();
}

/** Reserves a number for a new contract. */
export const reserve = async (who) => (await post('/api/contracts', {}, inHeader(who))).contract;

/** The body of a sync: the commands go as the texts that the desk made, so that no number is rounded. */
const body = (branch) =>
  `{"branch":${JSON.stringify(branch.id)},"new":${branch.new},"began":${branch.began},"commands":[${branch.commands.join(',')}]}`;

async function sent(branch) {
  const before = branch.sent;
  for (let tries = 0; ; tries++) {
    if (branch.contract === null) {
      branch.contract = await reserve(branch.who);
      await save(branch);
    }
    // From here on the server may have it, whatever arrives here: the branch takes nothing more until there is an answer.
    branch.sent = true;
    await save(branch);
    try {
      return await post(`/api/contracts/${branch.contract}/sync`, body(branch), { 'Idempotency-Key': branch.id, ...inHeader(branch.who) });
    } catch (error) {
      if (error instanceof NoNetwork) throw error;
      branch.sent = error.status >= 500 || (before && error.isOfThePage === true);
      if (error.type !== 'number-taken' || tries === 4) throw error;
      branch.contract = null;
    }
  }
}

/** Brings a branch to the server. Gives it back as it then is: `state` is `recorded`, `settle`, `failed` or (no network) `waits`. */
export async function bring(branch) {
  // Another window may have added to it since this one has looked.
  Object.assign(branch, await keep.get('branches', branch.id));
  try {
    const answer = await sent(branch);
    if (answer.recorded) {
      // What was prepared for the next steps goes along to the number that the contract has now.
      await keep.move('drafts', `${branch.who}/${branch.id}`, `${branch.who}/${branch.contract}`);
      branch.state = 'recorded';
      await discard(branch);
      await refresh(branch.contract);
      notice(counted('sync.recorded', branch.commands.length).replace('{contract}', branch.contract), { kind: 'good' });
      return branch;
    }
    branch.sent = false;
    branch.state = 'settle';
    branch.now = { version: answer.version, history: answer.history.map(eventOf) };
    const place = `#/contract/${branch.contract}`;
    if (location.hash !== place) {
      notice(t('sync.settle', { contract: branch.contract }), {
        kind: 'waits', key: branch.id, label: t('sync.look'), action: () => { location.hash = place; },
      });
    }
  } catch (error) {
    if (error instanceof Problem && !error.isOfThePage) {
      branch.state = 'failed';
      branch.why = await refusal(error);
    } else if (!(error instanceof NoNetwork || error instanceof Problem)) throw error;
  }
  await save(branch);
  return branch;
}

/** A branch of what the person keeps, on what the server has now. It takes the place of the old one and is sent. */
export async function settle(me, branch, commands) {
  if (commands.length === 0) {
    await discard(branch);
    return null;
  }
  const next = begin(me, { ...branch, version: branch.now.version, known: branch.now.history, commands });
  await save(next);
  await discard(branch);
  return bring(next);
}

/** Sends one command, `{contract, version, command, said, customer, customerName}`, once, however often the network fails: it is kept with its key until there is an answer. */
export async function send(me, of) {
  const { contract, version, command, key } = { key: newKey(), ...of };
  const waiting = { ...of, key, who: owner(me), at: new Date().toISOString() };
  await keep.put('unanswered', key, waiting);
  try {
    const answer = await post(`/api/contracts/${contract}/commands`, `{"command":${command}}`, {
      'If-Match': `"${version}"`, 'Idempotency-Key': key, ...inHeader(waiting.who),
    });
    await forget(waiting);
    return answer;
  } catch (error) {
    // The server may have one that was sent before: it waits until its person is back.
    const waitsOn = error instanceof Problem && error.isOfThePage && of.key !== undefined;
    if (error instanceof Problem && error.status < 500 && !waitsOn) await forget(waiting);
    else changed.call();
    throw error;
  }
}

/** What a refusal says, in words. */
export async function refusal(error) {
  const rejection = error.details?.rejection;
  if (error.type !== 'rejected' || rejection === undefined) return reason(error);
  const said = await ask({ ask: 'say', rejections: [rejection] }).catch(() => null);
  return said?.rejections?.[0] ?? reason(error);
}

async function resend(me, command) {
  try {
    await send(me, command);
    await refresh(command.contract);
    notice(t('sync.answered', { contract: command.contract }), { kind: 'good' });
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.isOfThePage) return;
    notice(t('sync.refused', { contract: command.contract, why: await refusal(error) }), { kind: 'bad', stays: true });
  }
}

/** Looks again at a contract that was taken along. */
async function refresh(contract) {
  if (await keep.get('contracts', contract)) await takeContract(contract).catch(() => null);
}

/** Takes a contract along. */
export async function takeContract(contract) {
  const of = await get(`/api/contracts/${contract}`);
  await keep.put('contracts', of.contract, { of, taken: new Date().toISOString() });
  return of;
}

/** Windows of one browser take turns. */
const alone = (what, work) => (navigator.locks ? navigator.locks.request(what, work) : work());
let busy = false;

/** Brings everything that waits and needs nobody's judgement. Two windows of one browser take turns. */
export async function all(me) {
  if (busy || !isOnline()) return;
  busy = true;
  try {
    await alone('sync', async () => {
      for (const command of await unanswered(me)) await resend(me, command);
      for (const branch of await branches(me)) if (branch.state === 'waits' && isOnline()) await bring(branch);
    });
  } finally {
    busy = false;
    changed.call();
  }
}
