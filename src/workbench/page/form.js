// Any message as a form, from its shape. Every value is a text in JSON, so numbers of 64 bits stay what they are; so is what a form begins
// with (`such`).

import { button, fill, h, newId, paused, printable, text } from './dom.js';
import { elements, fields } from './json.js';
import { Wrong } from './question.js';

/** The lists and nested values of a form end somewhere. */
const DEEPEST = 12;
const WHOLE = /^[iu](8|16|32|64|128)$/;
/** Keys of objects are texts; those of these kinds are written within without quotes. */
const bare = (shape) => /^([iuf]\d+|bool)$/.test(shape);

const kindOf = (shape) => (typeof shape === 'string' ? shape : ['enum', 'struct', 'tuple', 'list', 'map', 'nullable', 'optional', 'may_be_missing', 'checked', 'again'].find((kind) => kind in shape));
const words = (name) => name.replace(/[_-]+/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();

/** What a form begins with may be of another shape: then that part of it begins empty. */
const begun = (such, read, otherwise) => {
  try {
    return such === undefined ? otherwise : read(such);
  } catch {
    return otherwise;
  }
};
const quoted = (such) => begun(such, (text) => String(JSON.parse(text)), '');

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

function yesOrNo(label, changed, such) {
  const box = h('input', { type: 'checkbox', checked: such === 'true', on: { change: changed } });
  return { node: h('p', { class: 'field' }, h('label', { class: 'check' }, box, ' ', text(label))), json: () => String(box.checked) };
}

function group(label, parts, json) {
  return { node: h('fieldset', null, label && h('legend', null, text(label)), parts.map((part) => part.node)), json };
}

function optional(label, shape, changed, deep, absent, such) {
  const given = such === 'null' ? undefined : such;
  const inner = valueOf(label, shape, changed, deep, given);
  const box = h('input', { type: 'checkbox', checked: given !== undefined, on: { change: () => { show(); changed(); } } });
  const place = h('div', null);
  const show = () => fill(place, box.checked && inner.node);
  show();
  return {
    node: h('div', { class: 'optional' }, h('p', { class: 'field' }, h('label', { class: 'check' }, box, ' with ', text(label || 'a value'))), place),
    json: () => (box.checked ? inner.json() : absent),
  };
}

function list(label, make, changed, join, such) {
  const items = such.map((one, i) => make(i, one));
  const place = h('div', null);
  const show = () => fill(place, items.map((item, i) => h('div', { class: 'item' }, item.node,
    button('×', () => { items.splice(i, 1); show(); changed(); }, { class: 'small quiet', 'aria-label': `take ${label || 'entry'} ${i + 1} away` }))));
  show();
  const more = button('+ one more', () => { items.push(make(items.length)); show(); changed(); }, { class: 'small' });
  return { node: h('fieldset', null, h('legend', null, text(label || 'list')), place, more), json: () => join(items) };
}

function choice(label, variants, changed, deep, such) {
  const names = Object.keys(variants);
  const [chosen, content] = begun(such, (text) => (text.startsWith('"') ? [JSON.parse(text)] : [...fields(text)][0]), []);
  const id = newId('field');
  const inner = new Map();
  const place = h('div', null);
  const of = (name) => {
    if (!inner.has(name)) inner.set(name, variants[name] === 'nothing' ? nothing() : valueOf('', variants[name], changed, deep + 1, name === chosen ? content : undefined));
    return inner.get(name);
  };
  const select = h('select', { id, on: { change: () => { show(); changed(); } } }, names.map((name) => h('option', { value: name }, words(name))));
  const show = () => fill(place, of(select.value)?.node);
  if (names.includes(chosen)) select.value = chosen;
  if (names.length > 0) show();
  return {
    node: h('div', { class: 'choice' }, h('p', { class: 'field' }, h('label', { for: id }, text(label || 'which')), select), place),
    json: () => (variants[select.value] === 'nothing' ? JSON.stringify(select.value) : `{${JSON.stringify(select.value)}:${of(select.value).json()}}`),
  };
}

function struct(label, shapes, changed, deep, such) {
  const given = begun(such, fields, new Map());
  const parts = Object.entries(shapes).map(([name, shape]) => {
    const kind = kindOf(shape);
    const may = kind === 'optional' || kind === 'may_be_missing';
    const part = may ? optional(words(name), shape[kind], changed, deep + 1, undefined, given.get(name)) : valueOf(words(name), shape, changed, deep + 1, given.get(name));
    return [name, part];
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
  return simple(label || 'value', 'as JSON', read, changed, { value: such ?? '' });
}

/** A value that a type which checks its values takes, if one is known. */
const example = (shape) => JSON.stringify('checked' in shape ? shape.such_as[0] : shape.such_as);

/** The part of a form for a value of this shape. */
function valueOf(label, shape, changed, deep = 0, such) {
  const kind = kindOf(shape);
  if (deep > DEEPEST || kind === undefined) return asJson(label, such, changed);
  if (WHOLE.test(kind)) return whole(label || 'number', kind, changed, such);
  switch (kind) {
    case 'nothing': return nothing();
    case 'bool': return yesOrNo(label || 'yes', changed, such);
    case 'f32': case 'f64': return simple(label || 'number', 'a number', (typed) => {
      if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(typed.trim())) throw new Missing(`${label || 'number'}: a number`);
      return typed.trim();
    }, changed, { mode: 'decimal', value: such ?? '' });
    case 'char': return simple(label || 'character', 'one character', (typed) => {
      if ([...typed].length !== 1) throw new Missing(`${label || 'character'}: one character`);
      return JSON.stringify(typed);
    }, changed, { value: quoted(such) });
    case 'text': return simple(label || 'text', 'text', (typed) => JSON.stringify(typed), changed, { value: quoted(such) });
    case 'nullable': return optional(label, shape.nullable, changed, deep + 1, 'null', such);
    case 'list': return list(label, (i, one) => valueOf(`${label || 'entry'} ${i + 1}`, shape.list, changed, deep + 1, one), changed,
      (items) => `[${items.map((item) => item.json()).join(',')}]`, begun(such, elements, []));
    case 'map': return list(label, (i, [name, of] = []) => {
      const key = valueOf(`key ${i + 1}`, shape.map[0], changed, deep + 1, bare(shape.map[0]) ? name : JSON.stringify(name));
      const value = valueOf(`value ${i + 1}`, shape.map[1], changed, deep + 1, of);
      return { node: h('div', null, key.node, value.node), key, value };
    }, changed, (items) => `{${items.map(({ key, value }) => { const of = key.json(); return `${of.startsWith('"') ? of : JSON.stringify(of)}:${value.json()}`; }).join(',')}}`,
    begun(such, (text) => [...fields(text)], []));
    case 'tuple': {
      const given = begun(such, elements, []);
      const parts = shape.tuple.map((one, i) => valueOf(label ? `${label} ${i + 1}` : `value ${i + 1}`, one, changed, deep + 1, given[i]));
      return group(label, parts, () => `[${parts.map((part) => part.json()).join(',')}]`);
    }
    case 'struct': return struct(label, shape.struct, changed, deep, such);
    case 'enum': return choice(label, shape.enum, changed, deep, such);
    case 'checked': return valueOf(label, shape.checked, changed, deep + 1, such ?? example(shape));
    default: return asJson(label, such ?? example(shape), changed);
  }
}

/**
 * Fills `box`, a `details`, with a form for messages of this shape; `such` is the one that it begins with. `judge` asks what would come of
 * one, `shown` says it, `act` gives it.
 */
export function formFor(box, { shape }, { title, label, does, such, judge, shown, isRefused, act }) {
  const outcome = h('div', { class: 'heard', role: 'status' });
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
  const form = valueOf(label, shape ?? 'anything', () => { judged = null; changed(); }, 0, such);
  fill(box, h('summary', { data: { key: 'summary' } }, title),
    h('form', { on: { submit: async (event) => {
      event.preventDefault();
      const answer = judged ?? await look();
      if (answer) act(answer);
    } } }, form.node, outcome, h('button', { type: 'submit' }, does)));
  box.renew = () => { if (box.open) look(); };
  box.ontoggle = box.renew;
}
