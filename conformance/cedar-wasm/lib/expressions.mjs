// Random expressions, as the `body` of policy JSON. They are built by type, so that most of them
// have a value; at a few percent of the places a part of another type stands instead.

import * as words from './words.mjs';

const value = (v) => ({Value: v});
const variable = (name) => ({Var: name});
const attribute = (left, attr) => ({'.': {left, attr}});
const binary = (op, left, right) => ({[op]: {left, right}});
const unary = (op, arg) => ({[op]: {arg}});
export const entityLiteral = (uid) => value({__entity: uid});

const kWrongType = 0.03;

/** An expression that is usually of the type, at most `depth` deep. */
export function expression(random, type, depth) {
  const wanted = random.chance(kWrongType) ? random.pick(words.kTypes) : type;
  if (depth <= 0) return leaf(random, wanted);
  if (random.chance(0.06)) {
    return {'if-then-else': {if: expression(random, 'Bool', depth - 1),
                             then: expression(random, wanted, depth - 1),
                             else: expression(random, wanted, depth - 1)}};
  }
  if (random.chance(0.35)) return access(random, wanted, depth);
  return random.weighted(kByType[wanted])(random, depth - 1);
}

function leaf(random, type) {
  return random.chance(0.45) ? access(random, type, 0) : literal(random, type);
}

// Literals. Extension values come from constructor calls, some of them malformed.

function literal(random, type) {
  switch (type) {
    case 'Bool': return value(random.chance(0.5));
    case 'Long': return value(words.long(random));
    case 'String': return value(words.jsonString(random, words.string(random)));
    case 'Entity': return entityLiteral(words.uid(random));
    case 'Record': return record(random, 0);
    case 'Set<Long>': return setOf(random, 'Long', 0);
    case 'Set<String>': return setOf(random, 'String', 0);
    case 'Set<Entity>': return setOf(random, 'Entity', 0);
    default: return construct(random, type);
  }
}

function construct(random, type, depth = 0) {
  if (random.chance(0.02)) {
    const count = random.pick([0, 2, 3]);
    return {[type]: random.times(count, () => value(words.extensionText(random, type)))};
  }
  if (depth > 0 && random.chance(0.1)) return {[type]: [expression(random, 'String', depth - 1)]};
  return {[type]: [value(words.extensionText(random, type))]};
}

function setOf(random, type, depth) {
  const count = random.weighted([[1, 0], [3, 1], [4, 2], [3, 3], [1, 5]]);
  return {Set: random.times(count, () => expression(random, type, depth))};
}

function record(random, depth) {
  const fields = {};
  for (const [name, type] of Object.entries(words.kFields)) {
    if (random.chance(type === 'Record' ? 0.2 : 0.6)) {
      fields[name] = type === 'Record' && depth <= 0 ? {Record: {}} : expression(random, type, depth - 1);
    }
  }
  return {Record: fields};
}

// Access to what the request and the entities hold.

const kHolders = [[5, 'principal'], [4, 'resource'], [4, 'context'], [1, 'action']];

function entityHolder(random, depth) {
  return random.weighted([
    [9, () => variable(random.weighted(kHolders.filter(([, name]) => name !== 'context')))],
    [2, () => entityLiteral(words.uid(random))],
    [2, () => (depth > 0 ? expression(random, 'Entity', depth - 1) : variable('principal'))],
  ])();
}

function access(random, type, depth) {
  if (type === 'Entity' && random.chance(0.5)) {
    return variable(random.pick(['principal', 'action', 'resource']));
  }
  if (words.fieldsOf(type) && random.chance(0.15)) {
    return attribute(depth > 0 ? expression(random, 'Record', depth - 1) : access(random, 'Record', 0),
                     random.pick(words.fieldsOf(type)));
  }
  const known = words.attributesOf(random, type);
  if (known === words.kAttributeNames && random.chance(0.9)) return literal(random, type);
  const name = random.chance(0.02) ? random.pick(words.kAttributeNames) : random.pick(known);
  if (random.chance(0.1)) {
    const key = random.chance(0.9) ? value(name) : expression(random, 'String', depth - 1);
    return binary('getTag', entityHolder(random, depth), key);
  }
  const holder = random.chance(0.25) ? variable('context') : entityHolder(random, depth);
  return attribute(holder, name);
}

// Booleans.

const kComparable = ['Long', 'Long', 'datetime', 'duration'];
const kOrder = ['<', '<=', '>', '>='];

function equality(random, depth) {
  const type = random.pick(words.kTypes);
  return binary(random.pick(['==', '==', '!=']), expression(random, type, depth),
                expression(random, type, depth));
}

function ordering(random, depth) {
  const type = random.pick(kComparable);
  return binary(random.pick(kOrder), expression(random, type, depth), expression(random, type, depth));
}

function membership(random, depth) {
  const right = random.chance(0.6) ? expression(random, 'Entity', depth)
                                   : expression(random, 'Set<Entity>', depth);
  return binary('in', expression(random, 'Entity', depth), right);
}

function typeTest(random, depth) {
  const test = {left: expression(random, 'Entity', depth), entity_type: random.pick(words.kEntityTypes)};
  if (random.chance(0.3)) {
    test.in = expression(random, random.chance(0.7) ? 'Entity' : 'Set<Entity>', depth);
  }
  return {is: test};
}

function presence(random, depth) {
  const holder = random.weighted([
    [4, () => variable(random.weighted(kHolders))],
    [1, () => entityLiteral(words.uid(random))],
    [1, () => expression(random, random.pick(['Entity', 'Record', 'Record']), depth)],
  ])();
  if (random.chance(0.25)) {
    const path = [random.pick(['r', 'r', 'e', 'g', 'n', 'x']), random.pick(['x', 'q', 'n', 'e', 'r', 'if'])];
    if (random.chance(0.4)) path.push(random.pick(['x', 'y', 'q', 'n']));
    return {has: {left: holder, attr: path}};
  }
  const name = random.chance(0.8) ? random.pick(words.kAttributeNames)
                                  : random.pick(Object.keys(words.kFields));
  return {has: {left: holder, attr: name}};
}

/** `x has a && x.a …`: the way policies are written. */
function guarded(random, depth) {
  const holder = variable(random.weighted(kHolders));
  const [name, type] = random.pick(words.attributes(random)) ?? ['n', 'Long'];
  return binary('&&', {has: {left: holder, attr: name}},
                binary(random.pick(['==', '!=']), attribute(holder, name), expression(random, type, depth)));
}

function guardedTag(random, depth) {
  const holder = variable(random.pick(['principal', 'resource']));
  const [name, type] = random.pick(words.attributes(random)) ?? ['n', 'Long'];
  const key = value(name);
  return binary('&&', binary('hasTag', holder, key),
                binary('==', binary('getTag', holder, key), expression(random, type, depth)));
}

const kPatternLiterals = ['a', 'b', 'ab', 'x', 'he', 'lo', '*', '', 'é', '\n', '\\', 'l'];

function pattern(random) {
  const elements = random.times(random.below(6), () => random.chance(0.45)
      ? 'Wildcard' : {Literal: random.pick(kPatternLiterals)});
  // A long literal is what `like` means for its code points one by one.
  return elements.flatMap((e) => (e === 'Wildcard' || e.Literal === '')
      ? (e === 'Wildcard' ? [e] : []) : [...e.Literal].map((c) => ({Literal: c})));
}

const like = (random, depth) =>
  ({like: {left: expression(random, 'String', depth), pattern: pattern(random)}});

function setTest(random, depth) {
  const element = random.pick(['Long', 'String', 'Entity']);
  const set = () => expression(random, `Set<${element}>`, depth);
  return random.weighted([
    [3, () => binary('contains', set(), expression(random, element, depth))],
    [2, () => binary('containsAll', set(), set())],
    [2, () => binary('containsAny', set(), set())],
    [1, () => unary('isEmpty', set())],
  ])();
}

const kBooleanMethods = {
  decimal: ['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'],
  ip: ['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast', 'isInRange'],
};

function method(random, name, types, depth) {
  const args = types.map((type) => expression(random, type, depth));
  if (random.chance(0.02)) args.push(expression(random, types[0], depth));
  if (args.length > 1 && random.chance(0.02)) args.pop();
  return {[name]: args};
}

function extensionTest(random, depth) {
  const type = random.pick(['decimal', 'ip']);
  const name = random.pick(kBooleanMethods[type]);
  const takesTwo = type === 'decimal' || name === 'isInRange';
  return method(random, name, takesTwo ? [type, type] : [type], depth);
}

const connective = (op) => (random, depth) =>
  binary(op, expression(random, 'Bool', depth), expression(random, 'Bool', depth));
const arithmetic = (op) => (random, depth) =>
  binary(op, expression(random, 'Long', depth), expression(random, 'Long', depth));
const literalOf = (type) => (random) => literal(random, type);
const methodOf = (names, types) => (random, depth) => method(random, random.pick(names), types, depth);
const setsOf = (type) => [
  [3, (random, depth) => setOf(random, type, depth)],
  [1, (random, depth) => setOf(random, random.pick(words.kTypes), depth)],
];

const kByType = {
  Bool: [
    [2, literalOf('Bool')], [6, equality], [5, ordering], [4, membership], [3, typeTest],
    [5, presence], [6, guarded], [2, guardedTag], [4, like], [5, setTest], [5, extensionTest],
    [4, connective('&&')], [4, connective('||')],
    [3, (random, depth) => unary('!', expression(random, 'Bool', depth))],
    [2, (random, depth) => binary('hasTag', entityHolder(random, depth), expression(random, 'String', depth))],
  ],
  Long: [
    [4, literalOf('Long')], [3, arithmetic('+')], [3, arithmetic('-')], [3, arithmetic('*')],
    [2, (random, depth) => unary('neg', expression(random, 'Long', depth))],
    [3, methodOf(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'], ['duration'])],
  ],
  String: [[1, literalOf('String')]],
  Entity: [[1, literalOf('Entity')]],
  Record: [[1, record]],
  'Set<Long>': setsOf('Long'),
  'Set<String>': setsOf('String'),
  'Set<Entity>': setsOf('Entity'),
  decimal: [[1, (random, depth) => construct(random, 'decimal', depth)]],
  ip: [[1, (random, depth) => construct(random, 'ip', depth)]],
  datetime: [
    [3, (random, depth) => construct(random, 'datetime', depth)],
    [2, methodOf(['offset'], ['datetime', 'duration'])],
    [1, methodOf(['toDate'], ['datetime'])],
  ],
  duration: [
    [3, (random, depth) => construct(random, 'duration', depth)],
    [2, methodOf(['durationSince'], ['datetime', 'datetime'])],
    [1, methodOf(['toTime'], ['datetime'])],
  ],
};
