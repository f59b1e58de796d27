// One customer: what the legacy system says, its contracts, its story.

import { h, fill, paused } from '../dom.js';
import { about } from '../desk.js';
import { get, isOnline, onNetwork, NoNetwork } from '../net.js';
import * as keep from '../keep.js';
import * as sync from '../sync.js';
import { onHappened } from '../live.js';
import { t, more, number, moment, ago } from '../words.js';
import { box, button, chip, facts, head, notice, numberIn, thread } from '../parts.js';
import { customerSaid } from '../said.js';

more({
  'customer.legacy': ['From the legacy system, read only', 'Aus dem Altsystem, nur zum Lesen'],
  'customer.address': ['Address', 'Anschrift'],
  'customer.segment': ['Kind of shop', 'Art des Geschäfts'],
  'customer.invoices': ['Invoices to', 'Rechnungen an'],
  'customer.manager': ['Account manager', 'Kundenbetreuung'],
  'customer.area': ['Sales area', 'Verkaufsfläche'],
  'customer.turnover': ['Turnover a year', 'Jahresumsatz'],
  'customer.euros': ['{n} euros', '{n} Euro'],
  'customer.contracts.none': ['No contract yet.', 'Noch kein Vertrag.'],
  'customer.rejected': ['rejected: {why}', 'abgelehnt: {why}'],
  'customer.waits': ['A new contract waits in this browser', 'Ein neuer Vertrag wartet in diesem Browser'],
  'customer.draft': ['A draft of a new contract is here', 'Hier liegt der Entwurf eines neuen Vertrags'],
  'customer.take': ['Take along', 'Mitnehmen'],
  'customer.take-again': ['Take along again', 'Neu mitnehmen'],
  'customer.leave': ['Leave here', 'Hierlassen'],
  'customer.take.why': ['Taken along, this customer and its contracts are there without a network, too.', 'Mitgenommen sind dieser Kunde und seine Verträge auch ohne Netz da.'],
  'customer.taken': ['Taken along {ago}.', 'Mitgenommen {ago}.'],
  'customer.taken.done': ['{name} is taken along, with all contracts.', '{name} ist mitgenommen, mit allen Verträgen.'],
  'customer.as-of': ['Without a network: as of {when}.', 'Ohne Netz: Stand {when}.'],
  'customer.unknown': ['The export does not know this customer yet.', 'Der Export kennt diesen Kunden noch nicht.'],
});

/** An address of e-mail may be broken after the @. */
const address = ({ email, format }) => h('span', null,
  email.split('@').flatMap((part, i) => (i ? ['@', h('wbr'), part] : [part])), ` (${String(format).toUpperCase()})`);

export async function view({ params, me }) {
  const customer = numberIn(params.id);
  const node = h('div', { class: 'view' });
  let found;

  async function load() {
    const kept = await keep.get('customers', customer);
    let of = null;
    try {
      if (isOnline()) of = await get(`/api/customers/${customer}`);
    } catch (error) {
      if (!(error instanceof NoNetwork)) throw error;
    }
    if (of === null && !kept) throw new NoNetwork(t('failed.network'));
    found = { of: of ?? kept.of, here: of === null, taken: kept?.taken ?? null };
  }

  const row = ({ basic, deskware, invoice }, contracts) => ({
    customer, ...(basic ?? { name: t('customer.n', { n: customer }), street: '', postcode: '', city: '', segment: '' }),
    account_manager: deskware?.account_manager, email: invoice?.email, contracts,
  });

  async function take() {
    const of = await get(`/api/customers/${customer}`);
    for (const { contract } of of.contracts) await sync.takeContract(contract);
    await keep.put('customers', customer, { row: row(of.shop, of.contracts), of, taken: new Date().toISOString() });
    await again();
    notice(t('customer.taken.done', { name: of.shop.basic?.name ?? customer }), { kind: 'good' });
  }

  async function leave() {
    for (const { contract } of found.of.contracts) await keep.drop('contracts', contract);
    await keep.drop('customers', customer);
    await again();
  }

  async function draw() {
    const { of, here, taken } = found;
    const { basic, invoice, deskware, rejections } = of.shop;
    const said = await about();
    const stages = Object.fromEntries(said.stages.map((one) => [one.stage, one.said]));
    const segment = said.segments.find((one) => one.segment === basic?.segment)?.said;
    const waiting = (await sync.branches(me)).filter((branch) => branch.customer === customer && branch.contract === null);
    const drafted = await keep.get('drafts', `${me.role}/${me.name}/new-${customer}`);
    const why = Array.isArray(rejections) ? Object.fromEntries(rejections) : rejections ?? {};
    fill(node,
      head({
        over: h('span', null, t('customer.n', { n: customer })),
        title: basic?.name ?? t('customer.n', { n: customer }),
        under: here ? t('customer.as-of', { when: moment(taken) }) : basic ? `${basic.street}, ${basic.postcode} ${basic.city}` : t('customer.unknown'),
        beside: me.role === 'account-manager' && basic && h('a', { class: 'button main', href: `#/contract/new?customer=${customer}` }, t('contract.new')),
      }),
      h('div', { class: 'columns' },
        h('div', { class: 'stack' },
          h('section', { class: 'sheet' }, h('h2', null, t('contracts')),
            of.contracts.length + waiting.length === 0 ? h('p', { class: 'soft' }, t('customer.contracts.none'))
              : h('ul', { class: 'results flat' },
                waiting.map((branch) => h('li', null, h('a', { href: `#/branch/${branch.id}` },
                  h('span', { class: 'name' }, t('customer.waits')), h('span', { class: 'badge waits' }, number(branch.commands.length))))),
                of.contracts.map(({ contract, stage }) => h('li', null, h('a', { href: `#/contract/${contract}` },
                  h('span', { class: 'name' }, t('contract.n', { n: contract })),
                  why[contract] && h('span', { class: 'place' }, t('customer.rejected', { why: why[contract] })),
                  h('span', { class: 'chips' }, chip(stage, stages[stage])))))),
            drafted?.['appointment'] && Object.keys(drafted.appointment.answers).length > 1
              && h('p', { class: 'soft' }, h('a', { href: `#/contract/new?customer=${customer}` }, t('customer.draft')))),
          h('section', { class: 'sheet' }, h('h2', null, t('customer')),
            h('p', { class: 'soft tiny' }, t('customer.legacy')),
            facts([
              [t('customer.address'), basic && `${basic.street}, ${basic.postcode} ${basic.city}`],
              [t('customer.segment'), segment],
              [t('customer.manager'), deskware?.account_manager],
              [t('customer.area'), deskware && `${number(deskware.sales_area)} m²`],
              [t('customer.turnover'), deskware && t('customer.euros', { n: number(deskware.turnover) })],
              [t('customer.invoices'), invoice && address(invoice)],
            ]))),
        h('div', { class: 'stack' },
          box(taken ? 'good' : 'plain',
            h('p', null, taken ? t('customer.taken', { ago: ago(taken) }) : t('customer.take.why')),
            h('div', { class: 'row' },
              isOnline() && button(t(taken ? 'customer.take-again' : 'customer.take'), take),
              taken && button(t('customer.leave'), leave, { kind: 'quiet' }))),
          h('section', { class: 'sheet' }, h('h2', null, t('story')),
            thread(of.story.map((entry) => ({ at: entry.at, by: entry.by, said: customerSaid(entry.event) })))))));
  }

  async function remember() {
    const key = `recent ${me.name}`;
    const before = (await keep.get('self', key) ?? []).filter((one) => one.customer !== customer);
    await keep.put('self', key, [row(found.of.shop, found.of.contracts), ...before].slice(0, 8));
  }

  const again = async () => {
    await load();
    await draw();
  };
  await again();
  await remember();
  const soon = paused(200, () => again().catch(() => null));
  const stop = [
    onNetwork(() => again().catch(() => null)),
    onHappened(({ type, number: of, again: missed }) => {
      const ours = found.of.contracts.some(({ contract }) => contract === Number(of));
      if (missed || ours || type === 'AppointmentMade') soon();
    }),
  ];
  return { title: found.of.shop.basic?.name ?? t('customer.n', { n: customer }), node, close: () => stop.forEach((end) => end()) };
}
