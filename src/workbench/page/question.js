// Questions and answers as values.

import { ask } from './desk.js';
import { write } from './json.js';

/** The desk says in a sentence why a question is not answered. */
export class Wrong extends Error {}

/** Asks the question `name` of a model; gives the answer, or throws `Wrong`. */
export async function asked(model, name, content = {}) {
  const answer = JSON.parse(await ask(write({ model: model ?? undefined, [name]: content })));
  if ('wrong' in answer) throw new Wrong(answer.wrong);
  return answer[name];
}

/** Calls `work` and hands its result to `show`, unless a later call came in between. What goes wrong goes to `fail`. */
export function latest(work, show, fail = (wrong) => { throw wrong; }) {
  let turn = 0;
  return async (...args) => {
    const mine = ++turn;
    try {
      const result = await work(...args);
      if (mine === turn) show(result, ...args);
    } catch (wrong) {
      if (mine !== turn) return;
      if (!(wrong instanceof Wrong)) throw wrong;
      fail(wrong, ...args);
    }
  };
}
