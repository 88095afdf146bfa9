// Validation of 10,000 policies beside the reference's npm package, which is given the same texts.
//
// usage: node validate.mjs PROGRAM [POLICIES]

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const require = createRequire(new URL('../conformance/cedar-wasm/package.json', import.meta.url));
const cedar = require('@cedar-policy/cedar-wasm/nodejs');

const kSamples = 3;
const kLeastRatio = 10;

const kSchema = `
entity Ward in [Hospital] = { name: String, isolated: Bool };
entity Hospital;
entity Role enum ["Nurse", "Physician", "Technician"];
entity User in [Role, Ward] = {
  name: String, ward: Ward, level: Long, licensedUntil?: datetime,
  shift?: { begin: datetime, length: duration },
};
entity Patient in [Ward] = { attending: User, careTeam: Set<User>, consents?: Set<String> };
entity Pump in [Ward] = { patient: Patient, limit: Long, model: String, home: ipaddr } tags String;
entity Record in [Ward] = { patient: Patient, kind: String, sealed?: Bool };
type Session = { level: Long, methods: Set<String> };
action read, write in ["chart"] appliesTo {
  principal: User, resource: [Record, Patient], context: { now: datetime, authentication: Session } };
action chart;
action changeDose, silence in ["device"] appliesTo {
  principal: User, resource: Pump, context: { now: datetime, rate?: Long, from: ipaddr, authentication: Session } };
action device;
action service appliesTo { principal: User, resource: [Pump, Ward], context: { from: ipaddr } };
`;

const kBodies = [
  (i) => `permit (principal in Role::"Nurse", action == Action::"read", resource is Record)
when { resource.patient.careTeam.contains(principal) && principal.ward == Ward::"w${i}" };`,
  (i) => `permit (principal is User, action in Action::"device", resource is Pump in Ward::"w${i}")
when { context has rate && context.rate <= resource.limit && context.rate > ${i % 7} };`,
  (i) => `forbid (principal, action in [Action::"changeDose", Action::"silence"], resource)
unless { context.authentication.level >= ${1 + i % 3} && context.from.isInRange(resource.home) };`,
  (i) => `permit (principal == User::"u${i}", action, resource in Ward::"w${i % 50}")
when { principal has licensedUntil && principal.licensedUntil > datetime("2024-01-01") };`,
  (i) => `permit (principal is User, action in Action::"chart", resource)
when { principal has shift.begin && context.now.durationSince(principal.shift.begin) < principal.shift.length }
unless { resource has sealed && resource.sealed };`,
  (i) => `permit (principal is User, action == Action::"service", resource is Pump)
when { resource.hasTag("site") && resource.getTag("site") like "*${i}*" || [ "m1", "m${i}" ].contains(resource.model) };`,
  (i) => `forbid (principal in Role::"Technician", action == Action::"write", resource is Record)
when { if resource.kind == "k${i}" then principal.level < ${i % 9} else resource.patient.attending != principal };`,
];
const kWrong = [
  (i) => `permit (principal is User, action == Action::"read", resource is Record) when { resource.owner == "u${i}" };`,
  (i) => `permit (principal is User, action == Action::"read", resource is Record) when { resource.sealed };`,
];

/** One of a hundred is wrong, so that the verdicts say something. */
function policiesOf(count) {
  return Array.from({length: count}, (_, i) => {
    const bodies = i % 100 === 99 ? kWrong : kBodies;
    return `@id("p${i}")\n` + bodies[i % bodies.length](i);
  }).join('\n');
}

function timeReference(policies) {
  const call = {schema: kSchema, policies: {staticPolicies: policies}};
  let [best, answer] = [Infinity];
  for (let i = 0; i < kSamples; i++) {
    const begin = process.hrtime.bigint();
    answer = cedar.validate(call);
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1e6);
  }
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer).slice(0, 500));
  return {ms: best, invalid: [...new Set(answer.validationErrors.map(({policyId}) => policyId))].sort()};
}

function timeOurs(program, policies) {
  const folder = mkdtempSync(join(tmpdir(), 'wardlock-bench-'));
  try {
    const file = join(folder, 'policies.json');
    writeFileSync(file, JSON.stringify({schema: kSchema, policies}));
    return JSON.parse(execFileSync(program, [file], {encoding: 'utf8'}));
  } finally {
    rmSync(folder, {recursive: true});
  }
}

const count = Number(process.argv[3] ?? 10_000);
const policies = policiesOf(count);
const ours = timeOurs(process.argv[2], policies);
const theirs = timeReference(policies);
if (JSON.stringify(ours.invalid.sort()) !== JSON.stringify(theirs.invalid)) {
  console.error(`the verdicts differ: ${ours.invalid.length} and ${theirs.invalid.length} policies are invalid`);
  process.exit(1);
}
const total = ours.parse_ms + ours.validate_ms;
const ratio = theirs.ms / total;
console.log(`${count} policies, ${ours.invalid.length} of them invalid, texts read included:
  wardlock     ${total.toFixed(1)} ms (${ours.validate_ms.toFixed(1)} ms validation, ${ours.parse_ms.toFixed(1)} ms parsing)
  cedar-wasm   ${theirs.ms.toFixed(1)} ms
  ratio        ${ratio.toFixed(1)}; at least ${kLeastRatio} is required`);
process.exit(ratio >= kLeastRatio ? 0 : 1);
