// The accepted differences, each told by the narrowest test that knows it. explained.md gives the
// reasons.
//
// A rule `knows` a difference by the case and by what each engine said. Where it has a `variant` (the
// same case without the odd thing) the difference counts as explained only if both engines agree on
// the variant: then nothing else is hidden behind the rule.

import {write} from './json.mjs';
import {commentsOf, withoutTrailingCommas} from './texts.mjs';

const kDocuments = ['policies', 'schema', 'entities', 'context', 'action', 'policy'];

/** The case with each of its JSON documents changed. */
function rewritten(it, change) {
  const out = {...it};
  for (const name of kDocuments) if (out[name] !== undefined) out[name] = change(out[name]);
  if (out.requests) out.requests = out.requests.map(change);
  return out;
}

const isStricter = ({expected, found}) => expected.answer.ok !== false && found.answer.ok === false;
const isLaxer = ({expected, found}) => expected.answer.ok === false && found.answer.ok !== false;

const kNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const isLong = (text) => /^-?\d+$/.test(text) && text !== '-0' && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
const withoutOddNumbers = (text) => text.replace(kNumber, (m) => (m[0] === '"' || isLong(m) ? m : 'null'));

/** Entities written as `{"type", "id"}` lose what else is written in `__entity` beside it. */
function withoutSecondSpelling(text) {
  try {
    return JSON.stringify(JSON.parse(text, (_, v) => {
      if (v === null || typeof v !== 'object' || !('type' in v && 'id' in v)) return v;
      const {__entity, ...rest} = v;
      return rest;
    }));
  } catch {
    return text;
  }
}

export const kExplained = [
  {
    name: 'reference-crash',
    knows: ({expected}) => expected.answer.crash === true,
  },
  {
    name: 'number-in-ignored-member',
    knows: (difference) => isLaxer(difference) &&
        /RawCedarValueJson|number out of range/.test(difference.expected.note),
    variant: (it) => rewritten(it, withoutOddNumbers),
  },
  {
    name: 'wildcard-as-object',
    knows: (difference) => isStricter(difference) && /expected `"Wildcard"`/.test(difference.found.note),
    variant: (it) => rewritten(it, (text) => text.replaceAll('{"Wildcard":null}', '"Wildcard"')),
  },
  {
    name: 'array-as-object',
    knows: (difference) => isStricter(difference) && /an object is expected$/.test(difference.found.note),
    variant: (it) => rewritten(it, (text) => text.replaceAll('[]', '{}')),
  },
  {
    name: 'partial-evaluation',
    knows: (difference) => isStricter(difference) &&
        /unknown operator or function `unknown`/.test(difference.found.note),
  },
  {
    name: 'entity-spelled-twice',
    knows: (difference) => isStricter(difference) && /expected an entity, /.test(difference.found.note) &&
        write(difference.it).includes('__entity'),
    variant: (it) => rewritten(it, withoutSecondSpelling),
  },
  {
    name: 'unknown-function-in-escape',
    knows: (difference) => isStricter(difference) && /accepted$/.test(difference.what) &&
        /__extn\.fn: unknown function `/.test(difference.found.note),
    variant: (it) => rewritten(it, (text) => text.replaceAll(/"fn":"nope\w*"/g, '"fn":"ip"')),
  },
  {
    name: 'schema-name-taken-twice',
    knows: (difference) => isStricter(difference) && difference.it.op === 'translate' &&
        /names both a common type and something else/.test(difference.found.note),
  },
  {
    name: 'formatter-not-stable',
    knows: ({what, expected, found}) => what === 'formatted' && expected.stable === found.answer.text,
  },
  {
    name: 'formatter-loses-comment',
    knows: ({what, it, expected}) => what === 'formatted' &&
        commentsOf(expected.answer.text).length < commentsOf(it.text).length,
    variant: (it) => ({...it, text: withoutTrailingCommas(it.text)}),
  },
];

/**
 * The name of the rule that explains the difference, or nothing. `ask` compares a case anew. Behind
 * one odd thing there may be another, which must be explained too.
 */
export async function explain(difference, ask, depth = 3) {
  if (difference.found.answer.ended) return undefined;
  for (const {name, knows, variant} of kExplained) {
    if (knows(difference) && (!variant || await isExplained(variant(difference.it), ask, depth - 1))) return name;
  }
}

async function isExplained(it, ask, depth) {
  for (const difference of (await ask(it)).differences) {
    if (depth === 0 || !await explain(difference, ask, depth)) return false;
  }
  return true;
}
