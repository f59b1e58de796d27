// Imports: a file of customers is sent, and what becomes of its rows is said while it goes on.

import { h, fill, setText, listeners } from '../dom.js';
import { about } from '../desk.js';
import { Problem } from '../net.js';
import { readJson } from '../json.js';
import { t, number, language } from '../words.js';
import { box, button, facts, head, notice, reason, say } from '../parts.js';
import { notFor } from '../office.js';

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_LISTED = 1000;

const TABLES = [
  ['basic', ['customer', 'name', 'street', 'postcode', 'city', 'segment'], [
    '900001,Atelier Morgenrot,Lindenstraße 7,10969,Berlin,boutique',
    '900002,"Petra & Söhne, Mode",Am Markt 3,20095,Hamburg,chain',
    '900003,Hutsalon Vogt,Domgasse 12,50667,Köln,online',
  ]],
  ['invoice', ['customer', 'email', 'format'], ['900001,rechnung@morgenrot.example,pdf', '900002,buchhaltung@petra.example,xml']],
  ['deskware', ['customer', 'account_manager', 'sales_area', 'turnover'], ['900001,Alex Lindgren,85,410000', '900002,Kim Sommer,640,5200000']],
];

/** The import that goes on, or the last one: it outlives the view. */
let run = null;
const changed = listeners();

async function begin(file, me) {
  run = { name: file.name, who: me.name, rows: 0, bytes: 0, of: file.size, failed: [], done: null, problem: null, sent: false };
  changed.call();
  const mine = run;
  try {
    const response = await fetch(`/api/imports?name=${encodeURIComponent(file.name)}`, {
      method: 'POST', body: file, cache: 'no-store', headers: { Model: (await about()).model, 'Content-Type': 'application/octet-stream' },
    });
    if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
    mine.sent = true;
    await lines(response.body, (word) => heard(mine, word));
    if (!mine.done && !mine.problem) mine.problem = t('imports.cut');
  } catch (error) {
    if (!(error instanceof Problem || error instanceof TypeError)) throw error;
    mine.problem = error instanceof Problem ? reason(error) : t(mine.sent ? 'imports.cut' : 'net.needs');
  } finally {
    changed.call();
  }
}

/** Calls back with each line of a stream, read as JSON. */
async function lines(stream, each) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    const parts = (rest + (value ?? '')).split('\n');
    rest = done ? '' : parts.pop();
    parts.filter(Boolean).forEach((line) => each(readJson(line)));
    if (done) return;
  }
}

function heard(of, word) {
  if (word.failed) {
    if (of.failed.length < MOST_LISTED) of.failed.push(word.failed);
  } else if (word.done) of.done = word.done;
  else if (word.stopped !== undefined) of.problem = t('imports.stopped', { why: word.stopped });
  else Object.assign(of, word);
  changed.call();
}

const size = (bytes) => {
  const [unit, by] = bytes >= 1e6 ? ['megabyte', 1e6] : ['kilobyte', 1e3];
  return new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 }).format(bytes / by);
};

export async function view({ me }) {
  if (me.role !== 'customer-service') return notFor(t('imports.only'));
  if (run?.who !== me.name) run = null;
  const problem = h('p', { class: 'problem', role: 'alert' });
  const file = h('input', { type: 'file', id: 'file', class: 'unseen', accept: '.csv,.xml,.txt,text/csv,text/xml,application/xml', on: { change: () => { take(file.files); file.value = ''; } } });
  const busy = () => run !== null && !run.done && !run.problem;

  function take(files) {
    setText(problem, '');
    if (files.length === 0) return;
    if (busy()) return setText(problem, t('imports.busy'));
    if (files[0].size > MOST_BYTES) return setText(problem, t('imports.large', { name: files[0].name }));
    if (files.length > 1) notice(t('imports.one'), { kind: 'waits' });
    begin(files[0], me);
  }

  const over = (is) => (event) => {
    event.preventDefault();
    zone.classList.toggle('over', is);
  };
  const zone = h('div', {
    class: 'drop', on: {
      dragenter: over(true), dragover: over(true), dragleave: over(false),
      drop: (event) => { over(false)(event); take(event.dataTransfer.files); },
    },
  }, h('p', { class: 'big mouse' }, t('imports.drop')), h('p', { class: 'soft mouse' }, t('imports.or')),
  file, h('label', { for: 'file', class: 'button main' }, t('imports.choose')));

  const bar = h('progress', { max: 1, 'aria-label': t('imports.busy') });
  const counts = h('p', { class: 'number' });
  const title = h('h2');
  const result = h('div', { class: 'slot' });
  const rows = h('tbody');
  const listed = h('p', { class: 'soft tiny' });
  const failing = h('div', { class: 'failing' },
    h('h3', { id: 'failing' }, t('imports.failing')), h('p', { class: 'soft tiny' }, t('imports.failing.text')),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': 'failing' }, h('table', null,
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('imports.line')), h('th', { scope: 'col' }, t('imports.why')))), rows)), listed);
  const sheet = h('section', { class: 'sheet run' }, title, bar, counts, result, failing);
  let shownRun = null;

  function show() {
    sheet.hidden = run === null;
    zone.classList.toggle('busy', busy());
    if (run === null) return;
    if (shownRun !== run) {
      shownRun = run;
      fill(rows);
      fill(result);
      delete result.dataset.done;
    }
    const going = busy();
    setText(title, run.done ? t('imports.done', { name: run.name }) : going && !run.sent ? t('imports.sending', { name: run.name }) : run.name);
    bar.hidden = !going;
    if (run.sent && run.of > 0) bar.value = Math.min(1, run.bytes / run.of);
    else bar.removeAttribute('value');
    counts.hidden = !going || !run.sent;
    setText(counts, `${t('imports.rows', { rows: number(run.rows) })} · ${t('imports.bytes', { bytes: size(run.bytes), of: size(run.of) })} · ${t('imports.goes-on')}`);
    for (const { line, why } of run.failed.slice(rows.children.length)) {
      rows.append(h('tr', null, h('td', { class: 'number' }, number(line)), h('td', null, why)));
    }
    failing.hidden = run.failed.length === 0;
    setText(listed, run.failed.length >= MOST_LISTED ? t('imports.first', { n: number(MOST_LISTED) }) : '');
    if (!going && !result.dataset.done) ended();
  }

  function ended() {
    result.dataset.done = 'yes';
    if (run.problem) {
      fill(result, box('bad', h('p', null, run.problem)));
      return say(run.problem);
    }
    const { rows: read, recorded, failed, seconds } = run.done;
    fill(result, facts([
      [t('imports.read'), number(read)], [t('imports.recorded'), number(recorded)], [t('imports.failed'), number(failed)],
      [t('imports.seconds'), new Intl.NumberFormat(language(), { maximumFractionDigits: 1 }).format(seconds)],
      [t('imports.rate'), seconds > 0 ? number(Math.round(read / seconds)) : null],
    ]));
    say(`${t('imports.done', { name: run.name })}. ${t('imports.read')}: ${number(read)}. ${t('imports.failed')}: ${number(failed)}.`);
  }

  const columns = h('section', { class: 'sheet', 'aria-labelledby': 'columns' },
    h('h2', { id: 'columns' }, t('imports.columns')), h('p', { class: 'soft' }, t('imports.columns.text')),
    TABLES.map(([name, names, samples]) => {
      const text = `${[names.join(','), ...samples].join('\n')}\n`;
      return h('div', { class: 'table' },
        h('h3', { id: `table-${name}` }, h('code', null, name)),
        h('p', { class: 'soft tiny' }, t(`imports.${name}`)),
        h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': `table-${name}` },
          h('table', null, h('caption', { class: 'unseen' }, t('imports.names')),
            h('thead', null, h('tr', null, names.map((column) => h('th', { scope: 'col' }, h('code', null, column))))),
            h('tbody', null, samples.map((row) => h('tr', null, cells(row).map((cell) => h('td', null, cell))))))),
        h('details', { class: 'filter' }, h('summary', null, t('imports.sample')),
          h('pre', { tabindex: '0' }, text), button(t('imports.copy'), () => copy(text), { kind: 'small', 'aria-label': `${t('imports.copy')}: ${name}` })));
    }));
  const end = changed.on(show);
  show();
  return {
    title: t('imports.title'),
    node: h('div', { class: 'view' },
      head({ title: t('imports.title'), under: t('imports.under') }),
      h('div', { class: 'importing' }, h('div', { class: 'stack' }, zone, problem, sheet), columns)),
    close: end,
  };
}

/** The values of a sample's row. */
const cells = (row) => row.match(/"[^"]*"|[^,]+/g).map((cell) => cell.replaceAll('"', ''));

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice(t('imports.copied'), { kind: 'good' });
  } catch {
    notice(t('imports.copy.failed'), { kind: 'waits' });
  }
}
