// What people do on the pages of a live server, on a workstation that several share: sessions lock, and open again.
//
// usage: node shared.mjs BASE_URL ENROLMENT_TOKEN USER
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { Person, mustBeAccessible } from './browser.mjs';

const [base, token, user] = process.argv.slice(2);
const kPassword = 'correct zebra battery staple';
const kBadge = '04A2249A2D5C80';
const kPin = '482915';

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 800, height: 720 } });
const page = await context.newPage();
page.setDefaultTimeout(15_000);
const person = new Person(page, base);

const enter = async (text) => { await page.keyboard.type(text); await page.keyboard.press('Enter'); };
/// As a reader does: it types into what has the focus, and ends with Enter.
const holdBadge = async (badge) => { await person.mustHaveFocus('badge'); await enter(badge); };

async function enrol() {
  await person.enrolWith(token);
  await page.getByRole('link', { name: /^Password/ }).click();
  await person.fill('New password', kPassword);
  await person.press('Set the password');
  await page.getByRole('link', { name: /^PIN/ }).click();
  await mustBeAccessible(page);
  await person.fill('New PIN', '123456');
  await person.press('Set the PIN');
  assert.match(await person.fault(), /too easy/);
  await mustBeAccessible(page);
  await person.fill('New PIN', kPin);
  await person.press('Set the PIN');
  await page.getByText('PIN was added.').waitFor();
  await page.getByRole('link', { name: /^Badge/ }).click();
  await mustBeAccessible(page);
  await holdBadge(kBadge);
  await page.getByText('Badge was added.').waitFor();
  await person.press('Done for now');
  await person.mustSee('You are set up');
}

async function lock() {
  await person.open('/account');
  await person.press('Lock this session');
  await person.mustSee('This session is locked');
}

async function lockAndUnlock() {
  await person.nameMyself(user);
  await person.tryPassword(kPassword);
  await person.mustSee('My account');
  await mustBeAccessible(page);
  await lock();
  await mustBeAccessible(page);
  await holdBadge(kBadge);
  await person.mustSee('My account');
  await lock();
  await holdBadge('04FFFFFFFFFF80');
  await person.mustSee('This session is locked');
  assert.match(await person.fault(), /not right/);
  await mustBeAccessible(page);
  await person.open('/account'); // nothing else is to be had meanwhile
  await person.mustSee('This session is locked');
  await person.mustHaveFocus('badge');
  for (const key of ['Tab', 'Tab']) await page.keyboard.press(key); // by keyboard alone: past the badge's button
  assert.ok(await page.getByLabel('PIN', { exact: true }).evaluate((e) => e === document.activeElement));
  await enter(kPin);
  await person.mustSee('My account');
  await lock();
  await page.getByRole('link', { name: 'Somebody else' }).click();
  await person.mustSee('Sign in');
}

try {
  await enrol();
  await lockAndUnlock();
  console.log('a session was locked, and opened by badge and PIN');
} catch (error) {
  console.log(`at ${page.url()}: ${(await page.locator('main').innerText().catch(() => '')).slice(0, 600)}`);
  throw error;
} finally {
  await browser.close();
}
