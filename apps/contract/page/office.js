// What the views of the office share: who may see them, how they follow what happens, and how a span of time is said.

import './words-office.js';
import { h, setText } from './dom.js';
import { onHappened } from './live.js';
import { onNetwork, NoNetwork, Problem } from './net.js';
import { t, language, shortly } from './words.js';
import { failure, notice, reason } from './parts.js';

/** A view for a role that may not see it: what it is for, in a sentence. */
export const notFor = (text) => ({ title: t('office.only'), node: failure(t('office.only'), text) });

/** Calls `refresh` soon after something happened that `concerns` it, and never twice at once. Gives the function that ends it. */
export function follow(refresh, concerns = () => true) {
  const pause = 700;
  let timer = null;
  let busy = false;
  let ended = false;
  async function now() {
    timer = null;
    if (busy) return soon();
    busy = true;
    try {
      await refresh();
    } catch (error) {
      if (error instanceof Problem && error.status !== 401) notice(t('office.failed', { why: reason(error) }), { kind: 'bad' });
      else if (!(error instanceof NoNetwork || error instanceof Problem)) throw error;
    } finally {
      busy = false;
    }
  }
  const soon = () => {
    if (!ended) timer ??= setTimeout(now, pause);
  };
  const ends = [
    onHappened((event) => (event.again || concerns(event)) && soon()),
    onNetwork((online) => online && soon()),
  ];
  const end = () => {
    ended = true;
    clearTimeout(timer);
    ends.forEach((one) => one());
  };
  return { soon, end };
}

const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

/** A span of time in its two largest units: "3 hr 5 min". */
export function lasting(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  const shown = first < 0 ? [UNITS.at(-1)] : UNITS.slice(first, first + 2);
  let rest = whole;
  return shown.map(([unit, size], place) => {
    const value = Math.floor(rest / size);
    rest -= value * size;
    return place === 0 || value > 0
      ? new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'short' }).format(value) : '';
  }).filter(Boolean).join(' ');
}

/** A span of time that goes on; `clock` keeps it going. `text` puts it into a sentence. */
export function since(seconds, text = 'monitor.for') {
  const node = h('span', { class: 'lasting', data: { since: Date.now() - seconds * 1000, text } });
  go(node);
  return node;
}

function go(node) {
  const { since: from, text } = node.dataset;
  const time = lasting((Date.now() - Number(from)) / 1000);
  setText(node, text ? t(text, { time }) : time);
}

/** Keeps the spans of time in an element going. Gives the function that ends it. */
export function clock(root) {
  const timer = setInterval(() => root.querySelectorAll('[data-since]').forEach(go), 1000);
  return () => clearInterval(timer);
}

/** "live", or since when it is not. */
export function liveBadge() {
  const node = h('p', { class: 'live', title: t('office.live.says') });
  let at = new Date();
  const show = (online) => {
    node.classList.toggle('stale', !online);
    setText(node, online ? t('office.live') : t('office.stale', { at: shortly(at) }));
  };
  show(true);
  const end = onNetwork(show);
  return { node, seen: () => { at = new Date(); show(true); }, end };
}

/** Scrolls a list, and nothing else, to the one that is shown. */
export function reveal(list) {
  requestAnimationFrame(() => {
    const [shown, frame] = [list.querySelector('[aria-current]'), list.closest('.list')];
    if (!shown || !frame) return;
    const [at, within] = [shown.getBoundingClientRect(), frame.getBoundingClientRect()];
    if (at.bottom > within.bottom) frame.scrollTop += at.bottom - within.bottom + at.height;
  });
}
