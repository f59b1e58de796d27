// The words for what happens beside a contract: to its customer, its mail, its signing. These parts are not the desk's.

import { t, more, number } from './words.js';

more({
  'said.ShopAdded': ['Added: {name}, {street}, {postcode} {city}', 'Aufgenommen: {name}, {street}, {postcode} {city}'],
  'said.Basic': ['Name or address changed: {name}, {street}, {postcode} {city}', 'Name oder Anschrift geändert: {name}, {street}, {postcode} {city}'],
  'said.Invoice': ['Invoices go to {email} ({format})', 'Rechnungen gehen an {email} ({format})'],
  'said.Deskware': ['Sales data: {sales_area} m², {turnover} euros, account manager {account_manager}', 'Vertriebsdaten: {sales_area} m², {turnover} Euro, Kundenbetreuung {account_manager}'],
  'said.RejectionNoted': ['Noted: contract {contract} was rejected, {reason}', 'Vermerkt: Vertrag {contract} wurde abgelehnt, {reason}'],
  'said.mail.request': ['Letter sent: the request', 'Brief versandt: der Antrag'],
  'said.mail.rejection': ['Letter sent: the rejection', 'Brief versandt: die Ablehnung'],
  'said.mail.completion': ['Letter sent: the completion', 'Brief versandt: der Abschluss'],
  'said.SigningRequested': ['The signing service was asked', 'Der Signaturdienst wurde beauftragt'],
  'said.signing.started': ['The signing service: has begun', 'Der Signaturdienst: hat begonnen'],
  'said.signing.signed-internally': ['The signing service: signed by us', 'Der Signaturdienst: von uns unterschrieben'],
  'said.signing.signed-externally': ['The signing service: signed by the customer', 'Der Signaturdienst: vom Kunden unterschrieben'],
});

/** An event of a customer, in words. */
export function customerSaid(event) {
  const [name, of] = Object.entries(event)[0] ?? [];
  if (name !== 'ShopUpdated') return t(`said.${name}`, of);
  const [table, data] = Object.entries(of)[0] ?? [];
  return t(`said.${table}`, { ...data, sales_area: number(data.sales_area ?? ''), turnover: number(data.turnover ?? ''), format: String(data.format).toUpperCase() });
}

/** An event beside a contract, `{part, event}`, in words. */
export function besideSaid({ part, event }) {
  if (part === 'mail') return t(`said.mail.${event.MailSent?.letter}`);
  if (part === 'signing') return event === 'SigningRequested' ? t('said.SigningRequested') : t(`said.signing.${event.SigningServiceAnswered}`);
  return customerSaid(event);
}
