// JSON that is passed on as it is. A message may hold numbers that JavaScript cannot, so the page never reads one: it keeps the text.

class Raw {
  constructor(text) {
    this.text = text;
  }
}

/** A text that is JSON already. */
export const raw = (text) => new Raw(text);

/** A list of texts that are JSON already. */
export const rawList = (texts) => new Raw(`[${texts.join(',')}]`);

/** Writes a value; what is raw goes in as it is, and fields that are undefined are left out. */
export function write(value) {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (value && typeof value === 'object') {
    const fields = Object.entries(value).filter(([, of]) => of !== undefined);
    return `{${fields.map(([name, of]) => `${JSON.stringify(name)}:${write(of)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The elements of a list in JSON, each as the text it is. Throws if the text is no such list. */
export const elements = (text) => parts(text, '[');

/** The fields of an object in JSON: the name of each, with the text of its value. Throws if the text is no such object. */
export function fields(text) {
  return new Map(parts(text, '{').map((part) => {
    const [name] = /^"(?:[^"\\]|\\.)*"/.exec(part);
    return [JSON.parse(name), part.slice(part.indexOf(':', name.length) + 1).trim()];
  }));
}

/** JSON without white space between its parts. */
export const compact = (text) => text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, quoted) => quoted ?? '');

/** What stands between the commas of a list or an object. */
function parts(text, opening) {
  JSON.parse(text);
  const found = [];
  let [depth, begin] = [0, -1];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      if (depth === 1 && begin < 0) begin = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (c === '[' || c === '{') {
      if (depth === 0 && c !== opening) throw new SyntaxError(`it begins with ${c}`);
      if (depth === 1 && begin < 0) begin = i;
      depth++;
    } else if (c === ']' || c === '}' || (c === ',' && depth === 1)) {
      if (c !== ',') depth--;
      if (depth === 0 || c === ',') {
        if (begin >= 0) found.push(text.slice(begin, i).trim());
        begin = -1;
      }
    } else if (depth === 1 && begin < 0 && !/\s/.test(c)) begin = i;
    else if (depth === 0 && !/\s/.test(c)) throw new SyntaxError(`it begins with ${c}`);
  }
  return found;
}
