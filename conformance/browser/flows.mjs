// What people do on the pages of a live server, in Debian's Chromium.
//
// usage: node flows.mjs BASE_URL ENROLMENT_TOKEN USER [PICTURES_FOLDER]
import assert from 'node:assert/strict';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { Person, addAuthenticator, codeOf, mustBeAccessible } from './browser.mjs';

const [base, token, user, pictures] = process.argv.slice(2);
const kPassword = 'correct zebra battery staple';
const known = {}; // what the person keeps: the app's secret, recovery codes

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

async function visit(what, options = {}) {
  const context = await browser.newContext({ viewport: { width: 800, height: 720 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) wrong.push(message.text());
  });
  try {
    await what(new Person(page, base), page, context);
    assert.deepEqual(wrong, []);
  } catch (error) {
    console.log(`the page says: ${(await page.locator('main').innerText().catch(() => '')).slice(0, 600)}`);
    throw error;
  } finally {
    await context.close();
  }
}

async function picture(page, name) {
  if (!pictures) return;
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
}

async function enrol(person, page) {
  await person.open('/account/enrol');
  await mustBeAccessible(page);
  await person.fill('Enrolment code', 'wlk_' + 'A'.repeat(43));
  await person.press('Continue');
  assert.match(await person.fault(), /not good/);
  await mustBeAccessible(page);
  await person.enrolWith(token);
  await mustBeAccessible(page);

  await page.getByRole('link', { name: /^Authenticator app/ }).click();
  await mustBeAccessible(page);
  await picture(page, 'totp');
  await page.getByText('I can’t scan it').click();
  known.secret = await page.locator('p.code').innerText();
  await person.fill('Name of this authenticator', 'Old <b>phone</b>');
  await person.fill('Code', '000000');
  await person.press('Add the app');
  assert.match(await person.fault(), /not the one/);
  await person.fill('Code', await codeOf(known.secret, -1));
  await person.press('Add the app');
  await page.getByText('Old <b>phone</b> was added.').waitFor();

  await page.getByRole('link', { name: /^Password/ }).click();
  await person.fill('New password', 'short');
  await page.getByText('Guessed at once').waitFor();
  await person.press('Set the password');
  assert.match(await person.fault(), /too short: it needs 8/); // beside the app
  await mustBeAccessible(page);
  await person.fill('New password', kPassword);
  await page.locator('#strength p', { hasText: 'hard to guess' }).waitFor();
  await person.press('Set the password');
  await page.getByText('Password was added.').waitFor();

  await page.getByRole('link', { name: /^Recovery codes/ }).click();
  await person.press('Make recovery codes');
  known.codes = await page.locator('.codes code').allInnerTexts();
  assert.equal(known.codes.length, 10);
  await mustBeAccessible(page);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await person.press('Done for now');
  await person.mustSee('You are set up');
}

/// The enrolment code was good once.
async function enrolTwice(person) {
  await person.open('/account/enrol');
  await person.fill('Enrolment code', token);
  await person.press('Continue');
  assert.match(await person.fault(), /not good/);
}

async function refuse(person, page) {
  await person.nameMyself(user);
  await mustBeAccessible(page);
  await picture(page, 'factor');
  await person.tryPassword('wrong zebra battery staple');
  const known_person = await person.fault();
  await mustBeAccessible(page);
  await person.nameMyself('nobody.at.all');
  const form = async () => (await page.locator('main').innerHTML())
    .replaceAll(/value="[^"]*"|data-options="[^"]*"|nobody\.at\.all|<div class="fault".*?<\/div>/gs, '');
  const offered = await form();
  await person.tryPassword('wrong zebra battery staple');
  assert.equal(await person.fault(), known_person);
  await person.nameMyself(user);
  assert.equal((await form()).replaceAll(user, ''), offered);
}

async function signInWithCode(person, page, context) {
  await person.open('/sign-in');
  await mustBeAccessible(page);
  await picture(page, 'sign-in');
  const before = await context.cookies();
  const code = await codeOf(known.secret);
  await person.signInWith(user, kPassword, code);
  await person.mustSee('My account');
  const after = await context.cookies();
  const session = after.find((each) => each.name.endsWith('wardlock-session'));
  assert.ok(session.httpOnly && session.sameSite === 'Lax' && session.path === '/');
  assert.ok(!before.some((each) => each.value === session.value));
  assert.ok(!after.some((each) => each.name.endsWith('wardlock-browser')));
  assert.equal(await page.locator('main b').count(), 0); // a label is no HTML
  await person.signOut();
  const gone = await context.request.get(`${base}/account`, { maxRedirects: 0,
    headers: { Cookie: `${session.name}=${session.value}` } });
  assert.equal(gone.status(), 303); // the token is good for nothing
  await person.signInWith(user, kPassword, code);
  assert.match(await person.fault(), /not right/); // it was used
}

async function usePasskey(person, page) {
  const touch = await addAuthenticator(page);
  await person.signInWith(user, kPassword, await codeOf(known.secret, 1));
  await person.mustSee('My account');
  await page.getByRole('link', { name: 'Add a way to sign in' }).click();
  await page.getByRole('link', { name: /^Passkey/ }).click();
  await mustBeAccessible(page);
  await person.fill('Name of this authenticator', 'My phone');
  await person.press('Make the passkey');
  await page.getByText('My phone was added.').waitFor();
  await person.open('/account');
  await person.signOut();

  await person.open('/sign-in'); // without a name: it is offered among the names, and taken at once
  await person.mustSee('My account');
  await mustBeAccessible(page);
  await picture(page, 'account');
  await person.signOut();
  await touch(false); // else it answers what is offered among the names
  await person.nameMyself(user);
  await person.mustSee('Show that it is you');
  await touch(true);
  await person.press('Use your passkey');
  await person.mustSee('My account');
  await page.getByRole('button', { name: 'Remove My phone' }).click();
  await page.getByText('It no longer lets anybody in.').waitFor();
  await person.open('/account');
  if ((await person.heading()).startsWith('My account')) await person.signOut();
}

async function useRecoveryCode(person, page) {
  await person.nameMyself(user);
  await person.tryPassword(kPassword);
  await page.getByText('Use a recovery code').click();
  await person.fill('Recovery code', known.codes[0].toLowerCase().replaceAll('-', ' '));
  await page.locator('details').getByRole('button', { name: 'Continue' }).click();
  await person.mustSee('My account');
  await person.signOut();
  await person.nameMyself(user);
  await person.tryPassword(kPassword);
  await page.getByText('Use a recovery code').click();
  await person.fill('Recovery code', known.codes[0]);
  await page.locator('details').getByRole('button', { name: 'Continue' }).click();
  assert.match(await person.fault(), /not right/);
}

/// Nothing but keys, and no script: a password and a recovery code.
async function signInByKeysAlone(person, page) {
  await person.open('/sign-in');
  await person.mustHaveFocus('user');
  await page.keyboard.type(user);
  await page.keyboard.press('Enter');
  await person.mustSee('Show that it is you');
  await person.mustHaveFocus('password');
  await page.keyboard.type(kPassword);
  await page.keyboard.press('Enter');
  await person.mustSee('One more step');
  await person.mustHaveFocus('code');
  for (let i = 0; i < 30; ++i) {
    if (await page.evaluate(() => document.activeElement.tagName === 'SUMMARY')) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type(known.codes[1]);
  await page.keyboard.press('Enter');
  await person.mustSee('My account');
}

/// What pages of others make a browser send, and what is sent without one.
async function refuseForgeries(person, page, context) {
  await person.nameMyself(user);
  await person.tryPassword(kPassword);
  await page.getByText('Use a recovery code').click();
  await person.fill('Recovery code', known.codes[2]);
  await page.locator('details').getByRole('button', { name: 'Continue' }).click();
  await person.mustSee('My account');
  const csrf = await page.locator('input[name=csrf]').first().inputValue();
  const send = async (form, headers) => (await context.request.post(`${base}/account/session`,
    { form, headers, maxRedirects: 0 })).status();
  const own = { Origin: base };
  assert.equal(await send({ id: 'all', csrf }, {}), 403);
  assert.equal(await send({ id: 'all' }, own), 403);
  assert.equal(await send({ id: 'all', csrf: csrf.slice(1) }, own), 403);
  assert.equal(await send({ id: 'all', csrf }, { Origin: 'https://evil.example' }), 403);
  assert.equal(await send({ id: 'all', csrf }, { ...own, 'Sec-Fetch-Site': 'same-site' }), 403);
  assert.equal(await send({ id: 'all', csrf }, own), 200);
  const shown = await context.request.get(`${base}/account`);
  assert.match(shown.headers()['content-security-policy'], /frame-ancestors 'none'/);
  assert.equal(shown.headers()['cache-control'], 'no-store');
  for (const request of ['https://evil.example', '//evil.example', '%0d%0aLocation:x']) {
    const answer = await context.request.get(`${base}/sign-in?request=${request}`, { maxRedirects: 0 });
    assert.ok(!(answer.headers().location ?? '').includes('evil'), request);
    assert.ok(!(await answer.text()).includes('evil'), request);
  }
}

const steps = { enrol, enrolTwice, refuse, signInWithCode, useRecoveryCode, usePasskey, refuseForgeries };
try {
  for (const [name, step] of Object.entries(steps)) {
    await visit(step).catch((error) => { error.message = `${name}: ${error.message}`; throw error; });
    console.log(`ok ${name}`);
  }
  await visit(signInByKeysAlone, { javaScriptEnabled: false });
  console.log('ok signInByKeysAlone');
} finally {
  await browser.close();
}
