// Random entities, requests and contexts, as JSON documents.

import {Verbatim, write} from './json.mjs';
import * as words from './words.mjs';

const kExtensionFunctions = ['decimal', 'ip', 'datetime', 'duration'];

/** A value of the type as JSON. */
export function value(random, type, depth) {
  const element = /^Set<(.*)>$/.exec(type)?.[1];
  if (element) {
    return random.times(random.below(4), () => value(random, element, depth - 1));
  }
  switch (type) {
    case 'Bool': return random.chance(0.5);
    case 'Long': return words.long(random);
    case 'String': return words.jsonString(random, words.string(random));
    case 'Record': return record(random, depth);
    case 'Entity': return {__entity: words.uid(random)};
    default: return extension(random, type);
  }
}

function extension(random, type) {
  const arg = words.goodExtensionText(random, type);
  if (random.chance(0.02)) return {__extn: {fn: type, args: [arg]}};
  if (random.chance(0.005)) {
    return {__extn: {fn: 'offset', args: [{__extn: {fn: 'datetime', arg: '2024-01-01'}},
                                          {__extn: {fn: 'duration', arg: '1d'}}]}};
  }
  return {__extn: {fn: random.chance(0.997) ? type : random.pick(kExtensionFunctions), arg}};
}

function record(random, depth) {
  const fields = {};
  for (const [name, type] of Object.entries(words.kFields)) {
    if (!random.chance(type === 'Record' ? 0.3 : 0.8)) continue;
    fields[name] = type === 'Record' && depth <= 0 ? {} : value(random, type, depth - 1);
  }
  return fields;
}

/** Attributes, tags or a context: usually each name with its usual type. */
export function attributes(random, density) {
  const out = {};
  for (const [name, type] of words.attributes(random)) {
    if (!random.chance(density)) continue;
    out[name] = value(random, random.chance(0.95) ? type : random.pick(words.kTypes), 2);
  }
  return out;
}

/** Some entities in a hierarchy; who comes later may be under who came earlier. */
export function entities(random, count) {
  const uids = new Map();
  for (let i = 0; i < count; i++) {
    const uid = words.uid(random);
    uids.set(uid.type + '\n' + uid.id, uid);
  }
  const list = [...uids.values()];
  return random.shuffle(list.map((uid, i) => ({
    uid: random.chance(0.5) ? uid : {__entity: uid},
    attrs: attributes(random, 0.85),
    parents: [...random.some(list.slice(0, i), 0.3), ...(random.chance(0.15) ? [words.uid(random)] : [])]
        .filter((parent) => uid.type !== 'Action' || parent.type === 'Action' || random.chance(0.005)),
    ...(random.chance(0.4) ? {tags: attributes(random, 0.5)} : {}),
  })));
}

/** A request about somebody who is there in most cases. */
export function request(random, known) {
  const who = () => (known.length > 0 && random.chance(0.85) ? random.pick(known) : words.uid(random));
  return {
    principal: who(),
    action: {type: 'Action', id: random.pick(words.kActions)},
    resource: who(),
    context: attributes(random, 0.85),
  };
}

// Hostile documents.

const kBadValues = [
  null, new Verbatim('1.0'), new Verbatim('1.5'), new Verbatim('1e2'), new Verbatim('-0'),
  new Verbatim('-0.0'), new Verbatim('9223372036854775808'), new Verbatim('-9223372036854775809'),
  new Verbatim('18446744073709551615'), new Verbatim('1e400'), new Verbatim('{"a":1,"a":1}'),
  new Verbatim('{"a":1,"\\u0061":2}'), new Verbatim('"\\ud800"'), new Verbatim('"\\udc00\\ud800"'),
  new Verbatim('"\\ud83d\\ude00"'), new Verbatim('"\\x41"'), new Verbatim('"\t"'), new Verbatim('"\\u0000"'),
  new Verbatim('[1,]'), new Verbatim('01'), new Verbatim('+1'), new Verbatim('.5'), new Verbatim('NaN'),
  new Verbatim("'a'"), new Verbatim('"\\/"'), new Verbatim('tru'), new Verbatim('"\u007f"'),
  {__entity: {type: 'User', id: 'alice', extra: 1}}, {__entity: {type: 'User'}}, {__entity: 'User::"alice"'},
  {__entity: {type: 'User', id: 1}}, {__entity: {type: '', id: 'a'}}, {__entity: {type: 'User ', id: 'a'}},
  {__entity: {type: 'NS :: User', id: 'a'}}, {__entity: {type: 'if', id: 'a'}},
  {__entity: {type: 'NS::__cedar', id: 'a'}}, {__entity: {type: '__cedar::String', id: 'a'}},
  {__entity: {type: 'User', id: 'alice'}, x: 1}, {__entity: null}, {__entity: {}}, {__entity: []},
  {__entity: {type: 'Üser', id: 'a'}}, {__entity: {type: 'User::', id: 'a'}}, {__entity: {type: '1', id: 'a'}},
  {__entity: {id: 'a', type: 'User'}}, {type: 'User', id: 'alice'}, {__entity: {__entity: {type: 'User', id: 'alice'}}},
  {__extn: {fn: 'decimal', arg: '1.0'}, x: 1}, {__extn: {fn: 'nope', arg: '1.0'}}, {__extn: {fn: 'decimal'}},
  {__extn: {fn: 'decimal', arg: 1}}, {__extn: {fn: 'decimal', arg: '1.0', args: ['1.0']}}, {__extn: {}},
  {__extn: {fn: 'decimal', args: ['1.0', '2.0']}}, {__extn: {fn: 'decimal', args: []}}, {__extn: null},
  {__extn: {fn: 'lessThan', args: [{__extn: {fn: 'decimal', arg: '1.0'}}, {__extn: {fn: 'decimal', arg: '2.0'}}]}},
  {__extn: {fn: 'isIpv4', arg: {__extn: {fn: 'ip', arg: '1.2.3.4'}}}}, {__extn: {fn: 'decimal', arg: {}}},
  {__extn: {fn: 'duration', arg: '1d'}, __entity: {type: 'User', id: 'a'}}, {__extn: 'ip'},
  {__expr: 'User::"alice"'}, {__expr: '1 + 1'}, {__expr: 1}, {fn: 'decimal', arg: '1.0'}, {fn: 'decimal', arg: 'x'},
  {}, [], [[]], [{}], [null], {a: null}, {a: {a: {a: {a: {}}}}}, [1, 'a', true, [1], {x: 1}],
];

/** Replaces, adds, removes or repeats something somewhere in the document. */
export function damage(random, document) {
  if (Array.isArray(document)) return damageArray(random, document);
  if (document !== null && typeof document === 'object' && !(document instanceof Verbatim)) {
    return damageObject(random, document);
  }
  return random.pick(kBadValues);
}

function damageArray(random, list) {
  if (list.length === 0 || random.chance(0.1)) return [...list, random.pick(kBadValues)];
  const at = random.below(list.length);
  const out = [...list];
  if (random.chance(0.1)) return [...list, list[at]];
  if (random.chance(0.03)) return random.pick(kBadValues);
  out[at] = damage(random, list[at]);
  return out;
}

function damageObject(random, object) {
  const keys = Object.keys(object);
  if (keys.length === 0) return random.chance(0.5) ? {x: random.pick(kBadValues)} : random.pick(kBadValues);
  const key = random.pick(keys);
  const {[key]: member, ...rest} = object;
  return random.weighted([
    [12, () => ({...object, [key]: damage(random, member)})],
    [1, () => rest],
    [1, () => ({...rest, [renamed(random, key)]: member})],
    [1, () => ({...object, [random.pick(['extra', 'tags', 'attrs', 'parents', 'uid', 'x', '__entity', '__extn'])]: random.pick(kBadValues)})],
    [1, () => repeated(random, object, key)],
    [1, () => random.pick(kBadValues)],
  ])();
}

const renamed = (random, key) =>
  random.pick([key.toUpperCase(), key + ' ', key.slice(1), '_' + key, key + 's']);

const writeMembers = (object) => write(object).slice(1, -1);

/** The object with one key written twice. */
function repeated(random, object, key) {
  const text = writeMembers(object);
  const again = random.chance(0.5) ? object[key] : random.pick(kBadValues);
  return new Verbatim(`{${text},${writeMembers({[key]: again})}}`);
}
