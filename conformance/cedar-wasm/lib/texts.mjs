// Cases about text itself: policies to be formatted, schemas to be put into the other syntax.

import {tokensOf} from './hostile.mjs';
import {Verbatim} from './json.mjs';
import {messageOf} from './reference.mjs';

const kComments = [
  '//', '// c', '//c', '// "quoted', '// a // b', '//// x', '// {', '// ;', '//  two  words ', '// \\', '//\ttab\t',
  '// a comment that is so long that it does not fit on any line whatever the width may be, or nearly so',
  '// é', '// 漢字', '// \u00a0', '//\v',
];
const kBlanks = [' ', ' ', '  ', '\n', '\n\n', '\n  \n', '\t', '\r\n', '\r\n\r\n'];

/** Something to stand between two tokens: blanks and comments. */
function gap(random, share) {
  let out = random.pick(kBlanks);
  while (random.chance(share)) {
    const end = random.weighted([[20, '\n'], [3, '\r\n'], [0.2, '\r']]);
    out += random.pick(kComments) + end + (random.chance(0.5) ? random.pick(kBlanks) : '');
  }
  return out;
}

/** The text with other blanks between its tokens, and comments. */
function respaced(random, text) {
  const share = random.pick([0, 0.01, 0.05, 0.2, 0.5]);
  const blank = random.pick([0.02, 0.2, 0.8]);
  const isBlank = (token) => /^\s|^\/\//.test(token);
  let out = '';
  for (const token of tokensOf(text)) {
    const changes = random.chance(blank);
    if (isBlank(token)) out += changes ? gap(random, share) : token;
    else out += (changes && random.chance(share) ? gap(random, 0.7) : '') + token;
  }
  return out + (random.chance(share) ? gap(random, 0.7) : '');
}

export function formatCase(random, text) {
  return {
    op: 'format', text: respaced(random, text),
    lineWidth: random.weighted([[6, 80], [2, random.between(10, 60)], [1, 120], [0.5, 0]]),
    indentWidth: random.weighted([[6, 2], [2, 4], [1, random.below(9)]]),
  };
}

const kMostTimes = 12;

/**
 * The reference's text, and what it becomes when formatted again and again: `stable` is missing
 * where it never comes to rest.
 */
export function askFormat(reference, {text, lineWidth, indentWidth}) {
  const format = (policyText) => reference.call('formatPolicies', JSON.parse(JSON.stringify({policyText, lineWidth, indentWidth})));
  const first = format(text);
  const accepted = {what: 'accepted', answer: first.type === 'crash' ? {crash: true} : {ok: first.type === 'success'}, note: messageOf(first)};
  if (first.type !== 'success') return [accepted];
  let [last, stable] = [first.formatted_policy, undefined];
  for (let i = 0; i < kMostTimes && stable === undefined; i++) {
    const again = format(last);
    if (again.type !== 'success') break;
    if (again.formatted_policy === last) stable = last;
    last = again.formatted_policy;
  }
  return [accepted, {what: 'formatted', answer: {text: first.formatted_policy}, stable, note: first.formatted_policy}];
}

export function formatFindings({ok, error, formatted}) {
  const accepted = {what: 'accepted', answer: {ok}, note: error ?? ''};
  return ok ? [accepted, {what: 'formatted', answer: {text: formatted}, note: formatted}] : [accepted];
}

const isComment = (token) => token.startsWith('//');
const isSpace = (token) => isComment(token) || /^[\s\u0085]/.test(token);

/** Comments end where their line does, also at a lone carriage return. */
const piecesOf = (text) => text.match(/"(?:[^"\\]|\\.)*"|\/\/[^\r\n]*|[\s\u0085]+|\w+|./gsu) ?? [];

export const commentsOf = (text) => piecesOf(text).filter(isComment);

/** Commas before a closing bracket go, and the comments around them. */
export function withoutTrailingCommas(text) {
  const out = [];
  for (const token of piecesOf(text)) {
    if (/^[)\]}]$/.test(token)) {
      const comma = out.findLastIndex((other) => !isSpace(other));
      if (out[comma] === ',') {
        let before = comma;
        while (before > 0 && isSpace(out[before - 1])) before--;
        out.splice(before, out.length, ' ');
      }
    }
    out.push(token);
  }
  return out.join('');
}

/** A group of actions without a type is one of type `Action`. */
const withoutDefaults = (schema) => JSON.parse(JSON.stringify(schema), (key, value) =>
  (key === 'type' && value === 'Action' ? undefined : value));

/** Text to JSON is compared as it is; JSON to text by what the text means in JSON again. */
export function askTranslation(reference, {schema}) {
  const isText = schema[0] === '"';
  const answer = isText ? reference.call('schemaToJson', JSON.parse(schema))
                        : reference.call('schemaToText', new Verbatim(schema));
  const accepted = {what: 'accepted', answer: answer.type === 'crash' ? {crash: true} : {ok: answer.type === 'success'},
                    note: answer.text ?? messageOf(answer)};
  if (answer.type !== 'success') return [accepted];
  if (isText) return [accepted, {what: 'translated', answer: {json: answer.json}}];
  const again = reference.call('schemaToJson', answer.text);
  return [accepted, {what: 'translated and back', answer: {json: again.json && withoutDefaults(again.json)}, note: answer.text}];
}

export function translationFindings({ok, error, json, text, again}) {
  const accepted = {what: 'accepted', answer: {ok}, note: error ?? ''};
  if (!ok) return [accepted];
  if (json) return [accepted, {what: 'translated', answer: {json}}];
  return [accepted, {what: 'translated and back', answer: {json: again && withoutDefaults(again)}, note: text},
          {what: 'schema text', answer: text}];
}

/** Our schema text, read by the reference, must mean the same document. */
export function crossCheckTranslation(reference, found) {
  const text = found.find(({what}) => what === 'schema text');
  if (!text) return [];
  const answer = reference.call('schemaToJson', text.answer);
  const back = found.find(({what}) => what === 'translated and back');
  text.answer = back.answer;
  return [{what: 'schema text', answer: {json: answer.json && withoutDefaults(answer.json)}, note: 'our text, read by the reference'}];
}
