// Random policies, templates and links, as policy JSON.

import {expression} from './expressions.mjs';
import * as words from './words.mjs';

const kSlotted = 0.75;

/** A principal or resource constraint; `slot` is its slot's name in a template. */
function scope(random, slot) {
  const target = () => (slot && random.chance(kSlotted) ? {slot} : {entity: words.uid(random)});
  return random.weighted([
    [slot ? 1 : 9, () => ({op: 'All'})],
    [2, () => ({op: '==', ...target()})],
    [4, () => ({op: 'in', ...target()})],
    [2, () => ({op: 'is', entity_type: random.pick(words.kEntityTypes)})],
    [2, () => ({op: 'is', entity_type: random.pick(words.kEntityTypes), in: target()})],
  ])();
}

export function action(random) {
  const id = () => random.pick([...words.kActions, 'view', 'edit']);
  return {type: 'Action', id: id()};
}

function actionScope(random) {
  return random.weighted([
    [6, () => ({op: 'All'})],
    [3, () => ({op: '==', entity: action(random)})],
    [2, () => ({op: 'in', entity: action(random)})],
    [2, () => ({op: 'in', entities: random.times(random.below(4), () => action(random))})],
  ])();
}

const kAnnotationNames = ['id', 'doc', 'reason', 'x_note', 'if', 'permit', '__cedar', 'a1'];

function annotations(random) {
  if (random.chance(0.85)) return undefined;
  const names = random.some(kAnnotationNames, 0.3);
  return Object.fromEntries(names.map((name) => [name, words.string(random)]));
}

/** A policy; with `isTemplate` its scope usually has slots. */
export function policy(random, depth, isTemplate = false) {
  const count = random.weighted([[1, 0], [7, 1], [2, 2], [1, 3]]);
  const body = {
    effect: random.chance(0.65) ? 'permit' : 'forbid',
    principal: scope(random, isTemplate ? '?principal' : null),
    action: actionScope(random),
    resource: scope(random, isTemplate ? '?resource' : null),
    conditions: random.times(count, () => ({
      kind: random.chance(0.8) ? 'when' : 'unless',
      body: expression(random, 'Bool', random.between(1, depth)),
    })),
  };
  const notes = annotations(random);
  return notes ? {...body, annotations: notes} : body;
}

/** A permit for everything, under one condition: the request's outcome shows the expression's. */
export function probe(random, depth) {
  return {
    effect: 'permit', principal: {op: 'All'}, action: {op: 'All'}, resource: {op: 'All'},
    conditions: [{kind: 'when', body: expression(random, 'Bool', random.between(1, depth))}],
  };
}

export function hasSlot({principal, resource}) {
  return [principal, resource].some((c) => c.slot || c.in?.slot);
}

const kPolicyIds = ['p0', 'p1', 'p2', 'p3', 'policy0', 'policy1', 'a b', '', 'é', 'P0', '0', 'template'];

export function policyId(random, index) {
  return random.chance(0.97) ? `p${index}` : random.pick(kPolicyIds);
}

/** A link of the template, sometimes with a slot too many or too few. */
export function link(random, templateId, template, newId) {
  const values = {};
  const slots = [[template.principal, '?principal'], [template.resource, '?resource']];
  for (const [constraint, slot] of slots) {
    const wanted = Boolean(constraint.slot || constraint.in?.slot);
    if (wanted !== random.chance(0.01)) values[slot] = words.uid(random);
  }
  return {templateId: random.chance(0.99) ? templateId : 'missing', newId, values};
}
