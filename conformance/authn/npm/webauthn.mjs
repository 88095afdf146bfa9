// The specification's test vectors and thousands of spoilt copies of them, judged by us and by npm
// @simplewebauthn/server. Whatever it refuses, we refuse; where we alone refuse, the step is counted.
//
// usage: node webauthn.mjs [SEED]
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {SettingsService, verifyAuthenticationResponse, verifyRegistrationResponse} from '@simplewebauthn/server';
import {ask, close} from './peer.mjs';

const vectors = JSON.parse(fs.readFileSync(
  new URL('../../../src/webauthn/testdata/level3_vectors.json', import.meta.url)));
const ALGORITHMS = [-7, -8, -35, -36, -257];
const RP = {rpId: 'example.org', origin: 'https://example.org', topOrigin: 'https://example.com'};
const NOW = Math.floor(Date.now() / 1000);
const COPIES = 200;

let state = Number(process.argv[2] ?? 1);
function draw(limit) {  // a linear congruential generator: the same cases each time
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor(state / 2 ** 32 * limit);
}

const bytes = (hex) => Buffer.from(hex, 'hex');
const base64url = (buffer) => buffer.toString('base64url');

// Formats whose anchors it ships are told the vectors' own.
const pem = `-----BEGIN CERTIFICATE-----\n${bytes(vectors.anchor).toString('base64').match(/.{1,64}/g).join('\n')}
-----END CERTIFICATE-----\n`;
for (const identifier of ['packed', 'tpm', 'android-key', 'apple', 'fido-u2f']) {
  SettingsService.setRootCertificates({identifier, certificates: [pem]});
}

function changed(buffer) {
  const copy = Buffer.from(buffer);
  const place = draw(copy.length);
  switch (draw(4)) {
    case 0: copy[place] ^= 1 << draw(8); return copy;
    case 1: copy[place] = draw(256); return copy;
    case 2: return copy.subarray(0, place);
    default: return Buffer.concat([copy, Buffer.from([draw(256)])]);
  }
}

/// The answer, and copies of it with one part spoilt.
function* variants(vector, parts) {
  const whole = Object.fromEntries(parts.map((part) => [part, bytes(vector[part])]));
  yield whole;
  for (let i = 0; i < COPIES; ++i) {
    const part = parts[draw(parts.length)];
    yield {...whole, [part]: changed(whole[part])};
  }
}

async function theirs(verify) {
  try {
    return (await verify()).verified;
  } catch {
    return false;
  }
}

// It knows the makers of TPMs by TCG's list, in which the vectors' is not; we leave makers to the anchors. It demands
// that U2F's model be zeros; we take whatever is there for zeros, for it is not signed.
const EXPLAINED = new Set(['TPMES256', 'FIDOU2FES256']);

const stricter = new Map();
let explained = 0;
let compared = 0;
let accepted = 0;
function compare(ours, their, name, variant) {
  ++compared;
  const isTaken = ours.failed === undefined;
  if (isTaken) ++accepted;
  if (isTaken && !their && EXPLAINED.has(name)) {
    ++explained;
  } else if (isTaken && !their) {
    const parts = Object.entries(variant).map(([part, value]) => `${part} ${value.toString('hex')}`);
    assert.fail(`${name}: taken by us alone\n${parts.join('\n')}`);
  }
  if (!isTaken && their) {
    const key = `${ours.failed}: ${ours.why.replace(/\d+/g, 'N').replace(/`[^`]*`/g, '`…`')}`;
    stricter.set(key, (stricter.get(key) ?? 0) + 1);
  }
}

const credentials = new Map();
for (const vector of vectors.registrations) {
  for (const variant of variants(vector, ['clientDataJSON', 'attestationObject'])) {
    const id = base64url(bytes(vector.credentialId));
    const challenge = base64url(bytes(vector.challenge));
    const coded = Object.fromEntries(Object.entries(variant).map(([part, value]) => [part, base64url(value)]));
    const trust = /None|Self/.test(vector.name) ? {} : {anchor: base64url(bytes(vectors.anchor))};
    const ours = await ask('register', {...RP, ...trust, ...coded, id, challenge, now: NOW});
    if (!credentials.has(vector.name)) credentials.set(vector.name, ours);
    const their = await theirs(() => verifyRegistrationResponse({
      response: {id, rawId: id, type: 'public-key', response: coded, clientExtensionResults: {}},
      expectedChallenge: challenge, expectedOrigin: RP.origin, expectedTopOrigin: RP.topOrigin, expectedRPID: RP.rpId,
      requireUserVerification: false, supportedAlgorithmIDs: ALGORITHMS,
    }));
    compare(ours, their, vector.name, variant);
  }
}

for (const vector of vectors.assertions) {
  const credential = credentials.get(vector.name);
  if (credential.failed) continue;
  for (const variant of variants(vector, ['clientDataJSON', 'authenticatorData', 'signature'])) {
    const id = base64url(bytes(vector.credentialId));
    const challenge = base64url(bytes(vector.challenge));
    const coded = Object.fromEntries(Object.entries(variant).map(([part, value]) => [part, base64url(value)]));
    const ours = await ask('assert', {...RP, ...coded, id, challenge, credential});
    const their = await theirs(() => verifyAuthenticationResponse({
      response: {id, rawId: id, type: 'public-key', response: coded, clientExtensionResults: {}},
      expectedChallenge: challenge, expectedOrigin: RP.origin, expectedTopOrigin: RP.topOrigin, expectedRPID: RP.rpId,
      requireUserVerification: false,
      credential: {id, publicKey: bytes(vector.publicKey), counter: credential.signCount},
    }));
    compare(ours, their, vector.name, variant);
  }
}

console.log(`${compared} compared, ${accepted} taken, of which ${explained} by us alone, explained`);
for (const [key, count] of [...stricter].sort()) console.log(`  refused by us alone, ${count} times: ${key}`);
close();
