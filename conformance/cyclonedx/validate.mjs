// Has the validators of npm @cyclonedx/cyclonedx-library judge bills that Wardlock writes. See README.md.
//
// usage: WARDLOCK=PROGRAM node validate.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

const samples = path.join(import.meta.dirname, 'samples');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cyclonedx-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true }));
const directory = `sqlite:${folder}/directory.db`;

const validators = new Map();
async function faultsOf(text) {
  const version = JSON.parse(text).specVersion;
  if (!validators.has(version)) {
    validators.set(version, new Validation.JsonStrictValidator(Spec.Version[`v${version.replace('.', 'dot')}`]));
  }
  return validators.get(version).validate(text);
}

function wardlock(...args) {
  return execFileSync(process.env.WARDLOCK, [...args, '--directory', directory], { encoding: 'utf8' });
}
function counts(file, ...args) {
  return JSON.parse(wardlock('import', file, ...args, '--yes', '--json')).counts;
}

// A validator that lets anything pass would prove nothing.
async function checkValidator(text) {
  const changes = {
    'an unknown member': (bom) => { bom.components[0].colour = 'red'; },
    'no name': (bom) => delete bom.components[0].name,
    'an unknown type': (bom) => { bom.components[0].type = 'gadget'; },
    'a hash that is none': (bom) => { bom.components[0].hashes = [{ alg: 'SHA-256', content: 'zz' }]; },
    'a serial number that is no UUID': (bom) => { bom.serialNumber = 'urn:uuid:7'; },
    'a time that is none': (bom) => { bom.metadata.timestamp = 'yesterday'; },
  };
  for (const [what, change] of Object.entries(changes)) {
    const broken = JSON.parse(text);
    change(broken);
    assert(await faultsOf(JSON.stringify(broken)), `accepted: ${what}`);
  }
}

// What each sample is the bill of, as Wardlock names it.
const wholes = {
  'pump-1.6.cdx.json': 'deviceModel:meridian-medical-inc/MX-4',
  'display-1.5.cdx.json': 'moduleVersion:meridian-medical-inc/Display/5.0.0-rc.1',
  'monitor-1.4.cdx.json': 'deviceModel:northlight/Bedside 8',
};
fs.writeFileSync(path.join(folder, 'unknown.json'), JSON.stringify({ things: [{ kind: 'organisation',
  attributes: { code: 'unknown', displayName: 'Nobody knows', organisationType: 'manufacturer' } }] }));
counts(path.join(folder, 'unknown.json'));

let written = 0;
for (const [name, key] of Object.entries(wholes)) {
  const sample = path.join(samples, name);
  assert.equal(await faultsOf(fs.readFileSync(sample, 'utf8')), null, `${name} itself`);
  assert.equal(counts(sample, '--supplier', 'unknown').refused, 0, name);
  const text = wardlock('export', '--format', 'cyclonedx', '--model', key);
  const faults = await faultsOf(text);
  assert.equal(faults, null, `${name}: ${JSON.stringify(faults)}\n${text}`);
  await checkValidator(text);
  const bom = JSON.parse(text);
  const refs = new Set([bom.metadata.component, ...bom.components].map((component) => component['bom-ref']));
  for (const { ref, dependsOn } of bom.dependencies) {
    for (const each of [ref, ...dependsOn ?? []]) assert(refs.has(each), `${name}: ${each} is no component`);
  }
  const again = path.join(folder, name);
  fs.writeFileSync(again, text);
  assert.deepEqual(Object.keys(counts(again, '--supplier', 'unknown')).sort(), ['refused', 'same'], `${name}: read again as the same`);
  ++written;
}
console.log(`CycloneDX 1.6: ${written} bills are valid, and read again as the same`);
