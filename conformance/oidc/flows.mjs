// Every flow of the identity provider, run by npm openid-client and oauth4webapi against a live `wardlock serve`, with
// a person who goes through its pages (person.mjs): what they accept is right by somebody else's reading of the
// specifications. Started by run.py, which enters the clients (clients.mjs) and lets time pass.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';

import { CLIENTS, EXCHANGE, FHIR, REDIRECT, signer, withKeysAt } from './clients.mjs';
import { KeyServer } from './key_server.mjs';
import { lookAfter } from './registration.mjs';
import { Person, send } from './person.mjs';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** What run.py answers to that. */
async function ask(line) {
  console.log(line);
  const { value, done } = await lines.next();
  assert.ok(!done, 'run.py is gone');
  return JSON.parse(value);
}

const place = await ask('@place');
const keyServer = await KeyServer.listen(place);
const told = await ask(`@enter ${JSON.stringify({ ...CLIENTS, ...withKeysAt(place.keys) })}`);
const known = told.clients;
const grey = new Person(told.issuer, 'grey', 'correct zebra battery');
const file = (name) => readFileSync(`${told.folder}/${name}`);

/** The configuration of openid-client, by discovery, for one of the clients; `shows`: a certificate, by its file. */
async function configured(name, { shows, key, ...other } = {}) {
  const { client_id: id, client_secret: secret } = { ...known[name], ...other };
  const proofs = {
    secret: oidc.ClientSecretBasic(secret),
    posted: oidc.ClientSecretPost(secret),
    signed: oidc.PrivateKeyJwt({ key: signer.privateKey, kid: 'k1' }),
    published: oidc.PrivateKeyJwt({ key: key ?? signer.privateKey, kid: 'k1' }),
    elsewhere: oidc.PrivateKeyJwt({ key: signer.privateKey, kid: 'k1' }),
    shown: oidc.TlsClientAuth(),
    server: oidc.ClientSecretBasic(secret),
    gateway: oidc.ClientSecretBasic(secret),
    pep: oidc.ClientSecretBasic(secret),
  };
  const metadata = { id_token_signed_response_alg: 'ES256' };
  const config = await oidc.discovery(new URL(told.issuer), id, metadata, proofs[name] ?? oidc.None());
  if (shows) {
    const pair = { cert: file(`${shows}.pem`), key: file(`${shows}.key`) };
    config[oidc.customFetch] = (url, init) => send(url, { ...init, ...pair });
  }
  return config;
}

/** Authorization code with PKCE through the pages; `push`: by PAR. Returns what came, and what was sent. */
async function signIn(config, { parameters = {}, push = false, options, says } = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const sent = {
    redirect_uri: REDIRECT,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    ...parameters,
  };
  const url = push
    ? await oidc.buildAuthorizationUrlWithPAR(config, sent, options)
    : oidc.buildAuthorizationUrl(config, sent);
  const current = await grey.follow(url, says);
  assert.ok((current.href ?? current.url)?.startsWith(REDIRECT), current.html);
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: sent.state,
    expectedNonce: sent.nonce,
    idTokenExpected: sent.scope.includes('openid'),
  };
  return { current, checks, redeem: (other = {}) =>
    oidc.authorizationCodeGrant(config, current, { ...checks, ...other }, undefined, options) };
}

const refusedWith = (error) => (thrown) => {
  const cause = thrown.error ?? thrown.cause?.error;
  assert.equal(cause, error, `${thrown.message} ${JSON.stringify(thrown.cause)}`);
  return true;
};

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const kidOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
const isActive = async (token) => (await oidc.tokenIntrospection(await configured('server'), token)).active;

const flows = {
  async 'the descriptions are read, and say what is there'() {
    const as = await authorizationServer();
    const config = await configured('secret');
    assert.equal(as.issuer, told.issuer);
    for (const [name, value] of Object.entries(as)) assert.deepEqual(config.serverMetadata()[name], value, name);
    assert.equal(as.registration_endpoint, `${told.issuer}/oauth2/register`);
  },

  async 'somebody who was invited enrols, and the invitation is used up'() {
    await grey.enrol(told.token);
    const again = new Person(told.issuer, 'grey', 'another zebra battery');
    await assert.rejects(again.enrol(told.token), /not good/);
  },

  async 'a wrong password lets nobody on to the application'() {
    const config = await configured('secret');
    const stranger = new Person(told.issuer, 'grey', 'wrong zebra battery');
    const page = await stranger.follow(oidc.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT, scope: 'openid', code_challenge_method: 'S256',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()) }));
    assert.equal(page.status, 403);
  },

  async 'code through sign-in and consent, userinfo, refresh, introspection, revocation'() {
    const config = await configured('secret');
    const { redeem } = await signIn(config);
    assert.equal(grey.consents, 1);
    const tokens = await redeem();
    const claims = tokens.claims();
    assert.equal(claims.sub, told.person);
    assert.equal(claims.acr, 'http://idmanagement.gov/ns/assurance/aal/1');
    assert.deepEqual(claims.amr, ['pwd']);
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(info.name, 'Dr. Meredith Grey');
    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(fresh.refresh_token, tokens.refresh_token);
    const server = await configured('server');
    const before = await oidc.tokenIntrospection(server, fresh.access_token);
    assert.equal(before.active, true);
    assert.equal(before.sub, told.person);
    await oidc.tokenRevocation(config, fresh.refresh_token);
    assert.equal(await isActive(fresh.access_token), false);
    await assert.rejects(oidc.refreshTokenGrant(config, fresh.refresh_token), refusedWith('invalid_grant'));
  },

  async 'a client registers by itself, and signs somebody in'() {
    const described = { client_name: 'Pump gateway', redirect_uris: [REDIRECT], id_token_signed_response_alg: 'ES256' };
    const proof = oidc.ClientSecretBasic;
    const register = (token, more = {}) => oidc.dynamicClientRegistration(new URL(told.issuer),
      { ...described, ...more }, proof(), { initialAccessToken: token });
    for (const token of [undefined, 'wli_guessed']) {
      await assert.rejects(register(token), (thrown) => thrown.status === 401 || thrown.cause?.status === 401);
    }
    await assert.rejects(register(told.invitation, { redirect_uris: ['http://app.example/in'] }),
      refusedWith('invalid_redirect_uri'));
    const config = await register(told.invitation);
    await assert.rejects(register(told.invitation), (thrown) => (thrown.status ?? thrown.cause?.status) === 401);
    const asked = grey.consents;
    const tokens = await (await signIn(config)).redeem();
    assert.equal(tokens.claims().sub, told.person);
    assert.equal(grey.consents, asked + 1);

    await lookAfter(config.clientMetadata(), described);
    await assert.rejects(oidc.refreshTokenGrant(config, 'wlr_x'), (thrown) => thrown.status === 401);
  },

  async 'consent is asked once for the same, and a session is enough'() {
    const asked = grey.consents;
    await (await signIn(await configured('secret'))).redeem();
    assert.equal(grey.consents, asked);
    await (await signIn(await configured('secret'), { parameters: { prompt: 'consent' } })).redeem();
    assert.equal(grey.consents, asked + 1);
  },

  async 'who asks for more assurance gets a second factor'() {
    const config = await configured('secret');
    const wanted = 'http://idmanagement.gov/ns/assurance/aal/2';
    const tokens = await (await signIn(config, { parameters: { acr_values: wanted } })).redeem();
    assert.equal(tokens.claims().acr, wanted);
    assert.ok(tokens.claims().amr.includes('mfa'));
  },

  async 'a fresh sign-in is a later one'() {
    const config = await configured('secret');
    const before = (await (await signIn(config)).redeem()).claims().auth_time;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const asked = await signIn(config, { parameters: { prompt: 'login' } });
    assert.ok((await asked.redeem({ maxAge: 60 })).claims().auth_time > before);
  },

  async 'a refresh token that comes again ends all that came of it'() {
    const config = await configured('secret');
    const first = await (await signIn(config)).redeem();
    const second = await oidc.refreshTokenGrant(config, first.refresh_token);
    const third = await oidc.refreshTokenGrant(config, second.refresh_token);
    assert.equal(await isActive(third.access_token), true);
    await assert.rejects(oidc.refreshTokenGrant(config, first.refresh_token), refusedWith('invalid_grant'));
    assert.equal(await isActive(third.access_token), false);
    await assert.rejects(oidc.refreshTokenGrant(config, third.refresh_token), refusedWith('invalid_grant'));
  },

  async 'opaque tokens by form post'() {
    const config = await configured('posted');
    const { current, redeem } = await signIn(config, {
      parameters: { response_mode: 'form_post', scope: 'openid fhirUser user/Observation.rs' },
    });
    assert.ok(current instanceof Request);
    const tokens = await redeem();
    assert.match(tokens.access_token, /^wla_/);
    assert.equal(tokens.claims().fhirUser, `${FHIR}/Practitioner/${told.person}`);
    const seen = await oidc.tokenIntrospection(await configured('server'), tokens.access_token);
    assert.equal(seen.scope, 'openid fhirUser user/Observation.rs');
  },

  async 'a public client with DPoP, and a resource server that checks it'() {
    const config = await configured('spa');
    const keys = await oidc.randomDPoPKeyPair('ES256');
    const options = { DPoP: oidc.getDPoPHandle(config, keys) };
    const { redeem } = await signIn(config, { push: true, options });
    const tokens = await redeem();
    assert.equal(tokens.token_type, 'dpop');
    await oidc.fetchUserInfo(config, tokens.access_token, told.person, options);
    await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, told.person));
    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
    const thief = { DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) };
    await assert.rejects(oidc.refreshTokenGrant(config, fresh.refresh_token, undefined, thief),
      refusedWith('invalid_grant'));

    const as = await authorizationServer();
    const handle = oauth.DPoP({ client_id: known.spa.client_id }, keys);
    let asked;
    await oauth.protectedResourceRequest(fresh.access_token, 'GET', new URL(`${FHIR}/Patient`), undefined, null, {
      DPoP: handle,
      [oauth.customFetch]: async (url, init) => {
        asked = new Request(url, init);
        return new Response('{}');
      },
    });
    const claims = await oauth.validateJwtAccessToken(as, asked, FHIR);
    assert.equal(claims.sub, told.person);
    assert.equal(claims.client_id, known.spa.client_id);
    assert.ok(claims.cnf.jkt);
  },

  async 'private_key_jwt with PAR, and by itself'() {
    const config = await configured('signed');
    const tokens = await (await signIn(config, { push: true, parameters: { scope: 'openid' } })).redeem();
    assert.equal(tokens.claims().sub, told.person);
    assert.equal(tokens.refresh_token, undefined);
    const own = await oidc.clientCredentialsGrant(config, { scope: 'system/Observation.rs' });
    assert.equal(own.scope, 'system/Observation.rs');
    await assert.rejects(signIn(config, { parameters: { scope: 'openid' } }).then(({ redeem }) => redeem()),
      refusedWith('invalid_request'));
  },

  async 'private_key_jwt with keys that the client publishes'() {
    const config = await configured('published');
    const own = await oidc.clientCredentialsGrant(config, { scope: 'system/Observation.rs' });
    assert.equal(own.scope, 'system/Observation.rs');
    await oidc.clientCredentialsGrant(config, { scope: 'system/Observation.rs' });
    assert.equal(keyServer.asked, 1);
    const stranger = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
    const wrong = await configured('published', { key: stranger.privateKey });
    await assert.rejects(oidc.clientCredentialsGrant(wrong), (thrown) => thrown.status === 401);
    await assert.rejects(oidc.clientCredentialsGrant(await configured('elsewhere')),
      (thrown) => thrown.cause?.status === 503);
    assert.equal(keyServer.asked, 1);
  },

  async 'a device'() {
    const config = await configured('pump');
    const offer = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' });
    assert.equal(offer.verification_uri, `${told.issuer}/device`);
    assert.equal((await grey.approveDevice(offer)).status, 200);
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, offer);
    assert.equal(tokens.claims().sub, told.person);
    const denied = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' });
    await grey.approveDevice(denied, 'deny');
    await assert.rejects(oidc.pollDeviceAuthorizationGrant(config, denied), refusedWith('access_denied'));
  },

  async 'token exchange'() {
    const tokens = await (await signIn(await configured('secret'))).redeem();
    const exchanged = await oidc.genericGrantRequest(await configured('gateway'), EXCHANGE, {
      subject_token: tokens.access_token,
      subject_token_type: ACCESS_TOKEN,
    });
    const claims = claimsOf(exchanged.access_token);
    assert.equal(claims.sub, told.person);
    assert.equal(claims.act.sub, known.gateway.client_id);
    assert.equal(exchanged.issued_token_type, ACCESS_TOKEN);
  },

  async 'a client that shows a certificate, and tokens that are tied to it'() {
    const config = await configured('shown', { shows: 'wards' });
    const own = await oidc.clientCredentialsGrant(config, { scope: 'system/Observation.rs' });
    assert.ok(claimsOf(own.access_token).cnf['x5t#S256']);
    for (const shows of ['other', undefined]) {
      const stranger = await configured('shown', { shows });
      await assert.rejects(oidc.clientCredentialsGrant(stranger), (thrown) => thrown.status === 401);
    }
  },

  async 'an enforcement point asks with its own token, tied to its key'() {
    const config = await configured('pep');
    const tied = async () => ({ DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) });
    const own = await tied();
    const { access_token: token } = await oidc.clientCredentialsGrant(config, {}, own);
    const ask = (options) => oidc.fetchProtectedResource(
      config, token, new URL(`${told.issuer}/access/v1/evaluation`), 'POST', JSON.stringify({
        subject: { type: 'User', id: 'ann' }, action: { name: 'view' }, resource: { type: 'Pump', id: 'p-7' },
        context: { rate: 9 } }), new Headers({ 'Content-Type': 'application/json' }), options);
    const reply = await ask(own);
    assert.equal(reply.status, 200);
    assert.equal((await reply.json()).decision, true);
    const isRefused = (thrown) => (thrown.status ?? thrown.response?.status ?? thrown.cause?.status) === 401;
    await assert.rejects(ask(await tied()), isRefused);
    await assert.rejects(ask(), isRefused);
  },

  async 'signing out'() {
    const config = await configured('secret');
    const tokens = await (await signIn(config)).redeem();
    const url = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: 'https://app.example/bye',
      state: 'there',
    });
    const there = await grey.follow(url);
    assert.equal(there.href, 'https://app.example/bye?state=there');
    const account = await grey.open('/account');
    assert.ok(account.form('begin'), 'the session is over');
    const unseen = await signIn(config, { parameters: { prompt: 'none' } });
    await assert.rejects(unseen.redeem(), refusedWith('login_required'));
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_grant'));
  },

  async 'what was swapped is found out by the client or by us'() {
    const config = await configured('secret');
    const first = await signIn(config);
    await assert.rejects(first.redeem({ expectedState: 'another' }));
    await assert.rejects(first.redeem({ pkceCodeVerifier: oidc.randomPKCECodeVerifier() }),
      refusedWith('invalid_grant'));
    await assert.rejects(first.redeem({ expectedNonce: 'another' }));
    const second = await signIn(config);
    const tokens = await second.redeem();
    await assert.rejects(second.redeem(), refusedWith('invalid_grant'));
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_grant'));
    const mixed = await signIn(config);
    const elsewhere = new URL(mixed.current);
    elsewhere.searchParams.set('iss', 'https://evil.example');
    await assert.rejects(oidc.authorizationCodeGrant(config, elsewhere, mixed.checks));
    const other = await configured('posted');
    await assert.rejects(oidc.authorizationCodeGrant(other, mixed.current, mixed.checks), refusedWith('invalid_grant'));
    await mixed.redeem();
  },

  async 'what is refused is told as clients read it'() {
    const config = await configured('secret');
    for (const [parameters, error] of [
      [{ scope: 'admin' }, 'invalid_scope'],
      [{ prompt: 'none', acr_values: 'http://idmanagement.gov/ns/assurance/aal/3' }, 'interaction_required'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ resource: 'https://elsewhere.example' }, 'invalid_target'],
    ]) {
      const asked = await signIn(config, { parameters });
      await assert.rejects(asked.redeem(), refusedWith(error));
    }
    const denied = await signIn(config, { says: 'deny', parameters: { prompt: 'consent' } });
    await assert.rejects(denied.redeem(), refusedWith('access_denied'));
    const wrong = await configured('secret', { client_secret: 'wrong' });
    await assert.rejects(oidc.clientCredentialsGrant(wrong), (thrown) => thrown.status === 401);
  },

  async 'keys follow each other: shown before they sign, known after'() {
    const config = await configured('signed');
    const grant = async () => (await oidc.clientCredentialsGrant(config, { scope: 'system/*.rs' })).access_token;
    const first = await grant();
    assert.deepEqual(await keysShown(), [kidOf(first)]);
    await ask('@later 29.1');
    const shown = await keysShown();
    assert.equal(shown.length, 2);
    assert.equal(kidOf(await grant()), kidOf(first));
    await ask('@later 1.01');
    const second = await grant();
    assert.notEqual(kidOf(second), kidOf(first));
    assert.ok(shown.includes(kidOf(second)), 'it was shown before it signed');
    assert.equal(await isActive(first), true);
    await ask('@later 0.2');
    assert.deepEqual(await keysShown(), [kidOf(second)]);
    assert.equal(await isActive(first), false);
    assert.equal(await isActive(second), true);
    const tokens = await (await signIn(await configured('secret'))).redeem();
    assert.equal(kidOf(tokens.id_token), kidOf(second));
  },
};

/** The ids of the keys that `jwks_uri` has. */
async function keysShown() {
  const { jwks_uri: url } = await authorizationServer();
  return (await (await fetch(url)).json()).keys.map(({ kid }) => kid);
}

/** The metadata as oauth4webapi reads it, by RFC 8414. */
async function authorizationServer() {
  const issuer = new URL(told.issuer);
  const reply = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2' });
  return oauth.processDiscoveryResponse(issuer, reply);
}

let failed = 0;
for (const [name, flow] of Object.entries(flows)) {
  try {
    await flow();
    console.log(`ok: ${name}`);
  } catch (error) {
    ++failed;
    console.error(`FAILED: ${name}`, error);
  }
}
console.log(`${Object.keys(flows).length - failed} of ${Object.keys(flows).length} flows`);
process.exit(failed === 0 ? 0 : 1);
