// Makes cases. A case holds only texts (Cedar or JSON), exactly as both engines will read them:
//
//   {op: 'text', text}                                   a policy set
//   {op: 'json', policy, isTemplate}                     one policy in JSON
//   {op: 'decide', policies, schema, entities, validate, requests}
//   {op: 'entities', entities, schema}  {op: 'context', context, schema, action}
//   {op: 'schema', schema}
//   {op: 'format', text, lineWidth, indentWidth}
//   {op: 'translate', schema}
//   {op: 'validate', policies, schema}
//
// `policies` is the reference's document {staticPolicies, templates, templateLinks}; a `schema` is
// a JSON object, or a JSON string with schema text, or absent.

import {write} from './json.mjs';
import * as edges from './edges.mjs';
import * as hostile from './hostile.mjs';
import * as policies from './policies.mjs';
import {Printer} from './print.mjs';
import {Random} from './random.mjs';
import * as schemas from './schemas.mjs';
import * as texts from './texts.mjs';
import * as validation from './validation.mjs';
import * as words from './words.mjs';
import * as world from './world.mjs';

const kKinds = [
  [30, 'probes', (r) => decideCase(r, probeSet(r))],
  [26, 'sets', (r) => decideCase(r, mixedSet(r))],
  [16, 'guided', guidedCase],
  [4, 'wholeText', (r) => decideCase(r, write({staticPolicies: printed(r, staticsOf(r))}))],
  [14, 'edges', (r) => ({...decideCase(r, edgeSet(r)), requests: edgeRequests(r)})],
  [5, 'damagedSets', (r) => decideCase(r, damagedSet(r))],
  [5, 'damagedData', damagedDataCase],
  [26, 'text', (r) => ({op: 'text', text: printed(r, setOf(r))})],
  [34, 'hostileText', hostileTextCase],
  [14, 'edgeText', edgeTextCase],
  [3, 'deep', (r) => decideCase(r, write({staticPolicies: {p0: deepPolicy(r), p1: deepPolicy(r)}}))],
  [26, 'json', jsonCase],
  [26, 'damagedJson', damagedJsonCase],
  [8, 'entities', entitiesCase],
  [6, 'context', contextCase],
  [6, 'schema', schemaCase],
  [20, 'validate', validateCase],
  [20, 'format', (r) => texts.formatCase(r, printed(r, setOf(r)))],
  [10, 'translate', (r) => ({op: 'translate', schema: schemaDocument(r, schemas.schema(r))})],
  [6, 'damagedTranslate', (r) => ({...schemaCase(r), op: 'translate'})],
];

export const kKindNames = kKinds.map(([, name]) => name);

/** The case of this seed and index; `kind` limits what it may be. */
export function makeCase(seed, index, kind) {
  const random = new Random(seed, index);
  const kinds = kKinds.filter(([, name]) => !kind || name === kind);
  const [name, make] = random.weighted(kinds.map(([weight, name, make]) => [weight, [name, make]]));
  return {kind: name, index, ...make(random)};
}

const printer = (random) => new Printer(random, random.pick([0, 0.02, 0.02, 0.1, 0.3]));
const depthOf = (random) => random.weighted([[3, 1], [5, 2], [4, 3], [2, 4], [0.3, 7]]);

// Sets of policies.

function asDocument(random, policy) {
  return random.chance(0.25) ? policy : printer(random).policy(policy);
}

function probeSet(random) {
  const count = random.between(4, 10);
  const staticPolicies = Object.fromEntries(random.times(count, (i) =>
    [`p${i}`, asDocument(random, policies.probe(random, depthOf(random)))]));
  return write({staticPolicies});
}

/** Few at a time: one that does not parse makes the whole set useless. */
function edgeSet(random) {
  const staticPolicies = {};
  for (let i = random.between(3, 6); i > 0; i--) {
    staticPolicies[`p${i}`] = `permit(principal, action, resource) when { ${edges.condition(random)} };`;
  }
  return write({staticPolicies});
}

const edgeRequests = (random) => random.times(3, () => write(world.request(random, [])));

function edgeTextCase(random) {
  return {op: 'text', text: `permit(principal, action, resource) when { ${edges.condition(random)} };`};
}

function mixedSet(random) {
  const staticPolicies = {};
  const templates = {};
  const templateLinks = [];
  for (let i = random.between(1, 8); i > 0; i--) {
    staticPolicies[policies.policyId(random, i)] = asDocument(random, policies.policy(random, depthOf(random)));
  }
  if (random.chance(0.3)) {
    for (let i = random.between(1, 2); i > 0; i--) addTemplate(random, templates, templateLinks, i);
  }
  return write({staticPolicies, templates, templateLinks});
}

function addTemplate(random, templates, links, i) {
  const id = random.chance(0.98) ? `t${i}` : 'p1';
  let template = policies.policy(random, depthOf(random), true);
  while (!policies.hasSlot(template) && random.chance(0.98)) template = policies.policy(random, 2, true);
  templates[id] = asDocument(random, template);
  for (let k = random.below(4); k > 0; k--) {
    const newId = random.chance(0.98) ? `${id}l${k}` : random.pick(['p1', id, 't1l1']);
    links.push(policies.link(random, id, template, newId));
  }
}

/** A set with a part that is wrong. */
function damagedSet(random) {
  const document = JSON.parse(mixedSet(random), keepLongs);
  const groups = Object.keys(document).filter((key) => Object.keys(document[key]).length > 0);
  const group = random.pick(groups);
  const id = random.pick(Object.keys(document[group]));
  const part = document[group][id];
  document[group][id] = typeof part === 'string' ? hostile.damage(random, part, hostile.kPolicyTokens)
                                                 : world.damage(random, part);
  return write(document);
}

/** Longs that a double cannot hold are rare enough here to be left rounded, as integers. */
const keepLongs = (_, v) => (typeof v === 'number' && Number.isInteger(v) ? BigInt(v) : v);

// Decisions.

function decideCase(random, policySet) {
  const entities = world.entities(random, random.weighted([[1, 0], [4, 2], [4, 4], [1, 9]]));
  const known = entities.map((e) => e.uid.__entity ?? e.uid);
  return {
    op: 'decide', policies: policySet, entities: write(entities), validate: random.chance(0.5),
    requests: random.times(random.between(8, 16), () => write(world.request(random, known))),
  };
}

function schemaDocument(random, schema) {
  return random.chance(0.5) ? write(schemas.toJson(random, schema)) : JSON.stringify(schemas.toText(random, schema));
}

function guidedCase(random) {
  const schema = schemas.schema(random);
  const entities = schemas.entities(random, schema, random.pick([0, 2, 3, 4]));
  const known = entities.map((e) => e.uid.__entity ?? e.uid);
  const spoilt = random.chance(0.1) ? world.damage(random, entities) : entities;
  return {
    op: 'decide', policies: random.chance(0.5) ? probeSet(random) : mixedSet(random),
    schema: spoiltSchema(random, schemaDocument(random, schema)), entities: write(spoilt), validate: random.chance(0.8),
    requests: random.times(random.between(6, 10), () => write(schemas.request(random, schema, known))),
  };
}

/** Now and then a schema with an accident; many of those still mean something. */
function spoiltSchema(random, document) {
  if (document[0] !== '"' || random.chance(0.85)) return document;
  return JSON.stringify(hostile.damage(random, JSON.parse(document), hostile.kSchemaTokens));
}

function damagedDataCase(random) {
  const it = decideCase(random, probeSet(random));
  const known = [];
  return {...it, requests: random.times(8, () => write(world.damage(random, world.request(random, known))))};
}

function validateCase(random) {
  const schema = schemas.schema(random);
  const list = [...validation.typedPolicies(random, schema, random.between(3, 9)),
                ...(random.chance(0.15) ? [policies.policy(random, 2)] : [])];
  const staticPolicies = Object.fromEntries(list.map((policy, i) => [`p${i}`, asDocument(random, policy)]));
  const templates = {};
  const templateLinks = [];
  if (random.chance(0.2)) addTemplate(random, templates, templateLinks, 0);
  return {op: 'validate', policies: write({staticPolicies, templates, templateLinks}), schema: schemaDocument(random, schema)};
}

// Texts.

function setOf(random) {
  const isTemplate = () => random.chance(0.15);
  return random.times(random.weighted([[1, 0], [8, 1], [3, 2], [2, 4]]), () =>
    policies.policy(random, depthOf(random), isTemplate()));
}

const staticsOf = (random) =>
  setOf(random).filter((policy) => !policies.hasSlot(policy) || random.chance(0.02));

// Nesting as deep as the reference can stand (its stack ends near 150 levels).
const kNestings = [
  (n) => '('.repeat(n) + 'true' + ')'.repeat(n),
  (n) => '!('.repeat(n) + 'true' + ')'.repeat(n),
  (n) => '-('.repeat(n) + '1' + ')'.repeat(n) + ' == 1',
  (n) => '['.repeat(n) + '1' + ']'.repeat(n) + '.contains(1)',
  (n) => '{a: '.repeat(n) + 'true' + '}'.repeat(n) + '.a'.repeat(n),
  (n) => 'context' + '.r.q'.repeat(n) + ' == 1',
  (n) => 'context has ' + Array(n).fill('r').join('.'),
  (n) => '1' + ' + 1'.repeat(n) + ` == ${n + 1}`,
  (n) => '1' + ' - 1'.repeat(n) + ` == ${1 - n}`,
  (n) => '2' + ' * 2'.repeat(n) + ' > 0',
  (n) => 'true' + ' && true'.repeat(n),
  (n) => 'false' + ' || principal == resource'.repeat(n),
  (n) => 'if true then '.repeat(n) + 'true' + ' else false'.repeat(n),
  (n) => 'if false then false else '.repeat(n) + 'true',
  (n) => 'principal in ['.repeat(n) + 'principal' + ']'.repeat(n),
  (n) => '!'.repeat(n % 7) + 'true || ' + '-'.repeat(n % 6) + '1 == 1',
];

function deepPolicy(random) {
  const body = random.pick(kNestings)(random.below(random.pick([5, 20, 60])));
  return `permit(principal, action, resource) when { ${body} };`;
}

function printed(random, list) {
  const p = printer(random);
  return p.gap() + list.map((policy) => p.policy(policy)).join(p.gap()) + p.gap();
}

function hostileTextCase(random) {
  const list = setOf(random).slice(0, 2);
  const text = printed(random, list.length > 0 ? list : [policies.policy(random, 2)]);
  return {op: 'text', text: hostile.damage(random, text, hostile.kPolicyTokens)};
}

function jsonCase(random) {
  const isTemplate = random.chance(0.2);
  return {op: 'json', policy: write(policies.policy(random, depthOf(random), isTemplate)), isTemplate};
}

function damagedJsonCase(random) {
  const isTemplate = random.chance(0.2);
  let policy = policies.policy(random, random.between(1, 2), isTemplate);
  for (let i = random.weighted([[5, 1], [1, 2]]); i > 0; i--) policy = damageExpression(random, policy);
  return {op: 'json', policy: write(policy), isTemplate};
}

const kOddExpressions = [
  {Value: null}, {Value: []}, {Value: [1n, true]}, {Value: {a: 1n}}, {Value: {}}, {Value: {__extn: {fn: 'ip', arg: '::1'}}},
  {Value: {__extn: {fn: 'decimal', arg: 'x'}}}, {Value: {__entity: {type: 'User', id: 'x'}}}, {Value: {type: 'User', id: 'x'}},
  {Value: [{__extn: {fn: 'decimal', arg: '1.0'}}]}, {Value: {a: {__entity: {type: 'A', id: 'b'}}}}, {Value: {'': {}}},
  {Var: 'principle'}, {Var: '?principal'}, {Slot: '?principal'}, {Slot: '?resource'}, {Slot: '?x'}, {Unknown: [{Value: 'x'}]},
  {Unknown: {name: 'x'}}, {unknown: [{Value: 'x'}]}, {error: []}, {Set: []}, {Set: {}}, {Record: {}}, {Record: []}, {},
  {has: {left: {Var: 'context'}, attr: []}}, {has: {left: {Var: 'context'}, attr: ['a']}}, {has: {left: {Var: 'context'}, attr: ['a', 'b c']}},
  {has: {left: {Var: 'context'}, attr: ['if', 'a']}}, {has: {left: {Var: 'context'}, attr: 1n}}, {has: {left: {Var: 'context'}, attr: ''}},
  {has: {left: {Var: 'context'}, attr: ['a', 'b', 'c']}}, {has: {left: {Var: 'context'}, attr: ['', 'b']}},
  {has: {left: {Var: 'context'}, attr: ['a', '__cedar']}},
  {'.': {left: {Var: 'context'}, attr: ['a']}}, {like: {left: {Value: 'a'}, pattern: 'a*'}}, {like: {left: {Value: 'a'}, pattern: []}},
  {like: {left: {Value: 'a'}, pattern: [{Literal: 'ab*c'}, 'Wildcard', {Literal: ''}]}}, {like: {left: {Value: 'a'}, pattern: ['wildcard']}},
  {like: {left: {Value: 'a'}, pattern: [{Wildcard: null}]}}, {like: {left: {Value: 'a'}, pattern: [{Literal: 'a', x: 1n}]}},
  {is: {left: {Var: 'principal'}, entity_type: 'User', in: {Slot: '?principal'}}}, {is: {left: {Var: 'principal'}, entity_type: 'a b'}},
  {is: {left: {Var: 'principal'}, entity_type: ''}}, {is: {left: {Var: 'principal'}, entity_type: 'if'}}, {is: {left: {Var: 'principal'}}},
  {is: {left: {Var: 'principal'}, entity_type: 'User', in: null}}, {is: {left: {Var: 'principal'}, entity_type: '__cedar::User'}},
  {decimal: []}, {decimal: [{Value: '1.0'}, {Value: '2.0'}]}, {ip: {Value: '::1'}}, {isIpv4: []}, {lessThan: [{Value: 1n}]}, {foo: [{Value: 1n}]},
  {ip: [{Value: 1n}]}, {offset: [{datetime: [{Value: '2024-01-01'}]}, {duration: [{Value: '1d'}]}]}, {'NS::ip': [{Value: '::1'}]}, {contains: [{Value: 1n}]},
  {neg: {arg: {Value: 5n}}}, {neg: {arg: {Value: -9223372036854775808n}}}, {Value: -9223372036854775808n}, {neg: {left: {Value: 5n}}}, {neg: {Value: 1n}},
  {'!': {arg: {neg: {arg: {Value: true}}}}}, {neg: {arg: {neg: {arg: {neg: {arg: {neg: {arg: {neg: {arg: {Value: 1n}}}}}}}}}}},
  {'!': {arg: {'!': {arg: {'!': {arg: {'!': {arg: {'!': {arg: {Value: true}}}}}}}}}}}, {Value: 1n, Var: 'principal'},
  {'if-then-else': {if: {Value: true}, then: {Value: 1n}}}, {'if': {}}, {isEmpty: {arg: {Set: []}}}, {isEmpty: {left: {Set: []}}},
  {'==': {left: {Value: 1n}}}, {'==': {left: {Value: 1n}, right: {Value: 1n}, x: 1n}}, {'==': [{Value: 1n}, {Value: 1n}]}, {'=': {left: {Value: 1n}, right: {Value: 1n}}},
  {getTag: {left: {Var: 'principal'}, right: {Value: 1n}}}, {hasTag: {left: {Var: 'principal'}, arg: {Value: 'a'}}}, {'/': {left: {Value: 1n}, right: {Value: 1n}}},
  {contains: {left: {Set: []}, right: {Value: 1n}, extra: null}}, {containsAll: {left: {Set: []}}}, {'&&': {left: {Value: true}, right: null}},
];

const kOddScopes = [
  {op: 'All'}, {op: 'all'}, {}, null, {op: '=='}, {op: '==', entity: {type: 'User', id: 'a'}, slot: '?principal'}, {op: '==', slot: '?principal'},
  {op: '==', slot: '?resource'}, {op: '==', slot: 'principal'}, {op: 'in', entities: []}, {op: 'in', entities: [{type: 'Action', id: 'view'}]},
  {op: 'in', entity: {type: 'User', id: 'a'}, entities: []}, {op: 'in', slot: '?action'}, {op: 'is', entity_type: 'User'}, {op: 'is', entity_type: 'a b'},
  {op: 'is', entity_type: 'User', in: {slot: '?principal'}}, {op: 'is', entity_type: 'User', in: {slot: '?resource'}}, {op: 'is', entity_type: ''},
  {op: 'is', entity_type: 'User', in: {op: 'in', entity: {type: 'A', id: 'b'}}}, {op: 'is', entity_type: 'User', in: null}, {op: 'All', x: 1n},
  {op: '==', entity: {__entity: {type: 'User', id: 'a'}}}, {op: '==', entity: {type: 'NS::', id: 'a'}}, {op: '==', entity: 'User::"a"'},
  {op: '==', entity: {type: 'Action', id: 'view'}}, {op: '==', entity: {type: 'User', id: 'view'}}, {op: 'in', entities: [{type: 'User', id: 'a'}]},
  {op: 'in', entity: {type: 'NS::Action', id: 'view'}}, {op: 'in', entities: null}, {op: '==', entities: []}, {op: 'is', entity_type: '__cedar'},
  {op: '!=', entity: {type: 'User', id: 'a'}}, {op: 'in', slot: '?principal'}, {op: 'in', slot: '?resource'}, 'All', {op: '==', entity: {type: 'if', id: 'a'}},
];

const kOddAnnotations = [
  null, {}, [], {a: null}, {a: 1n}, {'a b': 'x'}, {'': 'x'}, {if: 'x'}, {__cedar: 'x'}, {'é': 'x'}, {a: '\u0000'}, {a: {}}, {'a::b': 'x'}, {a: '"'}, {'1': 'x'},
];

/** A policy with something odd where an expression, a scope or anything else stood. */
function damageExpression(random, policy) {
  if (!Array.isArray(policy?.conditions)) return world.damage(random, policy);
  return random.weighted([
    [5, () => ({...policy, conditions: [...policy.conditions, {kind: 'when', body: buried(random)}]})],
    [3, () => ({...policy, [random.pick(['principal', 'resource', 'action'])]: random.pick(kOddScopes)})],
    [1, () => ({...policy, annotations: random.pick(kOddAnnotations)})],
    [5, () => world.damage(random, policy)],
  ])();
}

function buried(random) {
  const odd = random.pick(kOddExpressions);
  const plain = {Value: random.chance(0.5)};
  return random.weighted([
    [4, odd], [1, {'&&': {left: plain, right: odd}}], [1, {'==': {left: odd, right: {Value: 1n}}}], [1, {'!': {arg: odd}}],
    [1, {Set: [plain, odd]}], [1, {Record: {a: odd}}], [1, {'.': {left: odd, attr: 'x'}}], [1, {neg: {arg: odd}}], [1, {lessThan: [odd, odd]}],
    [1, {has: {left: odd, attr: ['x', 'y']}}], [1, {is: {left: odd, entity_type: 'User', in: odd}}], [1, {'-': {left: odd, right: odd}}],
    [1, {'*': {left: {'+': {left: odd, right: odd}}, right: odd}}], [1, {contains: {left: odd, right: odd}}], [1, {like: {left: odd, pattern: ['Wildcard']}}],
    [1, {'if-then-else': {if: odd, then: odd, else: odd}}],
  ]);
}

// Entities, contexts, schemas.

function entitiesCase(random) {
  if (random.chance(0.4)) {
    const schema = schemas.schema(random);
    const entities = schemas.entities(random, schema, random.between(1, 5));
    const document = random.chance(0.5) ? entities : world.damage(random, entities);
    return {op: 'entities', entities: write(document), schema: schemaDocument(random, schema)};
  }
  const entities = world.entities(random, random.between(1, 5));
  if (random.chance(0.15)) entities.push(...random.some(entities, 0.4));
  if (random.chance(0.15) && entities.length > 1) tieKnot(random, entities);
  return {op: 'entities', entities: write(random.chance(0.3) ? entities : world.damage(random, entities))};
}

/** Parents that may form a circle. */
function tieKnot(random, entities) {
  for (const entity of random.some(entities, 0.5)) {
    const parent = random.pick(entities).uid;
    entity.parents = [...entity.parents, parent];
  }
}

function contextCase(random) {
  if (random.chance(0.5)) {
    const context = world.attributes(random, 0.9);
    return {op: 'context', context: write(random.chance(0.2) ? context : world.damage(random, context))};
  }
  const schema = schemas.schema(random);
  const {action, context} = schemas.request(random, schema, []);
  const document = random.chance(0.5) ? context : world.damage(random, context);
  const named = random.chance(0.03) ? world.damage(random, action) : action;
  return {op: 'context', context: write(document), schema: schemaDocument(random, schema), action: write(named)};
}

function schemaCase(random) {
  const schema = schemas.schema(random);
  if (random.chance(0.4)) {
    let document = schemas.toJson(random, schema);
    for (let i = random.below(3); i > 0; i--) document = schemas.damage(random, document);
    return {op: 'schema', schema: write(document)};
  }
  let text = schemas.toText(random, schema);
  if (random.chance(0.9)) text = hostile.damage(random, text, hostile.kSchemaTokens);
  return {op: 'schema', schema: JSON.stringify(text)};
}
