// A person before Wardlock's pages: a browser with an authenticator in it, and what they do.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

export const axeSource =
  readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/// The code that an app shows, made by oathtool; `steps` periods later. One of the period before is taken until this
/// one ends: it is made early enough in it to arrive.
export async function codeOf(secret, steps = 0) {
  const left = 30_000 - Date.now() % 30_000;
  if (steps < 0 && left < 15_000) await new Promise((wake) => setTimeout(wake, left + 50));
  const now = new Date(Date.now() + steps * 30_000).toISOString().replace('T', ' ').slice(0, 19) + ' UTC';
  return execFileSync('oathtool', ['--totp', '--base32', '--now', now, secret.replaceAll(' ', '')])
    .toString().trim();
}

/// A phone's authenticator that knows its owner (CDP, WebAuthn.addVirtualAuthenticator). What is returned says whether
/// its owner touches it when it is asked.
export async function addAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true } });
  return (enabled) => session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
}

/// Fails where the page breaks a rule of WCAG 2.2 AA.
export async function mustBeAccessible(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axeSource });
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), kTags);
  assert.deepEqual(violations.map((each) => `${each.id}: ${each.nodes[0].html}`), [], page.url());
}

export class Person {
  constructor(page, base) {
    this.page = page;
    this.base = base;
  }

  open(path) { return this.page.goto(this.base + path); }
  heading() { return this.page.locator('h1').innerText(); }
  fault() { return this.page.locator('#fault').innerText(); }
  press(name) { return this.page.getByRole('button', { name, exact: true }).click(); }
  fill(label, text) { return this.page.getByLabel(label, { exact: true }).fill(text); }

  async mustSee(heading) {
    await this.page.locator('h1', { hasText: heading }).waitFor({ timeout: 10_000 });
  }

  /// The field gets it by itself, a moment after the page is there.
  mustHaveFocus(name) { return this.page.locator(`input[name=${name}]:focus`).waitFor(); }

  async enrolWith(token) {
    await this.open('/account/enrol');
    await this.fill('Enrolment code', token);
    await this.press('Continue');
    await this.mustSee('Choose how you sign in');
  }

  async nameMyself(user) {
    await this.open('/sign-in');
    await this.fill('User name', user);
    await this.press('Continue');
  }

  async tryPassword(password) {
    await this.fill('Password', password);
    await this.press('Continue');
  }

  async signInWith(user, password, code) {
    await this.nameMyself(user);
    await this.tryPassword(password);
    await this.mustSee('One more step');
    await this.page.getByLabel('Code', { exact: true }).fill(code); // it is sent when it is whole
  }

  async signOut() {
    await this.press('Sign out');
    await this.mustSee('You are signed out');
  }
}
