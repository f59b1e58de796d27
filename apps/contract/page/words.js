// The texts of the page, in two languages. What the model says comes from the desk.

const LANGUAGES = ['en', 'de'];
let now = LANGUAGES.find((known) => known === stored()) ?? (navigator.language?.startsWith('de') ? 'de' : 'en');

function stored() {
  try {
    return localStorage.getItem('language');
  } catch {
    return null;
  }
}

export const language = () => now;

/** Changes the language of the page. */
export function speak(chosen) {
  now = chosen;
  document.documentElement.lang = chosen;
  try {
    localStorage.setItem('language', chosen);
  } catch {
    // A browser that keeps nothing forgets the language, too.
  }
}

const texts = {
  'app': ['Contracts', 'Verträge'],
  'skip': ['Skip to the content', 'Zum Inhalt springen'],
  'notices': ['Notices', 'Hinweise'],
  'close': ['Close', 'Schließen'],
  'back': ['Back', 'Zurück'],
  'cancel': ['Cancel', 'Abbrechen'],
  'main-nav': ['Main', 'Haupt'],

  'role.account-manager': ['Account manager', 'Kundenbetreuung'],
  'role.supervisor': ['Supervisor', 'Entscheider'],
  'role.customer-service': ['Customer service', 'Kundendienst'],
  'role.signing-service': ['Signing service', 'Signaturdienst'],
  'role.account-manager.does': ['finds customers and negotiates', 'findet Kunden und verhandelt'],
  'role.supervisor.does': ['decides on special conditions', 'entscheidet über Sonderkonditionen'],
  'role.customer-service.does': ['watches the process, imports customers', 'hat den Ablauf im Blick, importiert Kunden'],

  'sign-in.title': ['Sign in', 'Anmelden'],
  'sign-in.lead': ['Contracts for a fashion business', 'Verträge für ein Modehaus'],
  'sign-in.text': [
    'One set of rules, written once: it judges the form in your browser while you type, works on without a network, and decides again on the server.',
    'Ein Regelwerk, einmal geschrieben: Es prüft das Formular im Browser, während Sie tippen, arbeitet ohne Netz weiter und entscheidet auf dem Server noch einmal.',
  ],
  'sign-in.role': ['I work as', 'Ich arbeite als'],
  'sign-in.name': ['My name', 'Mein Name'],
  'sign-in.go': ['Sign in', 'Anmelden'],
  'sign-in.honest': [
    'There is no password: this is a stand-in for the sign-in of your organisation. What you do is recorded under this name.',
    'Es gibt kein Passwort: Das hier steht für die Anmeldung Ihrer Organisation. Was Sie tun, wird unter diesem Namen festgehalten.',
  ],
  'sign-in.no-name': ['Please sign with your name.', 'Bitte unterschreiben Sie mit Ihrem Namen.'],
  'sign-in.no-network': ['The server cannot be reached. Signing in needs it once.', 'Der Server ist nicht erreichbar. Zum Anmelden wird er einmal gebraucht.'],
  'sign-out': ['Sign out', 'Abmelden'],
  'sign-out.waiting': [
    '{n} commands still wait in this browser. They stay here, and wait until you sign in again.',
    '{n} Aufträge warten noch in diesem Browser. Sie bleiben hier, bis Sie sich wieder anmelden.',
  ],
  'signed-out': ['You were signed out. Your drafts are still here.', 'Sie wurden abgemeldet. Ihre Entwürfe sind noch da.'],

  'nav.search': ['Customers', 'Kunden'],
  'nav.waiting': ['Waiting', 'Wartend'],
  'nav.requests': ['Requests', 'Anträge'],
  'nav.letters': ['Letters', 'Briefe'],
  'nav.signing': ['Signing', 'Signatur'],
  'nav.monitor': ['Process', 'Ablauf'],
  'nav.imports': ['Imports', 'Importe'],

  'search.label': ['Search customers', 'Kunden suchen'],
  'search.hint': ['Name, street, city, number …', 'Name, Straße, Ort, Nummer …'],
  'you': ['You', 'Sie'],
  'language.other': ['Deutsch', 'English'],

  'another-person': [
    '{name} has signed in in another window, so this window is theirs now. What was not recorded waits for the one who was here before.',
    '{name} hat sich in einem anderen Fenster angemeldet, also gilt das auch hier. Was nicht festgehalten ist, wartet auf die Person, die vorher hier war.',
  ],

  'net.offline': ['No network', 'Kein Netz'],
  'net.lost': ['The network is gone. You can go on: commands wait in this browser.', 'Das Netz ist weg. Sie können weiterarbeiten: Aufträge warten in diesem Browser.'],
  'net.found': ['The network is back.', 'Das Netz ist wieder da.'],
  'net.needs': ['This page needs the network.', 'Diese Seite braucht das Netz.'],
  'waits.1': ['1 command waits', '1 Auftrag wartet'],
  'waits.n': ['{n} commands wait', '{n} Aufträge warten'],
  'desk.away': [
    'The rules do not run in this browser: the server is asked instead, and nothing works without a network.',
    'Die Regeln laufen in diesem Browser nicht: Der Server wird gefragt, und ohne Netz geht nichts.',
  ],
  'keep.away': ['This browser keeps nothing: drafts are lost when the page is closed.', 'Dieser Browser speichert nichts: Entwürfe gehen verloren, wenn die Seite geschlossen wird.'],
  'newer': ['A newer version of this page is there. Your drafts stay.', 'Es gibt eine neuere Fassung dieser Seite. Ihre Entwürfe bleiben.'],
  'newer.model': [
    'The rules on the server are newer than those in this page. Nothing was done. Reload: your drafts stay.',
    'Die Regeln auf dem Server sind neuer als die in dieser Seite. Es wurde nichts getan. Bitte neu laden: Ihre Entwürfe bleiben.',
  ],
  'reload': ['Reload', 'Neu laden'],

  'failed.title': ['This did not work', 'Das hat nicht geklappt'],
  'failed.again': ['Try again', 'Noch einmal'],
  'failed.network': ['The server cannot be reached, and this was not taken along.', 'Der Server ist nicht erreichbar, und das hier wurde nicht mitgenommen.'],
  'problem.another-model': ['The rules have changed since this page was loaded.', 'Die Regeln haben sich geändert, seit diese Seite geladen wurde.'],
  'problem.another-person': ['Somebody else has signed in in another window.', 'In einem anderen Fenster hat sich jemand anders angemeldet.'],
  'problem.name-of-a-part': ['This is the name of a part of the system. Please sign in with a name of your own.', 'So heißt ein Teil des Systems. Bitte melden Sie sich mit Ihrem eigenen Namen an.'],
  'problem.unknown-customer': ['There is no such customer.', 'Diesen Kunden gibt es nicht.'],
  'problem.400': ['The server did not understand this.', 'Das hat der Server nicht verstanden.'],
  'problem.401': ['Please sign in first.', 'Bitte melden Sie sich zuerst an.'],
  'problem.403': ['This is not for you to do.', 'Das ist nicht Ihre Aufgabe.'],
  'problem.404': ['There is nothing of this number.', 'Unter dieser Nummer gibt es nichts.'],
  'problem.408': ['The network was too slow for this. Please try again.', 'Das Netz war dafür zu langsam. Bitte versuchen Sie es noch einmal.'],
  'problem.409': ['This was recorded for something else. Please load the page again.', 'Das wurde schon für etwas anderes festgehalten. Bitte laden Sie die Seite neu.'],
  'problem.413': ['This is too much at once.', 'Das ist zu viel auf einmal.'],
  'problem.422': ['The server cannot record this as it was sent. Please load the page again.', 'So kann der Server das nicht festhalten. Bitte laden Sie die Seite neu.'],
  'problem.500': ['Something went wrong on the server.', 'Auf dem Server ist etwas schiefgegangen.'],
  'problem.log-away': ['The server cannot reach its data at the moment. Please try again.', 'Der Server erreicht seine Daten zurzeit nicht. Bitte versuchen Sie es noch einmal.'],
  'problem.not-on-duty': ['Another server does what is owed at the moment. Please try again.', 'Ein anderer Server erledigt zurzeit, was geschuldet ist. Bitte versuchen Sie es noch einmal.'],
  'problem.503': ['The server is busy. Please try again.', 'Der Server ist beschäftigt. Bitte versuchen Sie es noch einmal.'],
  'nowhere.title': ['There is no such page', 'Diese Seite gibt es nicht'],
  'nowhere.text': ['The search leads on.', 'Die Suche führt weiter.'],

  'customer': ['Customer', 'Kunde'],
  'customer.n': ['Customer {n}', 'Kunde {n}'],
  'contract': ['Contract', 'Vertrag'],
  'contract.n': ['Contract {n}', 'Vertrag {n}'],
  'contract.new': ['New contract', 'Neuer Vertrag'],
  'contracts': ['Contracts', 'Verträge'],
  'story': ['Story', 'Geschichte'],
  'who.process manager': ['by itself', 'von selbst'],
  'who.legacy system': ['legacy system', 'Altsystem'],
  'who.signing service': ['signing service', 'Signaturdienst'],
};

/** Adds the texts of a view: `{key: [english, german]}`. */
export const more = (table) => Object.assign(texts, table);

/** The text of this key, with `{name}` filled in. A key without a text is shown as it is. */
export function t(key, values = {}) {
  const text = texts[key]?.[LANGUAGES.indexOf(now)] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** Whether there is a text of this key. */
export const has = (key) => key in texts;

/** Who did it: a person by their name, a part of the system by what it is called. */
export const who = (by) => (by && has(`who.${by}`) ? t(`who.${by}`) : by);

/** "1 command waits", "3 commands wait": the texts `key.1` and `key.n`. */
export const counted = (key, n) => t(n === 1 ? `${key}.1` : `${key}.n`, { n: number(n) });

/** A number as it is written in the language of the page. Large ones may come as text. */
export function number(value) {
  const digits = String(value).replace('\u0001', '');
  return /^-?\d+$/.test(digits) ? new Intl.NumberFormat(now).format(BigInt(digits)) : digits;
}

const formats = new Map();
function format(name, options) {
  const key = `${now} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(now === 'de' ? 'de-DE' : 'en-GB', options));
  return formats.get(key);
}

/** A moment: "29 Nov 2026, 19:14". */
export const moment = (at) => format('moment', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

/** A moment in short: the time today, the day otherwise. */
export function shortly(at) {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString()
    ? format('time', { timeStyle: 'medium' }).format(date)
    : format('short', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(date);
}

/** A day such as 2026-12-01, in words. */
export const day = (on) => format('day', { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(`${on}T00:00:00Z`));

/** How long ago: "3 minutes ago". */
export function ago(at) {
  const seconds = (new Date(at) - Date.now()) / 1000;
  const steps = [['second', 60], ['minute', 60], ['hour', 24], ['day', 30], ['month', 12], ['year', Infinity]];
  let value = seconds;
  for (const [unit, size] of steps) {
    if (Math.abs(value) < size) return new Intl.RelativeTimeFormat(now, { numeric: 'auto' }).format(Math.round(value), unit);
    value /= size;
  }
  return moment(at);
}
