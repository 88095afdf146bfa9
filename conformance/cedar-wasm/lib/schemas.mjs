// Random schemas over the same small world, written as JSON or as text, and data that fits them.
//
// A type is 'Long', 'Bool', 'String', 'decimal', …, {set}, {record: {name: {type, required}}},
// {entity} or {common}. A schema is {types, commons, actions}, with full names as keys.

import {Verbatim} from './json.mjs';
import * as words from './words.mjs';

const kNamespaceOf = (name) => name.split('::').slice(0, -1).join('::');
const kBaseOf = (name) => name.split('::').at(-1);
const kTypeNames = words.kEntityTypes.filter((name) => name !== 'Action');

export function schema(random) {
  const types = {};
  for (const name of kTypeNames) if (random.chance(0.8)) types[name] = null;
  if (Object.keys(types).length === 0) types.User = null;
  const commons = {};
  if (random.chance(0.4)) commons[random.pick(['Info', 'NS::Info'])] = recordType(random, types, {}, 1);
  for (const name of Object.keys(types)) types[name] = entityType(random, types, commons, name);
  const actions = {};
  for (const id of words.kActions) {
    if (random.chance(0.8)) actions[id] = actionType(random, types, commons, Object.keys(actions));
  }
  return {types, commons, actions};
}

function entityType(random, types, commons, name) {
  if (random.chance(0.08)) return {ids: random.some(words.kIds, 0.7).concat('alice').filter(unique)};
  const attributes = {};
  for (const [attr, type] of words.attributes(random)) {
    if (random.chance(0.8)) attributes[attr] = {type: typeOf(random, type, types, commons), required: random.chance(0.7)};
  }
  return {
    attributes,
    parents: random.some(Object.keys(types), 0.4),
    tags: random.chance(0.3) ? typeOf(random, random.pick(words.kTypes), types, commons) : null,
    name,
  };
}

const unique = (x, i, all) => all.indexOf(x) === i;

function actionType(random, types, commons, earlier) {
  const names = Object.keys(types);
  const context = {};
  for (const [attr, type] of words.attributes(random)) {
    if (random.chance(0.8)) context[attr] = {type: typeOf(random, type, types, commons), required: random.chance(0.6)};
  }
  return {
    principals: random.some(names, 0.5).concat(random.pick(names)).filter(unique),
    resources: random.some(names, 0.5).concat(random.pick(names)).filter(unique),
    applies: random.chance(0.95),
    context,
    memberOf: random.some(earlier, 0.3),
  };
}

function typeOf(random, word, types, commons) {
  const element = /^Set<(.*)>$/.exec(word)?.[1];
  if (element) return {set: typeOf(random, element, types, commons)};
  if (word === 'Entity') return {entity: random.pick(Object.keys(types))};
  if (word !== 'Record') return word;
  const names = Object.keys(commons);
  return names.length > 0 && random.chance(0.5) ? {common: random.pick(names)} : recordType(random, types, commons, 1);
}

function recordType(random, types, commons, depth) {
  const record = {};
  for (const [field, type] of Object.entries(words.kFields)) {
    if (!random.chance(0.7)) continue;
    const inner = type === 'Record' ? (depth > 0 ? recordType(random, types, commons, depth - 1) : {record: {}})
                                    : typeOf(random, type, types, commons);
    record[field] = {type: inner, required: random.chance(0.7)};
  }
  return {record};
}

// JSON.

const kExtensionNames = {decimal: 'decimal', ip: 'ipaddr', datetime: 'datetime', duration: 'duration'};

export function toJson(random, {types, commons, actions}) {
  const namespaces = {};
  const space = (name) => (namespaces[kNamespaceOf(name)] ??= {entityTypes: {}, actions: {}});
  for (const [name, type] of Object.entries(types)) {
    space(name).entityTypes[kBaseOf(name)] = type.ids ? {enum: type.ids} : {
      ...(random.chance(0.5) || type.parents.length ? {memberOfTypes: type.parents} : {}),
      shape: jsonRecord(random, type.attributes),
      ...(type.tags ? {tags: jsonType(random, type.tags)} : {}),
    };
  }
  for (const [name, type] of Object.entries(commons)) {
    (space(name).commonTypes ??= {})[kBaseOf(name)] = jsonType(random, type);
  }
  for (const [id, type] of Object.entries(actions)) {
    space('').actions[id] = {
      ...(type.applies ? {appliesTo: {principalTypes: type.principals, resourceTypes: type.resources,
                                      context: jsonRecord(random, type.context)}} : {}),
      ...(type.memberOf.length ? {memberOf: type.memberOf.map((parent) => ({id: parent}))} : {}),
    };
  }
  return namespaces;
}

function jsonRecord(random, fields) {
  return {type: 'Record', attributes: Object.fromEntries(Object.entries(fields).map(([name, {type, required}]) =>
    [name, {...jsonType(random, type), ...(required && random.chance(0.5) ? {} : {required})}]))};
}

function jsonType(random, type) {
  if (type.set) return {type: 'Set', element: jsonType(random, type.set)};
  if (type.record) return jsonRecord(random, type.record);
  if (type.common) return {type: type.common};
  if (type.entity) return random.chance(0.7) ? {type: 'Entity', name: type.entity} : {type: 'EntityOrCommon', name: type.entity};
  if (kExtensionNames[type]) return {type: 'Extension', name: kExtensionNames[type]};
  return {type: type === 'Bool' ? 'Boolean' : type};
}

// Text.

export function toText(random, {types, commons, actions}) {
  const spaces = {};
  const space = (name) => (spaces[kNamespaceOf(name)] ??= []);
  for (const [name, type] of Object.entries(types)) space(name).push(textEntity(random, kBaseOf(name), type));
  for (const [name, type] of Object.entries(commons)) space(name).push(`type ${kBaseOf(name)} = ${textType(random, type)};`);
  for (const [id, type] of Object.entries(actions)) space('').push(textAction(random, id, type));
  return Object.entries(spaces).map(([name, parts]) => {
    const body = random.shuffle(parts).map((part) => note(random) + part).join('\n');
    return name === '' ? body : `${note(random)}namespace ${name} {\n${body}\n}`;
  }).join('\n');
}

const note = (random) => (random.chance(0.05) ? '@doc("x")\n' : random.chance(0.02) ? '@flag ' : '');

function textEntity(random, name, type) {
  if (type.ids) return `entity ${name} enum [${type.ids.map((id) => JSON.stringify(id)).join(', ')}];`;
  const parents = type.parents.length === 0 ? ''
      : ` in ${type.parents.length === 1 && random.chance(0.5) ? type.parents[0] : `[${type.parents.join(', ')}]`}`;
  const shape = Object.keys(type.attributes).length === 0 && random.chance(0.5) ? ''
      : `${random.chance(0.5) ? ' =' : ''} ${textRecord(random, type.attributes)}`;
  return `entity ${name}${parents}${shape}${type.tags ? ` tags ${textType(random, type.tags)}` : ''};`;
}

function textRecord(random, fields) {
  const entries = Object.entries(fields).map(([name, {type, required}]) =>
    `${note(random)}${/^[a-z]+$/.test(name) && name !== 'if' && random.chance(0.7) ? name : JSON.stringify(name)}` +
    `${required ? '' : '?'}: ${textType(random, type)}`);
  return `{${entries.join(', ')}${entries.length && random.chance(0.3) ? ',' : ''}}`;
}

function textType(random, type) {
  if (type.set) return `Set<${textType(random, type.set)}>`;
  if (type.record) return textRecord(random, type.record);
  const name = type.common ?? type.entity;
  if (name) return name;
  const builtin = kExtensionNames[type] ?? type;
  return random.chance(0.1) ? `__cedar::${builtin}` : builtin;
}

function textAction(random, id, type) {
  const groups = type.memberOf.length ? ` in [${type.memberOf.map((g) => JSON.stringify(g)).join(', ')}]` : '';
  const name = random.chance(0.5) ? id : JSON.stringify(id);
  if (!type.applies) return `action ${name}${groups};`;
  const context = Object.keys(type.context).length ? `, context: ${textRecord(random, type.context)}` : '';
  const list = (names) => (names.length === 1 && random.chance(0.3) ? names[0] : `[${names.join(', ')}]`);
  return `action ${name}${groups} appliesTo { principal: ${list(type.principals)}, ` +
      `resource: ${list(type.resources)}${context}${random.chance(0.3) ? ',' : ''} };`;
}

// Data that fits. At one place in some hundred it does not.

const kMisfit = 0.003;

export function value(random, {commons, types}, type, depth = 3) {
  const wanted = random.chance(kMisfit / 2) ? random.pick(words.kScalarTypes) : type;
  const inner = (t) => value(random, {commons, types}, t, depth - 1);
  if (wanted.set) return random.times(random.below(4), () => inner(wanted.set));
  if (wanted.record) return record(random, {commons, types}, wanted.record, depth);
  if (wanted.common) return inner(commons[wanted.common]);
  if (wanted.entity) {
    const uid = uidOf(random, types, wanted.entity);
    return random.chance(0.5) ? uid : {__entity: uid};
  }
  switch (wanted) {
    case 'Bool': return random.chance(0.5);
    case 'Long': return words.long(random);
    case 'String': return words.jsonString(random, words.string(random));
    case 'Entity': return {__entity: words.uid(random)};
    default: return extension(random, wanted);
  }
}

function extension(random, type) {
  const arg = words.goodExtensionText(random, type);
  return random.weighted([
    [5, arg], [4, {__extn: {fn: type, arg}}], [1, {fn: type, arg}], [1, {__extn: {fn: type, args: [arg]}}],
  ]);
}

export function record(random, schema, fields, depth = 3) {
  const out = {};
  for (const [name, {type, required}] of Object.entries(fields)) {
    if (required ? random.chance(1 - kMisfit / 2) : random.chance(0.6)) out[name] = value(random, schema, type, depth - 1);
  }
  if (random.chance(kMisfit / 2)) out.undeclared = 1n;
  return out;
}

export function uidOf(random, types, name) {
  const ids = types[name]?.ids;
  return {type: name, id: ids && random.chance(0.97) ? random.pick(ids) : words.entityId(random)};
}

export function entities(random, schema, count) {
  const {types} = schema;
  const uids = new Map();
  for (let i = 0; i < count; i++) {
    const uid = uidOf(random, types, random.pick(Object.keys(types)));
    uids.set(uid.type + '\n' + uid.id, uid);
  }
  const list = [...uids.values()];
  const out = list.map((uid, i) => {
    const type = types[uid.type];
    if (type.ids) return {uid, attrs: {}, parents: []};
    const mayBeUnder = (other) => type.parents.includes(other.type) || random.chance(kMisfit);
    return {
      uid: random.chance(0.5) ? uid : {__entity: uid},
      attrs: record(random, schema, type.attributes),
      parents: random.some(list.slice(0, i).filter(mayBeUnder), 0.4),
      ...(type.tags ? {tags: tags(random, schema, type.tags)} : {}),
    };
  });
  if (random.chance(0.03)) out.push({uid: {type: 'Action', id: random.pick(words.kActions)}, attrs: {}, parents: []});
  return random.shuffle(out);
}

function tags(random, schema, type) {
  return Object.fromEntries(random.some(words.kAttributeNames, 0.2).map((name) => [name, value(random, schema, type)]));
}

/** A request of one of the schema's environments, mostly. */
export function request(random, schema, known) {
  const ids = Object.keys(schema.actions);
  const id = ids.length > 0 && random.chance(0.98) ? random.pick(ids) : random.pick(words.kActions);
  const type = schema.actions[id] ?? {principals: ['User'], resources: ['User'], context: {}};
  const who = (names) => {
    if (random.chance(0.03)) return words.uid(random);
    const fitting = known.filter((uid) => names.includes(uid.type));
    return fitting.length > 0 && random.chance(0.85) ? random.pick(fitting)
                                                     : uidOf(random, schema.types, random.pick(names));
  };
  return {
    principal: who(type.principals),
    action: {type: 'Action', id},
    resource: who(type.resources),
    context: record(random, schema, type.context),
  };
}

const kBadParts = [
  null, {}, [], new Verbatim('1'), 'Long', {type: 'Nope'}, {type: 'Set'}, {type: 'Record'}, {type: 'Entity'},
  {type: 'Extension', name: 'nope'}, {type: 'Long', required: 1}, {type: 'Boolean', extra: true}, 'User', '', 'NS::',
  {type: 'Set', element: {type: 'Long'}, extra: 1}, {type: '__cedar::Long'}, {type: 'Record', attributes: {}, additionalAttributes: true},
  {type: 'Entity', name: 'Nope'}, {type: 'Extension', name: 'ip'}, ['User'], ['Nope'], [{id: 'view'}], [{id: 'nope'}],
  [{id: 'view', type: 'Action'}], [{id: 'view', type: 'User'}], {enum: []}, {enum: ['a', 'a']}, {enum: ['a'], shape: {}},
  new Verbatim('{"type":"Long","type":"Long"}'), {memberOfTypes: ['User']}, {appliesTo: {}}, {attributes: {}},
];
const kBadNames = ['if', '', ' ', 'a b', 'Ünï', '__cedar', 'Long', 'Bool', 'Set', 'NS::X', 'Action', '1a', 'User', 'extra',
                   'entityTypes', 'actions', 'commonTypes', 'annotations', 'shape', 'tags', 'context', 'in', 'Entity', 'ipaddr'];

/** A schema document with something wrong, or odd, somewhere. */
export function damage(random, node) {
  if (node === null || typeof node !== 'object' || node instanceof Verbatim) return random.pick(kBadParts);
  const keys = Object.keys(node);
  if (keys.length === 0 || random.chance(0.05)) return random.pick(kBadParts);
  const key = random.pick(keys);
  if (Array.isArray(node)) {
    return random.weighted([
      [2, () => node.map((x, i) => (String(i) === key ? damage(random, x) : x))],
      [1, () => [...node, node[key]]],
      [1, () => [...node, random.pick(kBadNames)]],
    ])();
  }
  const {[key]: member, ...rest} = node;
  return random.weighted([
    [12, () => ({...node, [key]: damage(random, member)})],
    [1, () => rest],
    [1, () => ({...rest, [random.pick(kBadNames)]: member})],
    [1, () => ({...node, [random.pick(kBadNames)]: random.pick(kBadParts)})],
    [1, () => ({...node, [random.pick(kBadNames)]: member})],
  ])();
}
