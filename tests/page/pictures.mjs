// Pictures of the page: every width, light and dark, for somebody who looks at them.

import { pathToFileURL } from 'node:url';

/** A story of an account that is worth looking at. */
const ACCOUNT = `#history=${encodeURIComponent('[{"AccountOpened":{"owner":"Petra"}},{"Deposited":4},{"Withdrawn":1},{"Withdrawn":2},{"Deposited":3}]')}&at=4`;

export async function pictures(open, show, file, folder) {
    for (const colorScheme of ['light', 'dark']) {
        for (const width of [1440, 768, 360]) {
            const page = await open('account', { hash: ACCOUNT, width, height: width === 1440 ? 900 : 1000, colorScheme });
            await page.locator('.drawing svg').waitFor();
            await page.getByRole('button', { name: 'Why: withdraw 2' }).click();
            await page.locator('.why:not([hidden]) .row').waitFor();
            await page.screenshot({ path: `${folder}/account-${width}-${colorScheme}.png`, fullPage: width < 1440 });
        }
        for (const name of ['order', 'contract', 'tickets', 'water_jugs', 'two_phase_commit', 'registration', 'tool_library', 'wild_page']) {
            const page = await open(name, { colorScheme });
            await page.locator('.drawing svg, .drawing p:not(:text("Visiting"))').first().waitFor({ timeout: 60_000 });
            await page.locator('.yes .command').first().click();
            await page.waitForTimeout(400);
            await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
        }
    }
    for (const [name, width, colorScheme] of [['account', 1440, 'light'], ['order', 1440, 'dark'], ['contract', 1440, 'light'], ['order', 360, 'light']]) {
        const page = await open(name, { width, height: 900, colorScheme });
        await page.getByRole('button', { name: 'Lanes' }).click();
        await page.locator('.slice').nth(2).click();
        await page.waitForTimeout(400);
        await page.locator('#map').screenshot({ path: `${folder}/lanes-${name}-${width}-${colorScheme}.png` });
    }
    const network = await open('order', { hash: '#model=one+order+over+a+network', width: 1440, height: 900 });
    await network.getByRole('tab', { name: /Properties/ }).click();
    await network.getByRole('button', { name: 'an order is shipped at most once' }).click();
    await network.locator('.chart svg').waitFor();
    await network.screenshot({ path: `${folder}/network.png` });
    const writing = await open('account');
    await writing.getByRole('tab', { name: 'Write' }).click();
    await writing.getByLabel('Scenarios in words').fill('Feature: account\n  Scenario: nobody has one at first\n    When withdraw 3\n    Then withdrawn 3\n');
    await writing.locator('.judged li.fails').waitFor();
    await writing.screenshot({ path: `${folder}/writing.png` });
    await writing.locator('.yes .command').first().click();
    await writing.getByRole('button', { name: 'Keep what was played' }).click();
    await writing.getByRole('dialog').locator('pre').first().waitFor();
    await writing.screenshot({ path: `${folder}/keep.png` });
    const alone = await show(pathToFileURL(file('account')).href, { hash: ACCOUNT });
    await alone.locator('.drawing svg').waitFor();
    await alone.getByRole('button', { name: 'Why: withdraw 2' }).click();
    await alone.getByRole('tab', { name: 'Write' }).click();
    await alone.screenshot({ path: `${folder}/account-file.png` });
    const big = await open('account', { hash: ACCOUNT, width: 2560, height: 1440 });
    await big.locator('.drawing svg').waitFor();
    await big.screenshot({ path: `${folder}/account-2560.png` });
    const print = await open('account', { hash: ACCOUNT });
    await print.locator('.drawing svg').waitFor();
    await print.emulateMedia({ media: 'print' });
    await print.screenshot({ path: `${folder}/account-print.png`, fullPage: true });
    const zoomed = await open('account', { hash: ACCOUNT, width: 320, height: 225 });
    await zoomed.screenshot({ path: `${folder}/account-400-percent.png` });
}
