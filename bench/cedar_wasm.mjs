// Times the reference's npm package on the requests that wardlock_cedar_bench drew. Policies are
// prepared beforehand; entities cannot be, so they are read anew for each decision.

import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const require = createRequire(new URL('../conformance/cedar-wasm/package.json', import.meta.url));
const cedar = require('@cedar-policy/cedar-wasm/nodejs');
const kSamples = 3;
const kOnceAbove = 1000;  // microseconds: what takes so long is measured well enough by one call

function timeTask({name, policies, entities, requests}) {
  const prepared = cedar.preparsePolicySet(name, {staticPolicies: policies});
  if (prepared.type !== 'success') throw new Error(JSON.stringify(prepared));
  const answer = {name, micros: [], allows: []};
  for (const request of requests) {
    const call = {...request, preparsedPolicySetId: name, entities, validateRequest: false};
    let best = Infinity;
    for (let i = 0; i < kSamples && (i === 0 || best < kOnceAbove); i++) {
      const begin = process.hrtime.bigint();
      const {response} = cedar.statefulIsAuthorized(call);
      best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1000);
      if (i === 0) answer.allows.push(response.decision === 'allow');
    }
    answer.micros.push(best);
  }
  return answer;
}

const {tasks} = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify(tasks.map(timeTask)));
