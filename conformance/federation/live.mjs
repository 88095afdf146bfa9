// People sign in before a live server with their accounts at npm oidc-provider, in Debian's Chromium.
//
// usage: node live.mjs BASE_URL PROVIDER_PORT ENROLMENT_TOKEN USER [PICTURES_FOLDER]
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { hospital } from './hospital.mjs';
import { Person, mustBeAccessible } from '../browser/browser.mjs';

const { chromium } = createRequire(new URL('../browser/browser.mjs', import.meta.url))('playwright-core');
const [base, port, token, user, pictures] = process.argv.slice(2);
const kPassword = 'correct zebra battery staple';
const kLabel = 'St. Mary';

const provider = await hospital({ port: Number(port), redirect: `${base}/sign-in/with/hospital` });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

async function visit(what) {
  const context = await browser.newContext({ viewport: { width: 800, height: 720 } });
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
    console.log(`at ${page.url()}: ${(await page.locator('body').innerText().catch(() => '')).slice(0, 600)}`);
    throw error;
  } finally {
    await context.close();
  }
}

async function picture(page, name) {
  if (!pictures) return;
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: path.join(pictures, `${name}-${scheme}.png`), fullPage: true });
  }
}

/// From a page of ours to the provider, where it asks at all, and back before our own pages.
async function go(person, page, button, name) {
  const isSettled = (url) => (url.port === port ? url.pathname.startsWith('/interaction/')
    : url.pathname !== '/sign-in/with/hospital');
  await Promise.all([page.waitForURL('**/sign-in/with/hospital'), person.press(button)]);
  for (;;) {
    await page.waitForURL(isSettled);
    if (new URL(page.url()).port !== port) return;
    const before = page.url();
    await page.getByLabel('Name at St. Mary').fill(name);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL((url) => url.href !== before);
  }
}

async function signInThere(person, page, name) {
  await person.open('/sign-in');
  await go(person, page, `Sign in with ${kLabel}`, name);
}

const said = (page) => page.locator('main').innerText();

/// With an enrolment code: a password, and the account at the hospital.
async function linkWithTheInvitation(person, page, context) {
  await person.enrolWith(token);
  await mustBeAccessible(page);
  await page.getByRole('link', { name: /^Password/ }).click();
  await person.fill('New password', kPassword);
  await person.press('Set the password');
  await page.getByText('Password was added.').waitFor();
  await go(person, page, `Link ${kLabel}`, 'grey-1');
  await page.getByText('Your account elsewhere was added.').waitFor();
  assert.ok(!(await context.cookies()).some((each) => each.name.includes('away')));
  await person.press('Done for now');
  await person.mustSee('You are set up');
}

/// From outside two proofs are needed: the provider says so by `acr`, which its settings believe.
async function signIn(person, page, context) {
  await person.open('/sign-in');
  await mustBeAccessible(page);
  await picture(page, 'sign-in-provider');
  await signInThere(person, page, 'grey-1');
  await person.mustSee('My account');
  await mustBeAccessible(page);
  assert.match(await said(page), /two proofs/);
  assert.match(await said(page), new RegExp(kLabel));
  const device = (await context.cookies()).find((each) => each.name.includes('device'));
  assert.equal(device.sameSite, 'Strict');
  await person.signOut();
  await signInThere(person, page, 'grey-1');
  await person.mustSee('My account');
  const again = (await context.cookies()).find((each) => each.name.includes('device'));
  assert.equal(again.value, device.value, 'the workstation is still the one that it was');
}

async function keyboardAlone(person, page) {
  await person.open('/sign-in');
  const button = page.getByRole('button', { name: `Sign in with ${kLabel}` });
  for (let i = 0; i < 12 && !(await button.evaluate((e) => e === document.activeElement)); ++i) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.getByLabel('Name at St. Mary').waitFor();
}

async function beRefused(person, page) {
  await signInThere(person, page, 'nobody-9');
  assert.match(await said(page), /linked with nobody here/);
  await mustBeAccessible(page);
  await picture(page, 'provider-not-linked');
  await page.getByRole('link', { name: 'Sign in another way' }).click();
  await person.mustSee('Sign in');
}

async function turnBack(person, page) {
  provider.said.turned_back = true;
  await signInThere(person, page, 'grey-1');
  assert.match(await said(page), /did not let you in/);
  delete provider.said.turned_back;
}

async function notSurelyEnough(person, page) {
  provider.said.acr = 'loa1';
  await signInThere(person, page, 'grey-1');
  assert.doesNotMatch(await said(page), /My account/);
  await person.open('/account');
  await person.mustSee('Sign in');
  provider.said.acr = 'loa2';
}

/// Answers that are swapped, replayed, or of another browser.
async function tamper(person, page, context) {
  await person.open('/sign-in');
  const answers = [];
  await page.route('**/sign-in/with/hospital/back?*', async (route) => {
    answers.push(route.request().url());
    await route.abort();
  });
  await person.press(`Sign in with ${kLabel}`);
  await page.waitForURL((url) => url.port === port);
  const goOn = page.getByRole('button', { name: 'Go on' });
  for (const what of ['login', 'consent']) {
    await page.getByRole('heading', { name: `St. Mary: ${what}` }).waitFor();
    await page.getByLabel('Name at St. Mary').fill('grey-1');
    await goOn.click();
  }
  while (answers.length === 0) await page.waitForTimeout(50);
  await page.unroute('**/sign-in/with/hospital/back?*');
  const right = new URL(answers[0]);
  const away = (await context.cookies()).find((each) => each.name.includes('away'));
  assert.ok(away.httpOnly && away.sameSite === 'Lax' && away.path === '/');
  const swapped = new URL(right);
  swapped.searchParams.set('state', 'x'.repeat(43));
  const kept = await context.cookies();
  const refusal = async (url) => {
    await context.addCookies(kept); // as whoever stole it would
    await page.goto(url.href);
    return said(page);
  };
  assert.match(await refusal(swapped), /not what this browser had asked for/);
  const mixed = new URL(right);
  mixed.searchParams.set('iss', 'https://evil.example');
  assert.match(await refusal(mixed), /not what this browser had asked for/);
  const other = await browser.newContext();
  const stranger = await other.newPage();
  await stranger.goto(right.href);
  assert.match(await said(stranger), /not what this browser had asked for/);
  await other.close();
  await context.addCookies(kept);
  await page.goto(right.href);
  await person.mustSee('My account');
  await person.signOut();
  assert.match(await refusal(right), /not what this browser had asked for/, 'once');
}

async function comeAsLinkedByAnAdministrator(person, page) {
  await signInThere(person, page, 'lee-2');
  await person.mustSee('My account');
}

async function unlink(person, page) {
  await signInThere(person, page, 'grey-1');
  await person.mustSee('My account');
  await picture(page, 'account-provider');
  await page.getByRole('button', { name: `Remove ${kLabel}` }).click();
  await page.getByText('It no longer lets anybody in.').waitFor();
  await signInThere(person, page, 'grey-1');
  assert.match(await said(page), /linked with nobody here/);
}

async function whileItIsDown(person, page) {
  provider.server.close();
  provider.server.closeAllConnections();
  await signInThereAndFail(person, page);
  await page.getByRole('link', { name: 'Sign in another way' }).click();
  await person.nameMyself(user);
  await person.tryPassword(kPassword);
  assert.doesNotMatch(await said(page), /not right/); // the password counts, as far as it goes
}

async function signInThereAndFail(person, page) {
  await person.open('/sign-in');
  await person.press(`Sign in with ${kLabel}`);
  // What is known of the provider is remembered, so that the browser finds it gone; or we do, on the way back.
  await page.waitForTimeout(500);
  if (page.url().startsWith(base)) {
    assert.match(await said(page), /does not answer just now/);
    await mustBeAccessible(page);
    return;
  }
  await person.open('/sign-in/with/hospital/back?code=1&state=2');
  assert.match(await said(page), /not what this browser had asked for/);
}

try {
  await visit(linkWithTheInvitation);
  await visit(signIn);
  await visit(keyboardAlone);
  await visit(beRefused);
  await visit(turnBack);
  await visit(notSurelyEnough);
  await visit(tamper);
  await visit(comeAsLinkedByAnAdministrator);
  await visit(unlink);
  await visit(whileItIsDown);
  console.log('people signed in with their accounts at oidc-provider, and were refused');
} finally {
  await browser.close();
  provider.server.close();
  provider.server.closeAllConnections();
}
process.exit(0);
