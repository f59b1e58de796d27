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
export function elements(text) {
  JSON.parse(text);
  const found = [];
  let [depth, begin] = [0, -1];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      if (depth === 1 && begin < 0) begin = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (c === '[' || c === '{') {
      if (depth === 0 && c === '{') throw new SyntaxError('not a list');
      if (depth === 1 && begin < 0) begin = i;
      depth++;
    } else if (c === ']' || c === '}' || (c === ',' && depth === 1)) {
      if (c !== ',') depth--;
      if (depth === 0 || c === ',') {
        if (begin >= 0) found.push(text.slice(begin, i).trim());
        begin = -1;
      }
    } else if (depth === 1 && begin < 0 && !/\s/.test(c)) begin = i;
    else if (depth === 0 && !/\s/.test(c)) throw new SyntaxError('not a list');
  }
  return found;
}
