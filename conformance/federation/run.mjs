// People sign in at npm oidc-provider, which stands for a hospital's, and come back to us.
//
// usage: FEDERATION_PEER=PROGRAM node run.mjs
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:http';
import readline from 'node:readline';
import Provider from 'oidc-provider';

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

async function hospital(idTokenAlg, acr) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{client_id: 'wardlock', client_secret: 'a secret: with %', redirect_uris: [REDIRECT],
      id_token_signed_response_alg: idTokenAlg, require_auth_time: true}],
    acrValues: ['loa2'],
    claims: {openid: ['sub', 'acr', 'amr', 'auth_time', 'iss', 'sid']},
    enabledJWA: {idTokenSigningAlgValues: ['RS256', 'ES256', 'PS256', 'EdDSA']},
    jwks: {keys: await keys()},
    findAccount: (_, id) => ({accountId: id, claims: () => ({sub: id})}),
    features: {devInteractions: {enabled: false}},
    interactions: {url: (_, {uid}) => `/interaction/${uid}`},
    cookies: {keys: ['a key for tests']},
  });
  const callback = provider.callback();
  server.on('request', (request, response) =>
    request.url.startsWith('/interaction/') ? interact(provider, acr, request, response) : callback(request, response));
  return {issuer, server};
}

/// A page with a form, and what comes of it: the name that is typed signs in, with a password and a code.
async function interact(provider, acr, request, response) {
  const {prompt, params, session, grantId} = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(`<form method="post"><input name="prompt" value="${prompt.name}"></form>`);
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  if (prompt.name === 'login') {
    const accountId = new URLSearchParams(body).get('login');
    await provider.interactionFinished(request, response, {login: {accountId, acr, amr: ['pwd', 'otp']}});
    return;
  }
  const grant = grantId ? await provider.Grant.find(grantId)
    : new provider.Grant({accountId: session.accountId, clientId: params.client_id});
  grant.addOIDCScope('openid');
  await provider.interactionFinished(request, response, {consent: {grantId: await grant.save()}});
}

async function keys() {
  const all = await Promise.all([
    {name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256'},
    {name: 'ECDSA', namedCurve: 'P-256'},
    {name: 'Ed25519'},
  ].map((algorithm) => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])));
  return Promise.all(all.map(async ({privateKey}, i) => {
    const {alg, ext, key_ops, ...jwk} = await crypto.subtle.exportKey('jwk', privateKey);
    return {...jwk, kid: `key-${i}`, use: 'sig'};
  }));
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
  const {issuer, server} = await hospital(algorithm, 'loa2');
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
