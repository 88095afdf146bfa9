// Tokens of ours are verified by npm jose, and its tokens by us; the same spoilt ones are refused.
//
// usage: node jwt.mjs
import assert from 'node:assert/strict';
import * as jose from 'jose';
import {ask, close} from './peer.mjs';

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const NOW = Math.floor(Date.now() / 1000);
const EXPECTED = {typ: 'at+jwt', iss: 'https://wardlock.example', aud: 'https://pump.example'};
const claims = (more = {}) =>
  ({iss: EXPECTED.iss, aud: EXPECTED.aud, sub: 'dr-grey', iat: NOW, exp: NOW + 300, ...more});

let passed = 0;
function check(actual, expected, what) {
  assert.deepEqual(actual, expected, what);
  ++passed;
}

async function theirsVerifies(token, set) {
  const options = {typ: EXPECTED.typ, issuer: EXPECTED.iss, audience: EXPECTED.aud, algorithms: ALGORITHMS,
    requiredClaims: ['exp'], clockTolerance: 30, currentDate: new Date(NOW * 1000)};
  try {
    return (await jose.jwtVerify(token, jose.createLocalJWKSet(set), options)).payload;
  } catch {
    return null;
  }
}
async function oursVerifies(token, set) {
  const answer = await ask('verify', {token, set, now: NOW, ...EXPECTED});
  return answer.claims ?? null;
}

/// Spoilt copies of a token: each part cut, a letter changed, claims and headers that do not belong.
function* spoilt(token) {
  const parts = token.split('.');
  // Not the last letter: its last bits mean nothing, and jose does not look at them; we do (src/jose/jwt_test.cc).
  for (let i = 0; i < token.length - 1; i += 11) {
    if (token[i] === '.') continue;
    yield token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1);
  }
  yield parts.slice(0, 2).join('.');
  yield `${parts[0]}.${parts[1]}.`;
  yield `${token}.`;
  yield `${token}=`;
  for (const alg of ['none', 'HS256', 'ES256K', ...ALGORITHMS]) {
    const header = JSON.parse(Buffer.from(parts[0], 'base64url'));
    if (header.alg === alg) continue;
    const changed = Buffer.from(JSON.stringify({...header, alg})).toString('base64url');
    yield `${changed}.${parts[1]}.${parts[2]}`;
    yield `${changed}.${parts[1]}.`;
  }
}

async function sameVerdict(token, set, what) {
  const [ours, theirs] = [await oursVerifies(token, set), await theirsVerifies(token, set)];
  check(ours !== null, theirs !== null, what);
  return ours;
}

const own = await ask('keys');
for (const jwk of own.set.keys) {
  check(own.thumbprints[jwk.kid], await jose.calculateJwkThumbprint(jwk), `thumbprint of ${jwk.kid}`);
  const {token} = await ask('sign', {kid: jwk.kid, typ: EXPECTED.typ, claims: claims()});
  check(await sameVerdict(token, own.set, jwk.kid), claims(), jwk.kid);
  for (const bad of spoilt(token)) {
    check(await oursVerifies(bad, own.set), null, `ours, spoilt: ${bad}`);
    check(await theirsVerifies(bad, own.set), null, `theirs, spoilt: ${bad}`);
  }
}

for (const alg of ALGORITHMS) {
  const options = {extractable: true, modulusLength: 2048, ...(alg === 'EdDSA' && {crv: 'Ed25519'})};
  const {publicKey, privateKey} = await jose.generateKeyPair(alg, options);
  const jwk = {...await jose.exportJWK(publicKey), kid: 'k', alg, use: 'sig'};
  const set = {keys: [jwk]};
  const token = (more, header = {}) => new jose.SignJWT(claims(more))
    .setProtectedHeader({alg, kid: 'k', typ: 'at+jwt', ...header}).sign(privateKey);
  check(await sameVerdict(await token(), set, alg), claims(), alg);
  for (const more of [{exp: NOW - 60}, {exp: undefined}, {nbf: NOW + 60}, {iss: 'https://evil.example'},
    {aud: ['https://other.example']}, {aud: [EXPECTED.aud, 'https://other.example']}, {exp: NOW - 10}]) {
    await sameVerdict(await token(more), set, `${alg} ${JSON.stringify(more)}`);
  }
  for (const header of [{typ: 'JWT'}, {typ: undefined}, {typ: 'application/at+jwt'}, {kid: 'other'}]) {
    await sameVerdict(await token({}, header), set, `${alg} ${JSON.stringify(header)}`);
  }
  const secret = {...await jose.exportJWK(privateKey), kid: 'k', alg};
  check(await oursVerifies(await token(), {keys: [secret]}), null, `${alg}: a private key in the set`);
}

console.log(`${passed} passed, 0 failed`);
close();
