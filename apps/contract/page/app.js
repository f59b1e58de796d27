// The application: sign-in, the header, and which view is shown.

import { h, fill, setText } from './dom.js';
import * as keep from './keep.js';
import * as desk from './desk.js';
import { get, post, isOnline, onNetwork, onRefused, useModel, usePerson, NoNetwork, Problem } from './net.js';
import { t, counted, language, speak, number } from './words.js';
import { icon, mark, notice, sure, failure, button, reason, Nowhere } from './parts.js';
import { listen, silence } from './live.js';
import * as sync from './sync.js';
import { signIn } from './signin.js';

const VIEWS = {
  search: 'search', customer: 'customer', contract: 'contract', branch: 'contract', waiting: 'waiting',
  requests: 'requests', letters: 'letters', signing: 'signing', monitor: 'monitor', story: 'story', imports: 'imports',
};
const NAV = {
  'account-manager': ['search', 'waiting', 'letters', 'signing', 'monitor'],
  'supervisor': ['requests', 'search', 'letters', 'signing', 'monitor'],
  'customer-service': ['search', 'requests', 'letters', 'signing', 'monitor', 'imports'],
};
/** Views that begin with another one in the navigation. */
const UNDER = { customer: 'search', contract: 'search', branch: 'waiting', story: 'monitor' };

let me = null;
let shown = { close: null, turn: 0, name: null };
const $ = (id) => document.getElementById(id);

/** Shows the page of this address, `/customer/145`. */
export function go(to, { replace = false } = {}) {
  const hash = `#${to}`;
  if (location.hash === hash) return route();
  if (replace) {
    history.replaceState(null, '', hash);
    route();
  } else location.hash = hash;
}

const home = () => (me?.role === 'supervisor' ? '/requests' : '/search');

/** `{name, params}` of an address: `#/contract/17?step=2` is the view `contract` with `{id: '17', step: '2'}`. */
function address() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/').map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { name, params: { ...Object.fromEntries(new URLSearchParams(query ?? '')), id, view: name } };
}

async function route() {
  if (!me) return;
  if (!location.hash) return go(home(), { replace: true });
  const { name, params } = address();
  const turn = ++shown.turn;
  const main = $('main');
  main.setAttribute('aria-busy', 'true');
  let view;
  try {
    if (!Object.hasOwn(VIEWS, name)) throw new Nowhere();
    const file = await import(`./views/${VIEWS[name]}.js`);
    view = await file.view({ params, me, go });
  } catch (error) {
    view = explained(error);
  }
  if (turn !== shown.turn) return view.close?.();
  shown.close?.();
  const searching = document.activeElement?.id === 'find';
  const first = shown.name === null;
  shown = { close: view.close, turn, name };
  main.removeAttribute('aria-busy');
  fill(main, view.node);
  document.title = `${view.title} · ${t('app')}`;
  for (const link of document.querySelectorAll('nav.main a')) {
    const current = link.dataset.view === (UNDER[name] ?? name);
    current ? link.setAttribute('aria-current', name in UNDER ? 'true' : 'page') : link.removeAttribute('aria-current');
  }
  if (name !== 'search' && $('find')) $('find').value = '';
  if (!searching && !first) {
    (main.querySelector('h1') ?? main).focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

function explained(error) {
  if (error instanceof Nowhere) return { title: t('nowhere.title'), node: failure(t('nowhere.title'), t('nowhere.text')) };
  const text = isOnline() ? reason(error) : t('failed.network');
  if (error.constructor !== Error && !(error instanceof NoNetwork || error instanceof Problem)) console.error(error);
  return {
    title: t('failed.title'),
    node: failure(t('failed.title'), text, h('p', null, button(t('failed.again'), route, { kind: 'main' }))),
  };
}

function searchField() {
  const input = h('input', {
    id: 'find', type: 'search', placeholder: t('search.hint'), autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search',
    'aria-keyshortcuts': '/',
    on: {
      input: () => {
        if (shown.name === 'search') dispatchEvent(new CustomEvent('search', { detail: input.value }));
        else go(`/search?q=${encodeURIComponent(input.value)}`);
      },
      keydown: (event) => {
        if (event.key === 'ArrowDown' && shown.name === 'search') {
          event.preventDefault();
          document.querySelector('.results a')?.focus();
        }
      },
    },
  });
  return h('form', { role: 'search', class: 'find', on: {
    submit: (event) => {
      event.preventDefault();
      document.querySelector('.results a')?.focus();
    },
  } }, h('label', { for: 'find', class: 'unseen' }, t('search.label')), icon('search'), input);
}

function frame() {
  const link = (name) => h('a', { href: `#/${name}`, data: { view: name } }, icon(name), h('span', null, t(`nav.${name}`)));
  const other = language() === 'de' ? 'en' : 'de';
  const you = h('details', { class: 'you' },
    h('summary', { 'aria-label': `${t('you')}: ${me.name}, ${t(`role.${me.role}`)}` },
      h('span', { class: 'signature', 'aria-hidden': 'true' }, me.name)),
    h('div', { class: 'menu' },
      h('p', null, h('strong', null, me.name), h('br'), h('span', { class: 'soft' }, t(`role.${me.role}`))),
      h('button', { type: 'button', class: 'quiet', lang: other, on: { click: () => { speak(other); frame(); route(); } } }, t('language.other')),
      button(t('sign-out'), leave, { kind: 'quiet' })));
  you.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    you.open = false;
    you.firstElementChild.focus();
  });
  you.addEventListener('focusout', (event) => event.relatedTarget && !you.contains(event.relatedTarget) && (you.open = false));
  texts();
  const main = $('main') ?? h('main', { id: 'main', tabindex: '-1' });
  main.className = '';
  fill($('app'),
    h('header', { class: 'top' },
      h('a', { class: 'brand', href: `#${home()}` }, mark(), h('span', null, t('app'))),
      searchField(),
      h('div', { class: 'standing' },
        h('span', { id: 'network', class: 'badge', role: 'status' }),
        h('a', { id: 'waits', class: 'badge waits', href: '#/waiting', hidden: true }),
        you)),
    h('nav', { class: 'main', 'aria-label': t('main-nav') }, NAV[me.role]?.map(link)),
    main);
  badges();
}

function texts() {
  speak(language());
  $('skip').textContent = t('skip');
  $('notices').setAttribute('aria-label', t('notices'));
}

async function badges() {
  const network = $('network');
  if (!network) return;
  network.hidden = isOnline();
  document.body.classList.toggle('offline', !isOnline());
  setText(network, isOnline() ? '' : t('net.offline'));
  const n = await sync.count(me);
  // Meanwhile somebody may have signed out.
  if (!$('waits')) return;
  $('waits').hidden = n === 0;
  $('waits').setAttribute('aria-label', counted('waits', n));
  setText($('waits'), number(n));
}

async function leave() {
  const n = await sync.count(me);
  if (n > 0 && !await sure(t('sign-out'), t('sign-out.waiting', { n: number(n) }), t('sign-out'))) return;
  await post('/api/sign-out').catch((error) => notice(reason(error), { kind: 'bad' }));
  await keep.drop('self', 'me');
  signedOut();
}

/** Ends what is shown, and what is done for this person. */
function end() {
  silence();
  shown.close?.();
  shown = { close: null, turn: shown.turn + 1, name: 'sign-in' };
  me = null;
  usePerson(null);
}

/** Goes on as the person who has signed in in another window. */
async function goOn() {
  end();
  me = await session();
  if (!me) return signedOut();
  notice(t('another-person', { name: me.name }), { kind: 'waits', stays: true, key: 'person' });
  await begin();
}

async function signedOut() {
  end();
  document.title = t('app');
  me = await signIn($('app'), relabel);
  await begin();
}

const relabel = () => { texts(); };

/** The session, or the last one if the server cannot say: the page works then, and the server looks when it is back. */
async function session() {
  try {
    const found = await get('/api/me');
    await keep.put('self', 'me', found);
    return found;
  } catch (error) {
    return error instanceof Problem && error.status === 401 ? null : keep.get('self', 'me');
  }
}

async function begin() {
  usePerson(sync.owner(me));
  await keep.put('self', 'me', me);
  frame();
  listen();
  await route();
  if (isOnline()) sync.all(me);
}

let renewing = false;

/** Keeps the page for times without a network, and says when a newer one is there. */
async function latest() {
  const workers = navigator.serviceWorker;
  if (!workers) return null;
  const files = await fetch('/files.json', { cache: 'no-store' }).then((found) => (found.ok ? found.text() : null)).catch(() => null);
  if (files === null) return workers.getRegistration();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(files));
  const version = [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  // Another address is another worker, so a new list of files is a new version of the page.
  const registration = await workers.register(`/sw.js?v=${version}`, { updateViaCache: 'none' });
  const offer = () => workers.controller && notice(t('newer'), { key: 'newer', label: t('reload'), action: renew });
  const worker = registration.installing;
  if (registration.waiting) offer();
  else worker?.addEventListener('statechange', () => worker.state === 'installed' && offer());
  return registration;
}

/** Goes on with the newest page. */
async function renew() {
  renewing = true;
  const registration = await latest().catch(() => null);
  const worker = registration?.waiting ?? registration?.installing;
  if (worker && navigator.serviceWorker.controller) worker.postMessage('take over');
  else location.reload();
}

navigator.serviceWorker?.addEventListener('controllerchange', () => {
  if (renewing) location.reload();
});

async function start() {
  texts();
  await Promise.all([keep.open(), desk.load()]);
  if (desk.isHere()) useModel((await desk.about()).model);
  else {
    notice(t('desk.away'), { kind: 'waits' });
    const files = await fetch('/files.json', { cache: 'no-store' }).then((found) => found.json()).catch(() => null);
    if (files) useModel(files.model);
  }
  me = await session();
  if (!keep.keeps()) notice(t('keep.away'), { kind: 'waits', key: 'keep' });
  latest().catch(console.warn);
  if (me) await begin();
  else await signedOut();
}

$('skip').addEventListener('click', (event) => {
  event.preventDefault();
  $('main').focus();
});
addEventListener('hashchange', route);
addEventListener('unhandledrejection', (event) => {
  const { reason: error } = event;
  if (!(error instanceof NoNetwork || error instanceof Problem || error instanceof desk.NoAnswer)) return;
  event.preventDefault();
  if (!error.isOfThePage) notice(reason(error), { kind: 'bad', key: 'failed' });
});
addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input, textarea, select, dialog');
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && $('find')) {
    event.preventDefault();
    $('find').focus();
  }
});
document.addEventListener('click', (event) => {
  const open = document.querySelector('details.you[open]');
  if (open && !open.contains(event.target)) open.open = false;
});
keep.onLost(() => notice(t('keep.away'), { kind: 'bad', stays: true, key: 'keep' }));
onNetwork((online) => {
  badges();
  notice(t(online ? 'net.found' : 'net.lost'), { kind: online ? 'good' : 'waits', key: 'network' });
  if (!online) return;
  latest().catch(console.warn);
  if (me) {
    listen();
    sync.all(me);
  }
});
onRefused((problem) => {
  if (problem.status === 401) {
    if (!me) return;
    keep.drop('self', 'me');
    notice(t('signed-out'), { kind: 'waits' });
    signedOut();
  } else if (problem.type === 'another-person') {
    if (me) goOn();
  } else notice(t('newer.model'), { kind: 'waits', key: 'newer', label: t('reload'), action: renew });
});
sync.onChanged(badges);
start();
