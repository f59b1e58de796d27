// Sign-in: a role, and a name on the dotted line.

import { h, fill } from './dom.js';
import { t, language, speak } from './words.js';
import { post, get, NoNetwork } from './net.js';
import { mark, reason } from './parts.js';

const ROLES = ['account-manager', 'supervisor', 'customer-service'];

/** Shows the sign-in in this element until somebody has signed in, and gives who. */
export function signIn(place, relabel) {
  return new Promise((resolve) => {
    let role = ROLES[0];
    let name = '';
    const draw = () => {
      relabel();
      const problem = h('p', { class: 'problem', id: 'sign-in-problem', role: 'alert' });
      const input = h('input', {
        id: 'sign-name', name: 'name', autocomplete: 'name', maxlength: 80, value: name, 'aria-describedby': 'sign-in-problem',
        on: { input: () => { name = input.value; } },
      });
      const choice = (of) => h('label', { class: 'choice' },
        h('input', { type: 'radio', name: 'role', value: of, checked: of === role, on: { change: () => { role = of; } } }),
        h('span', null, h('strong', null, t(`role.${of}`)), h('span', { class: 'soft' }, t(`role.${of}.does`))));
      const other = language() === 'de' ? 'en' : 'de';
      const submit = async (event) => {
        event.preventDefault();
        problem.textContent = '';
        if (!name.trim()) {
          problem.textContent = t('sign-in.no-name');
          return input.focus();
        }
        try {
          await post('/api/sign-in', { role, name: name.trim() });
          resolve(await get('/api/me'));
        } catch (error) {
          problem.textContent = error instanceof NoNetwork ? t('sign-in.no-network') : reason(error);
        }
      };
      fill(place, h('main', { id: 'main', class: 'start', tabindex: '-1' },
        h('div', { class: 'cover' },
          mark(),
          h('h1', null, t('sign-in.lead')),
          h('p', null, t('sign-in.text'))),
        h('form', { class: 'sheet sign-in', on: { submit } },
          h('h2', { class: 'unseen' }, t('sign-in.title')),
          h('fieldset', null, h('legend', null, t('sign-in.role')), ROLES.map(choice)),
          h('div', { class: 'line' },
            h('label', { for: 'sign-name' }, t('sign-in.name')),
            h('div', { class: 'dotted' }, h('span', { 'aria-hidden': 'true' }, '×'), input)),
          problem,
          h('button', { class: 'main wide' }, t('sign-in.go')),
          h('p', { class: 'soft tiny' }, t('sign-in.honest')),
          h('button', { type: 'button', class: 'quiet small', lang: other, on: { click: () => { speak(other); draw(); } } }, t('language.other')))));
      input.focus({ preventScroll: true });
    };
    draw();
  });
}
