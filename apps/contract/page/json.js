// JSON whose whole numbers survive, however large. A number of sixteen digits and more becomes a marked text when it is read,
// and a number again when it is written, so that it also survives IndexedDB.

const MARK = '\u0001';
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LARGE = /^-?\d{16,}$/;
const MARKED = /"\\u0001(-?\d{16,})"/g;

/** Reads JSON; large whole numbers become marked texts. */
export const readJson = (text) =>
  JSON.parse(text.replace(STRING_OR_NUMBER, (found) => (LARGE.test(found) ? `"\\u0001${found}"` : found)));

/** Writes JSON; marked texts become numbers again. */
export const writeJson = (value) => JSON.stringify(value).replace(MARKED, '$1');

/** A number as text, for a person. */
export const plainNumber = (value) => String(value).replace(MARK, '');
