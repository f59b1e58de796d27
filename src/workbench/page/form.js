// Any command as a form, from its shape. Every value is a text in JSON, so numbers of 64 bits stay what they are.

import { button, fill, h, newId, paused, printable, text } from './dom.js';
import { Wrong } from './question.js';

/** The lists and nested values of a form end somewhere. */
const DEEPEST = 12;
const WHOLE = /^[iu](8|16|32|64|128)$/;

const kindOf = (shape) => (typeof shape === 'string' ? shape : ['enum', 'struct', 'tuple', 'list', 'map', 'nullable', 'optional', 'may_be_missing', 'checked', 'again'].find((kind) => kind in shape));
const words = (name) => name.replace(/[_-]+/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();

/** What is entered is no value of its type. */
class Missing extends Error {}

/** A field with one input. `read` turns what was typed into JSON, or throws `Missing`. */
function simple(label, hint, read, changed, { value = '', mode } = {}) {
  const id = newId('field');
  const input = h('input', { id, type: 'text', value, inputmode: mode, autocomplete: 'off', spellcheck: 'false', on: { input: changed } });
  return {
    node: h('p', { class: 'field' }, h('label', { for: id }, text(label), h('span', { class: 'hint' }, hint)), input),
    json: () => read(input.value),
  };
}

function nothing() {
  return { node: null, json: () => 'null' };
}

function whole(label, kind, changed, such) {
  const read = (typed) => {
    const digits = typed.trim().replace(/[ _']/g, '');
    if (!/^-?\d+$/.test(digits)) throw new Missing(`${label}: a whole number`);
    return digits.replace(/^(-?)0+(?=\d)/, '$1');
  };
  return simple(label, kind.startsWith('u') ? 'a whole number, 0 or more' : 'a whole number', read, changed, { mode: 'numeric', value: such ?? '' });
}

function yesOrNo(label, changed) {
  const box = h('input', { type: 'checkbox', on: { change: changed } });
  return { node: h('p', { class: 'field' }, h('label', { class: 'check' }, box, ' ', text(label))), json: () => String(box.checked) };
}

function group(label, parts, json) {
  return { node: h('fieldset', null, label && h('legend', null, text(label)), parts.map((part) => part.node)), json };
}

function optional(label, shape, changed, deep, absent) {
  const inner = valueOf(label, shape, changed, deep);
  const box = h('input', { type: 'checkbox', on: { change: () => { show(); changed(); } } });
  const place = h('div', null);
  const show = () => fill(place, box.checked && inner.node);
  return {
    node: h('div', { class: 'optional' }, h('p', { class: 'field' }, h('label', { class: 'check' }, box, ' with ', text(label || 'a value'))), place),
    json: () => (box.checked ? inner.json() : absent),
  };
}

function list(label, make, changed, join) {
  const items = [];
  const place = h('div', null);
  const show = () => fill(place, items.map((item, i) => h('div', { class: 'item' }, item.node,
    button('×', () => { items.splice(i, 1); show(); changed(); }, { class: 'small quiet', 'aria-label': `take ${label || 'entry'} ${i + 1} away` }))));
  const more = button('+ one more', () => { items.push(make(items.length)); show(); changed(); }, { class: 'small' });
  return { node: h('fieldset', null, h('legend', null, text(label || 'list')), place, more), json: () => join(items) };
}

function choice(label, variants, changed, deep) {
  const names = Object.keys(variants);
  const id = newId('field');
  const inner = new Map();
  const place = h('div', null);
  const of = (name) => {
    if (!inner.has(name)) inner.set(name, variants[name] === 'nothing' ? nothing() : valueOf('', variants[name], changed, deep + 1));
    return inner.get(name);
  };
  const select = h('select', { id, on: { change: () => { show(); changed(); } } }, names.map((name) => h('option', { value: name }, words(name))));
  const show = () => fill(place, of(select.value)?.node);
  if (names.length > 0) show();
  return {
    node: h('div', { class: 'choice' }, h('p', { class: 'field' }, h('label', { for: id }, text(label || 'which')), select), place),
    json: () => (variants[select.value] === 'nothing' ? JSON.stringify(select.value) : `{${JSON.stringify(select.value)}:${of(select.value).json()}}`),
  };
}

function struct(label, fields, changed, deep) {
  const parts = Object.entries(fields).map(([name, shape]) => {
    const kind = kindOf(shape);
    const may = kind === 'optional' || kind === 'may_be_missing';
    return [name, may ? optional(words(name), shape[kind], changed, deep + 1, undefined) : valueOf(words(name), shape, changed, deep + 1)];
  });
  const json = () => `{${parts.map(([name, part]) => [name, part.json()]).filter(([, of]) => of !== undefined).map(([name, of]) => `${JSON.stringify(name)}:${of}`).join(',')}}`;
  return parts.length === 1 && !label ? { node: parts[0][1].node, json } : group(label, parts.map(([, part]) => part), json);
}

function asJson(label, such, changed) {
  const read = (typed) => {
    try {
      JSON.parse(typed);
    } catch {
      throw new Missing(`${label || 'value'}: JSON`);
    }
    return typed;
  };
  return simple(label || 'value', 'as JSON', read, changed, { value: such === undefined ? '' : JSON.stringify(such) });
}

/** The part of a form for a value of this shape. */
function valueOf(label, shape, changed, deep = 0, such) {
  const kind = kindOf(shape);
  if (deep > DEEPEST || kind === undefined) return asJson(label, such, changed);
  if (WHOLE.test(kind)) return whole(label || 'number', kind, changed, such);
  switch (kind) {
    case 'nothing': return nothing();
    case 'bool': return yesOrNo(label || 'yes', changed);
    case 'f32': case 'f64': return simple(label || 'number', 'a number', (typed) => {
      if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(typed.trim())) throw new Missing(`${label || 'number'}: a number`);
      return typed.trim();
    }, changed, { mode: 'decimal', value: such ?? '' });
    case 'char': return simple(label || 'character', 'one character', (typed) => {
      if ([...typed].length !== 1) throw new Missing(`${label || 'character'}: one character`);
      return JSON.stringify(typed);
    }, changed);
    case 'text': return simple(label || 'text', 'text', (typed) => JSON.stringify(typed), changed, { value: such ?? '' });
    case 'nullable': return optional(label, shape.nullable, changed, deep + 1, 'null');
    case 'list': return list(label, (i) => valueOf(`${label || 'entry'} ${i + 1}`, shape.list, changed, deep + 1), changed, (items) => `[${items.map((item) => item.json()).join(',')}]`);
    case 'map': return list(label, (i) => {
      const [key, value] = [valueOf(`key ${i + 1}`, shape.map[0], changed, deep + 1), valueOf(`value ${i + 1}`, shape.map[1], changed, deep + 1)];
      return { node: h('div', null, key.node, value.node), key, value };
    }, changed, (items) => `{${items.map(({ key, value }) => { const of = key.json(); return `${of.startsWith('"') ? of : JSON.stringify(of)}:${value.json()}`; }).join(',')}}`);
    case 'tuple': {
      const parts = shape.tuple.map((one, i) => valueOf(label ? `${label} ${i + 1}` : `value ${i + 1}`, one, changed, deep + 1));
      return group(label, parts, () => `[${parts.map((part) => part.json()).join(',')}]`);
    }
    case 'struct': return struct(label, shape.struct, changed, deep);
    case 'enum': return choice(label, shape.enum, changed, deep);
    case 'checked': return valueOf(label, shape.checked, changed, deep + 1, shape.such_as);
    default: return asJson(label, shape.such_as, changed);
  }
}

/**
 * Fills `box`, a `details`, with a form for commands of this shape. `judge` asks what would come of one, `shown` says it, `act` gives it.
 */
export function formFor(box, { shape }, { judge, shown, isRefused, act }) {
  const outcome = h('p', { class: 'heard', role: 'status' });
  let judged = null;
  let turn = 0;
  const look = async () => {
    const mine = ++turn;
    judged = null;
    try {
      const answer = await judge(form.json());
      if (mine === turn) {
        judged = answer;
        outcome.dataset.kind = isRefused(answer) ? 'no' : 'yes';
        fill(outcome, shown(answer));
      }
      return answer;
    } catch (wrong) {
      if (mine !== turn) return null;
      if (!(wrong instanceof Missing || wrong instanceof Wrong)) throw wrong;
      outcome.dataset.kind = 'wrong';
      fill(outcome, wrong instanceof Missing ? `Still missing: ${wrong.message}.` : printable(wrong.message));
      return null;
    }
  };
  const changed = paused(120, look);
  const form = valueOf('command', shape ?? 'anything', () => { judged = null; changed(); });
  fill(box, h('summary', null, 'Any command, field by field'),
    h('form', { on: { submit: async (event) => {
      event.preventDefault();
      const answer = judged ?? await look();
      if (answer) act(answer);
    } } }, form.node, outcome, h('button', { type: 'submit' }, 'Do it')));
  box.renew = () => { if (box.open) look(); };
  box.ontoggle = box.renew;
}
