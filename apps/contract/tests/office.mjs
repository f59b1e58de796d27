// What the office sees in a browser. Each scenario gets `person(role, name, options)`, which signs somebody in and gives their page (of
// playwright, with `options` for its context), and the address of a server whose folder began with contracts that might be.

import assert from 'node:assert/strict';
import { goes } from './people.mjs';

const open = async (page, _, to, shows) => {
  await goes(page, to.replace(/^\//, ''));
  await page.waitForSelector(`main:not([aria-busy]) ${shows}`);
};
const count = async (page, stage) => Number(await page.locator(`.stage[data-stage=${stage}] .count`).textContent());
const until = async (what, holds) => {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(what);
};
const requests = async (page, base) => (await page.context().request.get(`${base}/api/requests`)).json();

export const scenarios = {
  async 'a decision appears in the picture of the process, and the request waits no longer'({ person, base }) {
    const watcher = await person('customer-service', 'Sam');
    await open(watcher, base, '/monitor', '.process a');
    const [before, rejected] = [await count(watcher, 'requested'), await count(watcher, 'rejected')];
    const supervisor = await person('supervisor', 'Ruth');
    const [request] = await requests(supervisor, base);
    await open(supervisor, base, `/requests/${request.contract}`, '.form .choice');
    await supervisor.locator('.form input[value=reject]').check();
    await supervisor.fill('.form textarea', 'Too near to a shop of ours.');
    await supervisor.click('.form button.main');
    await until('the counts have moved', async () => (await count(watcher, 'requested')) === before - 1 && (await count(watcher, 'rejected')) === rejected + 1);
    await supervisor.getByText('This request no longer waits').waitFor();
    assert.equal(await supervisor.locator(`.list a[href="#/requests/${request.contract}"]`).count(), 0);
  },

  async 'the letter about a decision is on paper'({ person, base }) {
    const supervisor = await person('supervisor', 'Ruth');
    const [request] = await requests(supervisor, base);
    await open(supervisor, base, `/requests/${request.contract}`, '.form .choice');
    await supervisor.locator('.form input[value=reject]').check();
    await supervisor.fill('.form textarea', '<b>Too near</b> & too large.');
    await supervisor.click('.form button.main');
    await supervisor.getByText('This request no longer waits').waitFor();
    await open(supervisor, base, '/letters', '.results a');
    const letter = supervisor.locator(`.results a[href$="contract-${request.contract}-rejection"]`);
    await letter.click();
    await supervisor.waitForSelector('.paper');
    assert.match(await supervisor.locator('.paper .text').textContent(), /<b>Too near<\/b> & too large\./);
  },

  async 'the slider walks through a story by keys, and another decision tells another story'({ person, base }) {
    const page = await person('supervisor', 'Ruth');
    const letters = await (await page.context().request.get(`${base}/api/letters`)).json();
    const { contract } = letters.find(({ id }) => id.endsWith('-completion'));
    await open(page, base, `/story/${contract}`, '.slider');
    const versions = Number(await page.locator('.slider').getAttribute('max'));
    await page.focus('.slider');
    await page.keyboard.press('ArrowLeft');
    assert.match(await page.locator('.slide .grow').textContent(), new RegExp(`^Version ${versions - 1} of ${versions}$`));
    assert.equal(await page.evaluate(() => document.activeElement.id), 'version');
    assert.equal(await page.locator('.cards > .later .card').count(), 1);
    const accepted = page.locator('.card', { hasText: 'has accepted the conditions' });
    await accepted.click();
    await page.locator('.what-if input[value=instead]').check();
    await page.locator('.what-if select[name=decision]').selectOption('reject');
    await page.fill('.what-if input[name=reason]', 'Too many shops');
    await page.getByText('has rejected the conditions: Too many shops').waitFor();
    const later = versions - Number(await accepted.getAttribute('data-version'));
    assert.equal(await page.locator('.cards > [data-verdict=rejected]').count(), later);
    await page.getByRole('button', { name: 'Back to what happened' }).click();
    await until('the story is as it was', async () => (await page.locator('.cards > [data-verdict]').count()) === 0);
  },

  async 'rows that fail are listed, and the others are taken'({ person, base }) {
    const page = await person('customer-service', 'Sam');
    await open(page, base, '/imports', '.drop');
    const rows = Array.from({ length: 50 }, (_, i) => `${800000 + i},Shop ${i},Street ${i},10115,Berlin,${i % 20 === 3 ? 'butique' : 'boutique'}`);
    const csv = ['customer,name,street,postcode,city,segment', ...rows].join('\n');
    await page.setInputFiles('#file', { name: 'some.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.waitForSelector('.run .facts');
    assert.deepEqual(await page.locator('.failing tbody td:first-child').allTextContents(), ['5', '25', '45']);
    assert.match(await page.locator('.failing tbody td:last-child').first().textContent(), /segment is "butique"/);
    assert.match(await page.locator('.run .facts').textContent(), /Rows read50.*Rows that failed3/);
  },

  async 'what a role may not do is not offered, and said'({ person, base }) {
    const manager = await person('account-manager', 'Alex');
    await open(manager, base, '/imports', 'h1');
    assert.match(await manager.locator('main').textContent(), /Imports are for customer service/);
    await open(manager, base, '/requests', 'h1');
    await manager.getByText('Requests are decided on by supervisors').waitFor();
    const service = await person('customer-service', 'Sam');
    const [request] = await requests(service, base);
    await open(service, base, `/requests/${request.contract}`, '.form');
    await service.getByText('A supervisor decides in this step.').waitFor();
    assert.equal(await service.locator('.form button.main').count(), 0);
  },

  async 'nothing is wider than a narrow page'({ person, base }) {
    const page = await person('customer-service', 'Samantha Okafor-Lindenberger', { viewport: { width: 320, height: 256 }, locale: 'de-DE' });
    const [{ contract }] = await requests(page, base);
    for (const to of ['monitor', `requests/${contract}`, 'letters', 'signing', `story/${contract}`, 'imports']) {
      await open(page, base, `/${to}`, '.view h1');
      await page.waitForTimeout(200);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, to);
    }
  },
};
