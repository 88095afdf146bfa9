// A person with a browser that runs no script: pages are asked for, their forms filled in and sent, cookies kept.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:https';

const PERIOD_MS = 30_000;

/** As fetch does it, with a client's certificate where there is one; redirects are not followed. */
export function send(url, { method = 'GET', headers = {}, body, cert, key } = {}) {
  return new Promise((resolve, reject) => {
    const options = { method, headers: Object.fromEntries(new Headers(headers)), cert, key, agent: false };
    const sent = request(url, options, (reply) => {
      const parts = [];
      reply.on('error', reject);
      reply.on('data', (part) => parts.push(part));
      reply.on('end', () => {
        const told = new Headers();
        const raw = reply.rawHeaders;
        for (let i = 0; i < raw.length; i += 2) told.append(raw[i], raw[i + 1]);
        const text = parts.length ? Buffer.concat(parts) : null;
        resolve(new Response(text, { status: reply.statusCode, headers: told }));
      });
    });
    sent.on('error', reject);
    sent.end(body?.toString());
  });
}

const read = (text) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<')
  .replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** RFC 6238 with SHA-1 and six digits, so many periods from now. One of the period before is taken until this one
 * ends: it is made early enough in it to arrive. */
export async function codeOf(secret, later = 0) {
  const left = PERIOD_MS - Date.now() % PERIOD_MS;
  if (later < 0 && left < PERIOD_MS / 2) await new Promise((wake) => setTimeout(wake, left + 50));
  let bits = '';
  for (const each of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(each).toString(2).padStart(5, '0');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((each) => parseInt(each, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / PERIOD_MS) + later));
  const mac = createHmac('sha1', bytes).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** What stands on a page: its forms with their hidden fields, and the way on. */
class Page {
  constructor(status, html) {
    this.status = status;
    this.html = html;
    this.forms = [...html.matchAll(/<form[^>]* action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(([, action, inner]) => ({
      action: read(action),
      fields: Object.fromEntries([...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
        .map(([, name, value]) => [name, read(value)])),
    }));
  }

  /** The form that does this, or goes there. */
  form(what) {
    const leads = (action) => new URL(action, 'https://x').pathname === what;
    return this.forms.find(({ action, fields }) => fields.do === what || leads(action));
  }

  get onward() {
    const found = /<a class="button main" href="([^"]*)"/.exec(this.html);
    return found && read(found[1]);
  }
}

export class Person {
  #cookies = new Map();
  #later = -1; // the app's codes are good once, and for a period before and after its own

  constructor(base, user, password) {
    Object.assign(this, { base, user, password, consents: 0 });
  }

  /** One request with the browser's cookies. */
  async ask(url, form) {
    const there = new URL(url, this.base);
    assert.equal(there.origin, this.base, 'cookies stay here');
    const headers = { Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    if (form) {
      headers['Content-Type'] = 'application/x-www-form-urlencoded';
      headers.Origin = this.base;
    }
    const body = form && new URLSearchParams(form);
    const reply = await send(there, { method: form ? 'POST' : 'GET', headers, body });
    for (const line of reply.headers.getSetCookie()) {
      const [pair, ...marks] = line.split('; ');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      assert.ok(name.startsWith('__Host-') && marks.includes('Secure') && marks.includes('HttpOnly'), line);
      if (marks.includes('Max-Age=0')) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return reply;
  }

  /** The page where it ends, or the URL of somebody else. */
  async open(url, form) {
    for (let hops = 0; hops < 5; ++hops) {
      const reply = await this.ask(url, form);
      if (reply.status !== 303) return new Page(reply.status, await reply.text());
      url = new URL(reply.headers.get('location'), this.base);
      form = undefined;
      if (url.origin !== this.base) return url;
    }
    throw new Error('it goes in circles');
  }

  /** Fills in a form of the page. */
  send(page, what, typed = {}) {
    const form = page.form(what);
    assert.ok(form, `no form for ${what}:\n${page.html}`);
    return this.open(form.action, { ...form.fields, ...typed });
  }

  /** By the code that somebody gave: an app, a password, recovery codes. */
  async enrol(token) {
    let page = await this.send(await this.open('/account/enrol'), '/account/enrol', { token });
    assert.equal(page.status, 200, page.html);
    page = await this.open('/account/totp');
    this.secret = /<p class="code long"[^>]*>([^<]*)</.exec(page.html)[1].replaceAll(' ', '');
    page = await this.send(page, '/account/totp', { label: 'Phone', code: await codeOf(this.secret, this.#later) });
    assert.equal(page.status, 200, page.html);
    page = await this.send(await this.open('/account/password'), '/account/password', { new: this.password });
    assert.equal(page.status, 200, page.html);
    page = await this.send(await this.open('/account/recovery-codes'), '/account/recovery-codes');
    this.codes = [...page.html.matchAll(/<code[^>]*>([^<]*)<\/code>/g)].map(([, code]) => code);
    assert.equal(this.codes.length, 10);
    page = await this.send(await this.open('/account/enrol'), '/account/enrol/finish');
    assert.equal(page.status, 200, page.html);
  }

  /** What this page asks of the person: the next page, or the URL of somebody else. */
  async #answer(page, says) {
    if (page.form('password')) return this.send(page, 'password', { password: this.password });
    if (page.form('code') && this.#later < 1) {
      return this.send(page, 'code', { code: await codeOf(this.secret, ++this.#later) });
    }
    if (page.form('recovery')) return this.send(page, 'recovery', { recovery: this.codes.pop() });
    if (page.form('begin')) return this.send(page, 'begin', { user: this.user });
    if (page.form('/consent')) {
      ++this.consents;
      return this.send(page, '/consent', { do: says });
    }
    if (page.onward?.startsWith(`${this.base}/oauth2/answer`)) return this.open(page.onward);
    return undefined;
  }

  /** Does what the pages ask for. Returns the URL of the application, the form for it, or the last page. */
  async follow(url, says = 'allow') {
    let page = await this.open(url);
    for (let steps = 0; steps < 8; ++steps) {
      if (page instanceof URL) return page;
      const elsewhere = page.forms.find(({ action }) => new URL(action, this.base).origin !== this.base);
      if (elsewhere) {
        return new Request(elsewhere.action, { method: 'POST', body: new URLSearchParams(elsewhere.fields) });
      }
      const next = page.status === 200 && await this.#answer(page, says);
      if (!next) {
        const leadsOut = page.onward && new URL(page.onward, this.base).origin !== this.base;
        return leadsOut ? new URL(page.onward) : page;
      }
      page = next;
    }
    throw new Error(`it goes in circles:\n${page.html}`);
  }

  /** Says yes or no to the device that shows this code. */
  async approveDevice(offer, says = 'allow') {
    const page = await this.open('/device');
    const entered = page.form('/device') ? page : await this.follow('/sign-in').then(() => this.open('/device'));
    const asked = await this.send(entered, '/device', { user_code: offer.user_code });
    ++this.consents;
    return this.send(asked, '/consent', { do: says });
  }
}
