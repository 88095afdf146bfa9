// People sign in at npm oidc-provider, which stands for a hospital's, and come back to us.
//
// usage: FEDERATION_PEER=PROGRAM node run.mjs
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import readline from 'node:readline';
import { hospital } from './hospital.mjs';

const REDIRECT = 'http://127.0.0.1:9/sign-in/with/hospital';
const child = spawn(process.env.FEDERATION_PEER, {stdio: ['pipe', 'pipe', 'inherit']});
const lines = readline.createInterface({input: child.stdout})[Symbol.asyncIterator]();
async function ask(what, question = {}) {
  child.stdin.write(`${JSON.stringify({do: what, ...question})}\n`);
  return JSON.parse((await lines.next()).value);
}

let passed = 0;
function check(actual, expected, what) {
  assert.deepEqual(actual, expected, what);
  ++passed;
}

/// A browser that knows cookies, and stops where it would leave the provider.
class Browser {
  cookies = new Map();

  async go(url, options = {}) {
    for (;;) {
      const headers = {cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')};
      const reply = await fetch(url, {redirect: 'manual', ...options, headers: {...headers, ...options.headers}});
      for (const line of reply.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (value === '') this.cookies.delete(name);
        else this.cookies.set(name, value);
      }
      const to = reply.headers.get('location');
      if (to === null) return {url, body: await reply.text(), status: reply.status};
      url = new URL(to, url).href;
      if (url.startsWith(REDIRECT)) return {query: url.slice(url.indexOf('?') + 1)};
      options = {};
    }
  }

  submit(at, fields) {
    return this.go(at, {method: 'POST', body: new URLSearchParams(fields)});
  }

  /// Signs in and agrees, as the provider's own pages ask.
  async signIn(url, name) {
    let page = await this.go(url);
    while (page.query === undefined) {
      const prompt = /name="prompt" value="(\w+)"/.exec(page.body)?.[1];
      assert.ok(prompt, page.body);
      page = await this.submit(page.url, prompt === 'login' ? {prompt, login: name, password: 'x'} : {prompt});
    }
    return page.query;
  }
}

for (const algorithm of ['RS256', 'ES256', 'PS256', 'EdDSA']) {
  const {issuer, server} = await hospital({algorithm, redirect: REDIRECT});
  const client = {issuer, origin: issuer, client_id: 'wardlock', secret: 'a secret: with %', redirect_uri: REDIRECT};
  await ask('settings', client);
  const {url, cookie, message} = await ask('begin');
  assert.ok(url, message);
  const query = await new Browser().signIn(url, 'grey-1');
  const known = await ask('finish', {cookie, query});
  // PS256 is not what an RSA key without `alg` is for: that is told, and nobody is let in.
  if (algorithm === 'PS256') {
    check(known.error, 'unauthenticated', algorithm);
  } else {
    check(known, {issuer, subject: 'grey-1', level: 2, methods: ['otp', 'pwd']}, `${algorithm}: ${JSON.stringify(known)}`);
  }
  check((await ask('finish', {cookie, query})).error, 'unauthenticated', 'a code twice');

  const again = await ask('begin');
  const answer = await new Browser().signIn(again.url, 'lee-2');
  const without = answer.replace(/&?iss=[^&]*/, '');
  check((await ask('finish', {cookie: again.cookie, query: without})).error, 'unauthenticated', 'without iss');
  check((await ask('finish', {cookie, query: answer})).error, 'unauthenticated', "another browser's");

  await ask('settings', {...client, secret: 'wrong'});
  const wrong = await ask('begin');
  const back = await new Browser().signIn(wrong.url, 'grey-1');
  check((await ask('finish', {cookie: wrong.cookie, query: back})).error, 'unauthenticated', 'a wrong secret');
  server.close();
  server.closeAllConnections();
}

child.stdin.end();
console.log(`${passed} checks against oidc-provider passed`);
process.exit(0);
