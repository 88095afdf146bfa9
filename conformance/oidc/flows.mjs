// Every flow of the identity provider, run by npm openid-client and oauth4webapi against the peer
// (peer.cc): what they accept is right by somebody else's reading of the specifications.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';

const REDIRECT = 'https://app.example/signed-in';
const FHIR = 'https://fhir.example/r4';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const signer = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const jwk = { ...(await crypto.subtle.exportKey('jwk', signer.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
delete jwk.key_ops;
delete jwk.ext;

const usual = {
  client_name: 'App',
  redirect_uris: [REDIRECT],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile email offline_access fhirUser launch/patient user/*.rs',
  audiences: [FHIR],
};
const CLIENTS = {
  secret: { ...usual, post_logout_redirect_uris: ['https://app.example/bye'] },
  posted: { ...usual, token_endpoint_auth_method: 'client_secret_post', access_token_format: 'opaque' },
  spa: { ...usual, token_endpoint_auth_method: 'none', dpop_bound_access_tokens: true },
  signed: {
    ...usual,
    grant_types: ['authorization_code', 'client_credentials'],
    scope: 'openid system/*.rs',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [jwk] },
    require_pushed_authorization_requests: true,
  },
  pump: {
    ...usual,
    redirect_uris: [],
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
  server: { ...usual, grant_types: ['client_credentials'], redirect_uris: [], may_introspect: true },
  gateway: {
    ...usual,
    redirect_uris: [],
    grant_types: [EXCHANGE],
    audiences: ['https://lab.example'],
    exchange_audiences: [FHIR],
  },
};

const folder = mkdtempSync(join(tmpdir(), 'wardlock-oidc-'));
const peer = spawn(process.env.OIDC_PEER, [folder], { stdio: ['pipe', 'pipe', 'inherit'] });
peer.stdin.end(JSON.stringify(Object.values(CLIENTS)));
const told = await new Promise((resolve, reject) => {
  let text = '';
  peer.stdout.on('data', (part) => {
    text += part;
    if (text.includes('\n')) resolve(JSON.parse(text));
  });
  peer.on('exit', () => reject(new Error('the peer ended')));
});
const known = Object.fromEntries(Object.keys(CLIENTS).map((name, i) => [name, told.clients[i]]));
const loopback = { execute: [oidc.allowInsecureRequests] };

/** The configuration of openid-client, by discovery, for one of the clients. */
async function configured(name) {
  const { client_id: id, client_secret: secret } = known[name];
  const proofs = {
    secret: oidc.ClientSecretBasic(secret),
    posted: oidc.ClientSecretPost(secret),
    signed: oidc.PrivateKeyJwt({ key: signer.privateKey, kid: 'k1' }),
    server: oidc.ClientSecretBasic(secret),
    gateway: oidc.ClientSecretBasic(secret),
  };
  const metadata = { id_token_signed_response_alg: 'ES256' };
  return oidc.discovery(new URL(told.issuer), id, metadata, proofs[name] ?? oidc.None(), loopback);
}

/** Where the browser ends that begins there: a URL of the client, or the form that is posted to it. */
async function browse(url, { deny = false } = {}) {
  for (let hops = 0; hops < 5; ++hops) {
    const reply = await fetch(url, { redirect: 'manual' });
    if (reply.status === 200) return form(await reply.text());
    assert.equal(reply.status, 303, `${url}: ${await reply.text()}`);
    url = new URL(reply.headers.get('location'));
    if (url.href.startsWith(REDIRECT)) return url;
    if (deny) url.searchParams.set('deny', 'yes');
  }
  throw new Error('it goes in circles');
}

function form(html) {
  const body = new URLSearchParams();
  for (const [, name, value] of html.matchAll(/name="([^"]*)" value="([^"]*)"/g)) body.set(name, value);
  return new Request(/action="([^"]*)"/.exec(html)[1], { method: 'POST', body });
}

/** Authorization code with PKCE; `push`: by PAR. Returns what came, and what was sent. */
async function signIn(config, { parameters = {}, push = false, options, deny } = {}) {
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
  const current = await browse(url, { deny });
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

const flows = {
  async 'code, userinfo, refresh, introspection, revocation'() {
    const config = await configured('secret');
    const { redeem } = await signIn(config);
    const tokens = await redeem();
    const claims = tokens.claims();
    assert.equal(claims.sub, told.person);
    assert.equal(claims.acr, 'http://idmanagement.gov/ns/assurance/aal/2');
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(info.name, 'Dr. Meredith Grey');
    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(fresh.refresh_token, tokens.refresh_token);
    const server = await configured('server');
    const before = await oidc.tokenIntrospection(server, fresh.access_token);
    assert.equal(before.active, true);
    assert.equal(before.sub, told.person);
    await oidc.tokenRevocation(config, fresh.refresh_token);
    assert.equal((await oidc.tokenIntrospection(server, fresh.access_token)).active, false);
    await assert.rejects(oidc.refreshTokenGrant(config, fresh.refresh_token), refusedWith('invalid_grant'));
  },

  async 'opaque tokens by form post, with a patient'() {
    const config = await configured('posted');
    const { current, redeem } = await signIn(config, {
      parameters: { response_mode: 'form_post', scope: 'openid fhirUser launch/patient user/Observation.rs' },
    });
    assert.ok(current instanceof Request);
    const tokens = await redeem();
    assert.match(tokens.access_token, /^wla_/);
    assert.equal(tokens.patient, 'patient-7');
    assert.equal(tokens.claims().fhirUser, `${FHIR}/Practitioner/${told.person}`);
    const seen = await oidc.tokenIntrospection(await configured('server'), tokens.access_token);
    assert.equal(seen.scope, 'openid fhirUser launch/patient user/Observation.rs');
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
    const claims = await oauth.validateJwtAccessToken(as, asked, FHIR, { [oauth.allowInsecureRequests]: true });
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

  async 'a device'() {
    const config = await configured('pump');
    const offer = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' });
    await fetch(offer.verification_uri_complete);
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, offer);
    assert.equal(tokens.claims().sub, told.person);
    const denied = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' });
    await fetch(`${denied.verification_uri_complete}&deny=yes`);
    await assert.rejects(oidc.pollDeviceAuthorizationGrant(config, denied), refusedWith('access_denied'));
  },

  async 'token exchange'() {
    const tokens = await (await signIn(await configured('secret'))).redeem();
    const exchanged = await oidc.genericGrantRequest(await configured('gateway'), EXCHANGE, {
      subject_token: tokens.access_token,
      subject_token_type: ACCESS_TOKEN,
    });
    const claims = JSON.parse(Buffer.from(exchanged.access_token.split('.')[1], 'base64url'));
    assert.equal(claims.sub, told.person);
    assert.equal(claims.act.sub, known.gateway.client_id);
    assert.equal(exchanged.issued_token_type, ACCESS_TOKEN);
  },

  async 'a client that registers by itself'() {
    const config = await oidc.dynamicClientRegistration(new URL(told.issuer), {
      client_name: 'New',
      redirect_uris: [REDIRECT],
      scope: 'openid',
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'ES256',
    }, undefined, loopback);
    const tokens = await (await signIn(config, { parameters: { scope: 'openid' } })).redeem();
    assert.equal(tokens.claims().aud, config.clientMetadata().client_id);
  },

  async 'signing out'() {
    const config = await configured('secret');
    const tokens = await (await signIn(config)).redeem();
    const url = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: 'https://app.example/bye',
      state: 'there',
    });
    const reply = await fetch(url, { redirect: 'manual', headers: { cookie: 'signed-in' } });
    assert.equal(reply.headers.get('location'), 'https://app.example/bye?state=there');
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
      [{ prompt: 'none' }, 'login_required'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ resource: 'https://elsewhere.example' }, 'invalid_target'],
    ]) {
      const asked = await signIn(config, { parameters });
      await assert.rejects(asked.redeem(), refusedWith(error));
    }
    const denied = await signIn(config, { deny: true });
    await assert.rejects(denied.redeem(), refusedWith('access_denied'));
    const wrong = await oidc.discovery(new URL(told.issuer), known.secret.client_id, {},
      oidc.ClientSecretBasic('wrong'), loopback);
    await assert.rejects(oidc.clientCredentialsGrant(wrong), (thrown) => thrown.status === 401);
  },
};

/** The metadata as oauth4webapi reads it, by RFC 8414. */
async function authorizationServer() {
  const issuer = new URL(told.issuer);
  const reply = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', [oauth.allowInsecureRequests]: true });
  return oauth.processDiscoveryResponse(issuer, reply);
}

let failed = 0;
try {
  for (const [name, flow] of Object.entries(flows)) {
    try {
      await flow();
      console.log(`ok: ${name}`);
    } catch (error) {
      ++failed;
      console.error(`FAILED: ${name}`, error);
    }
  }
} finally {
  peer.kill();
  rmSync(folder, { recursive: true });
}
console.log(`${Object.keys(flows).length - failed} of ${Object.keys(flows).length} flows`);
process.exit(failed === 0 ? 0 : 1);
