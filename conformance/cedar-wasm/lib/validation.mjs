// Cases about validation: policies that are well-typed for a schema, or nearly so. They are made for
// one of the schema's environments, from the types up; a few percent of the places hold an accident.

import {expression, entityLiteral} from './expressions.mjs';
import {messageOf} from './reference.mjs';
import * as schemas from './schemas.mjs';
import * as words from './words.mjs';

const value = (v) => ({Value: v});
const binary = (op, left, right) => ({[op]: {left, right}});
const attribute = (left, attr) => ({'.': {left, attr}});
const has = (left, attr) => ({has: {left, attr}});
const not = (arg) => ({'!': {arg}});

const kAccident = 0.03;

/** Makes expressions for one environment of a schema. */
class Author {
  constructor(random, schema, environment) {
    Object.assign(this, {random, schema, environment});
    this.places = this.findPlaces();
    this.missing = [];  // guards that what was made since needs
  }

  resolve(type) {
    return type.common ? this.resolve(this.schema.commons[type.common]) : type;
  }

  /** The same text for the same type. */
  keyOf(type) {
    return typeof type === 'string' ? type : JSON.stringify(this.resolved(type));
  }

  resolved(type) {
    const it = this.resolve(type);
    if (it.set) return {set: this.resolved(it.set)};
    if (!it.record) return it;
    return {record: Object.fromEntries(Object.keys(it.record).sort().map((name) =>
      [name, {type: this.resolved(it.record[name].type), required: it.record[name].required}]))};
  }

  /** All that can be reached from the request: {expr, type, guards}. */
  findPlaces() {
    const {principal, resource, context} = this.environment;
    const places = [
      {expr: {Var: 'principal'}, type: {entity: principal}, guards: []},
      {expr: {Var: 'resource'}, type: {entity: resource}, guards: []},
      {expr: {Var: 'context'}, type: {record: context}, guards: []},
    ];
    for (let i = 0; i < places.length && places.length < 60; i++) places.push(...this.inside(places[i]));
    for (const place of places) place.key = this.keyOf(place.type);
    return places;
  }

  inside({expr, type, guards}) {
    return Object.entries(this.fieldsOf(type)).map(([name, field]) => ({
      expr: attribute(expr, name), type: this.resolve(field.type),
      guards: field.required ? guards : [...guards, has(expr, name)],
    }));
  }

  fieldsOf(type) {
    if (type.record) return type.record;
    return type.entity ? this.schema.types[type.entity]?.attributes ?? {} : {};
  }

  /** A place of the type, if there is one; what guards it is noted. */
  place(type) {
    const key = this.keyOf(type);
    const fitting = this.places.filter((place) => place.key === key);
    if (fitting.length === 0) return undefined;
    const {expr, guards} = this.random.pick(fitting);
    for (const guard of guards) if (!this.random.chance(kAccident)) this.missing.push(guard);
    return expr;
  }

  of(type, depth) {
    const {random} = this;
    if (random.chance(kAccident / 2)) return expression(random, random.pick(words.kTypes), 1);
    const it = this.resolve(type);
    if (it === 'Bool') return this.bool(depth);
    if (random.chance(0.6)) {
      const place = this.place(it);
      if (place) return place;
    }
    if (depth > 0 && random.chance(0.12)) {
      return {'if-then-else': {if: this.bool(depth - 1), then: this.of(it, depth - 1), else: this.of(it, depth - 1)}};
    }
    if (depth > 0 && random.chance(0.3)) return this.operation(it, depth - 1) ?? this.literal(it, depth);
    return this.literal(it, depth);
  }

  literal(type, depth) {
    const {random, schema} = this;
    if (type.set) return {Set: random.times(random.chance(0.97) ? random.between(1, 3) : 0, () => this.of(type.set, depth - 1))};
    if (type.entity) return entityLiteral(schemas.uidOf(random, schema.types, type.entity));
    if (type.record) {
      return {Record: Object.fromEntries(Object.entries(type.record)
        .filter(([, {required}]) => required || random.chance(0.5))
        .map(([name, field]) => [name, this.of(field.type, depth - 1)]))};
    }
    switch (type) {
      case 'Bool': return value(random.chance(0.5));
      case 'Long': return value(words.long(random));
      case 'String': return value(words.string(random));
      default: return {[type]: [value(random.chance(0.98) ? words.goodExtensionText(random, type)
                                                          : words.extensionText(random, type))]};
    }
  }

  operation(type, depth) {
    const {random} = this;
    switch (type) {
      case 'Long': return random.chance(0.7)
          ? binary(random.pick(['+', '-', '*']), this.of('Long', depth), this.of('Long', depth))
          : random.chance(0.5) ? {neg: {arg: this.of('Long', depth)}} : {[random.pick(['toSeconds', 'toDays'])]: [this.of('duration', depth)]};
      case 'datetime': return random.chance(0.5) ? {offset: [this.of('datetime', depth), this.of('duration', depth)]}
                                                 : {toDate: [this.of('datetime', depth)]};
      case 'duration': return random.chance(0.5) ? {durationSince: [this.of('datetime', depth), this.of('datetime', depth)]}
                                                 : {toTime: [this.of('datetime', depth)]};
      default: return this.tagOf(type);
    }
  }

  entity() {
    const entities = this.places.filter(({type}) => type.entity);
    const {expr, type, guards} = this.random.pick(entities);
    this.missing.push(...guards);
    return {expr, type};
  }

  tagOf(type) {
    const {random} = this;
    const {expr, type: owner} = this.entity();
    const tags = this.schema.types[owner.entity]?.tags;
    if (!tags || this.keyOf(tags) !== this.keyOf(type)) return undefined;
    const key = random.chance(0.8) ? value(words.string(random)) : this.of('String', 0);
    if (!random.chance(kAccident)) this.missing.push(binary('hasTag', expr, key));
    return binary('getTag', expr, random.chance(1 - kAccident) ? key : value('other'));
  }

  /** A Boolean; guards that its parts need stand before it, or are left to what is around it. */
  bool(depth) {
    const {random} = this;
    const outer = this.missing;
    this.missing = [];
    const body = depth <= 0 || random.chance(0.5) ? this.atom(depth) : this.connective(depth - 1);
    const keep = random.chance(0.4);
    const guarded = keep ? body : this.guard(body);
    this.missing = keep ? [...outer, ...this.missing] : outer;
    return guarded;
  }

  guard(body) {
    const seen = new Set();
    const guards = this.missing.filter((guard) => {
      const text = JSON.stringify(guard, (_, v) => (typeof v === 'bigint' ? String(v) : v));
      return !seen.has(text) && seen.add(text);
    });
    return guards.reduceRight((rest, guard) => binary('&&', guard, rest), body);
  }

  connective(depth) {
    const {random} = this;
    return random.weighted([
      [5, () => binary('&&', this.bool(depth), this.bool(depth))],
      [4, () => binary('||', this.bool(depth), this.bool(depth))],
      [2, () => not(this.bool(depth))],
      [2, () => ({'if-then-else': {if: this.bool(depth), then: this.bool(depth), else: this.bool(depth)}})],
    ])();
  }

  atom(depth) {
    const {random} = this;
    const some = () => this.resolve(random.pick(this.places).type);
    return random.weighted([
      [1, () => value(random.chance(0.5))],
      [3, () => this.place('Bool') ?? value(true)],
      [5, () => { const type = some(); return binary(random.pick(['==', '!=']), this.of(type, depth - 1), this.of(type, depth - 1)); }],
      [4, () => { const type = random.pick(['Long', 'Long', 'datetime', 'duration']);
        return binary(random.pick(['<', '<=', '>', '>=']), this.of(type, depth - 1), this.of(type, depth - 1)); }],
      [2, () => ({like: {left: this.of('String', depth - 1), pattern: ['Wildcard', {Literal: 'a'}]}})],
      [3, () => this.hasAtom()],
      [2, () => { const {expr} = this.entity(); return binary('hasTag', expr, value(words.string(random))); }],
      [4, () => this.inAtom()],
      [2, () => { const {expr} = this.entity(); return {is: {left: expr, entity_type: random.pick(words.kEntityTypes),
        ...(random.chance(0.3) ? {in: this.entity().expr} : {})}}; }],
      [3, () => { const type = some(); const set = {set: type};
        return random.chance(0.6) ? {contains: {left: this.of(set, depth - 1), right: this.of(type, depth - 1)}}
          : {[random.pick(['containsAll', 'containsAny'])]: {left: this.of(set, depth - 1), right: this.of(set, depth - 1)}}; }],
      [1, () => ({isEmpty: {arg: this.of({set: some()}, depth - 1)}})],
      [1, () => ({[random.pick(['lessThan', 'greaterThanOrEqual'])]: [this.of('decimal', depth - 1), this.of('decimal', depth - 1)]})],
      [1, () => ({isInRange: [this.of('ip', depth - 1), this.of('ip', depth - 1)]})],
      [2, () => binary(random.pick(['==', 'in']), {Var: 'action'}, this.actions())],
    ])();
  }

  hasAtom() {
    const {random} = this;
    const {expr, type} = random.pick(this.places.filter(({type}) => type.entity || type.record));
    const path = [];
    for (let at = type; path.length < 3;) {
      const names = Object.keys(this.fieldsOf(at));
      const name = names.length > 0 && random.chance(0.9) ? random.pick(names) : random.pick(words.kAttributeNames);
      path.push(name);
      const field = this.fieldsOf(at)[name];
      if (!field || random.chance(0.5)) break;
      at = this.resolve(field.type);
    }
    return has(expr, path.length === 1 ? path[0] : path);
  }

  inAtom() {
    const {random, schema} = this;
    const {expr} = this.entity();
    const group = () => entityLiteral(schemas.uidOf(random, schema.types, random.pick(Object.keys(schema.types))));
    const groups = random.weighted([
      [4, () => this.entity().expr], [4, group],
      [2, () => { const one = group(); return {Set: [one, {...one}]}; }],
      [1, () => ({Set: random.times(random.below(3), group)})],
    ])();
    return binary('in', expr, groups);
  }

  actions() {
    const {random} = this;
    const one = () => (random.chance(0.1) ? {Var: 'action'} : entityLiteral({type: 'Action', id: random.pick(words.kActions)}));
    return random.chance(0.6) ? one() : {Set: random.times(random.between(1, 3), one)};
  }

  policy(depth) {
    const {random, schema, environment} = this;
    const types = Object.keys(schema.types);
    const scope = (type) => random.weighted([
      [3, () => ({op: 'All'})],
      [5, () => ({op: 'is', entity_type: type})],
      [1, () => ({op: '==', entity: schemas.uidOf(random, schema.types, type)})],
      [1, () => ({op: 'in', entity: schemas.uidOf(random, schema.types, random.pick(types))})],
      [0.3, () => ({op: 'is', entity_type: random.pick(types), in: {entity: schemas.uidOf(random, schema.types, random.pick(types))}})],
    ])();
    const action = {type: 'Action', id: environment.action};
    const condition = () => {
      this.missing = [];
      const body = this.bool(depth);
      return {kind: random.chance(0.85) ? 'when' : 'unless', body: this.guard(body)};
    };
    return {
      effect: random.chance(0.7) ? 'permit' : 'forbid',
      principal: scope(environment.principal),
      action: random.weighted([[6, {op: '==', entity: action}], [1, {op: 'All'}], [1, {op: 'in', entity: action}],
        [1, {op: 'in', entities: random.times(random.below(3), () => ({type: 'Action', id: random.pick(words.kActions)}))}]]),
      resource: scope(environment.resource),
      conditions: random.times(random.weighted([[1, 0], [6, 1], [2, 2]]), condition),
    };
  }
}

/** An environment of the schema; one that is not in it, where it has none. */
function environmentOf(random, schema) {
  const applicable = Object.entries(schema.actions).filter(([, {applies}]) => applies);
  if (applicable.length === 0) return {principal: 'User', action: 'view', resource: 'User', context: {}};
  const [id, type] = random.pick(applicable);
  return {principal: random.pick(type.principals), action: id, resource: random.pick(type.resources), context: type.context};
}

/** Policies for a schema, in policy JSON. */
export function typedPolicies(random, schema, count) {
  return random.times(count, () => new Author(random, schema, environmentOf(random, schema)).policy(random.between(0, 3)));
}

const kInapplicable = /unable to find an applicable action/;
const kImpossible = /policy is impossible/;
const kSuspicious = /mixed scripts|BIDI control|General Security Profile/;
const sorted = (list) => [...new Set(list)].sort();

/** Which policies have errors, and which have which warnings. */
export function askValidate(reference, call) {
  const it = reference.call('validate', call);
  if (it.type !== 'success') {
    return [{what: 'accepted', answer: it.type === 'crash' ? {crash: true} : {ok: false}, note: messageOf(it)}];
  }
  const ids = (list, pattern) => sorted(list.filter(({error}) => pattern.test(error.message)).map(({policyId}) => policyId));
  const errors = ids(it.validationErrors, /./s);
  const sound = (list) => list.filter((id) => !errors.includes(id));
  const inapplicable = sound(ids(it.validationWarnings, kInapplicable));
  const note = it.validationErrors.map(({error}) => error.message).join('; ');
  return [
    {what: 'accepted', answer: {ok: true}},
    {what: 'errors', answer: errors, note},
    {what: 'inapplicable', answer: inapplicable},
    {what: 'impossible', answer: sound(ids(it.validationWarnings, kImpossible)).filter((id) => !inapplicable.includes(id))},
    {what: 'suspicious', answer: ids(it.validationWarnings, kSuspicious)},
  ];
}

export function validateFindings(answer) {
  if (!answer.ok) return [{what: 'accepted', answer: {ok: false}, note: answer.error}];
  return [
    {what: 'accepted', answer: {ok: true}},
    ...['errors', 'inapplicable', 'impossible', 'suspicious'].map((what) =>
      ({what, answer: sorted(answer[what]), note: answer.note})),
  ];
}
