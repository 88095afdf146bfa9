// Puts a case to both engines. Both give the same shape: a list of findings, each
// {what, answer}, where `answer` is what must be equal.

import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {read, Verbatim, write} from './json.mjs';
import {messageOf} from './reference.mjs';
import * as texts from './texts.mjs';
import * as validation from './validation.mjs';

const verbatim = (text) => new Verbatim(text);
const document = (members) => verbatim('{' + Object.entries(members)
    .filter(([, text]) => text !== undefined).map(([key, text]) => `"${key}":${text}`).join(',') + '}');

const kCrash = {crash: true};
const refused = (answer) => answer.type === 'crash' ? kCrash : {ok: false};
const accepted = (answer) => (answer.type === 'success' ? {ok: true} : refused(answer));

/** The reference's findings. `note` carries its own words, for the report. */
const kAsk = {
  text(reference, {text}) {
    const answer = reference.call('policySetTextToParts', text);
    const findings = [{what: 'accepted', answer: accepted(answer), note: messageOf(answer)}];
    if (answer.type !== 'success') return findings;
    const json = (name) => (part, i) => {
      const it = reference.call(name, part);
      findings.push({what: `${name} ${i}`, answer: it.type === 'success' ? {json: it.json} : refused(it),
                     note: messageOf(it)});
    };
    answer.policies.forEach(json('policyToJson'));
    answer.policy_templates.forEach(json('templateToJson'));
    return findings;
  },

  json(reference, {policy, isTemplate}) {
    const [toText, toJson] = isTemplate ? ['templateToText', 'templateToJson'] : ['policyToText', 'policyToJson'];
    const text = reference.call(toText, verbatim(policy));
    const findings = [{what: 'accepted', answer: accepted(text), note: messageOf(text)}];
    if (text.type !== 'success') return findings;
    const again = reference.call(toJson, text.text);
    const note = `${text.text} ${messageOf(again)}`;
    if (again.type !== 'success') return [...findings, {what: 'text and back', answer: refused(again), note}];
    // Asked for the JSON of JSON the reference gives it back unread; what it means shows in its text.
    for (const what of ['json', 'text and back']) findings.push({what, answer: {json: again.json}, note});
    return findings;
  },

  decide(reference, {policies, schema, entities, validate, requests}) {
    const set = reference.call('preparsePolicySet', 's', verbatim(policies));
    const findings = [{what: 'policies accepted', answer: accepted(set), note: messageOf(set)}];
    if (set.type !== 'success') return findings;
    if (schema !== undefined) {
      const it = reference.call('preparseSchema', 's', verbatim(schema));
      findings.push({what: 'schema accepted', answer: accepted(it), note: messageOf(it)});
      if (it.type !== 'success') return findings;
    }
    const fixed = `,"preparsedPolicySetId":"s","validateRequest":${validate},"entities":${entities}` +
        (schema === undefined ? '}' : ',"preparsedSchemaName":"s"}');
    for (const [i, request] of requests.entries()) {
      const it = reference.call('statefulIsAuthorized', verbatim(requestMembers(request) + fixed));
      findings.push({what: `request ${i}`, answer: decision(it), note: messageOf(it)});
      if (it.type === 'crash') break;  // what was prepared is lost
    }
    return findings;
  },

  entities(reference, {entities, schema}) {
    const it = reference.call('checkParseEntities', document({entities, schema}));
    return [{what: 'accepted', answer: accepted(it), note: messageOf(it)}];
  },

  context(reference, {context, schema, action}) {
    const it = reference.call('checkParseContext', document({context, schema, action}));
    return [{what: 'accepted', answer: accepted(it), note: messageOf(it)}];
  },

  schema(reference, {schema}) {
    const it = reference.call('checkParseSchema', schema[0] === '"' ? JSON.parse(schema) : verbatim(schema));
    return [{what: 'accepted', answer: accepted(it), note: messageOf(it)}];
  },

  format: texts.askFormat,
  translate: texts.askTranslation,
  validate: (reference, {policies, schema}) => validation.askValidate(reference, document({policies, schema})),
};

/** The request's text without its closing brace; what is no object is left to fail. */
const requestMembers = (text) => (text.endsWith('}') && text.length > 2 ? text.slice(0, -1) : '{"request":' + text);

function decision(it) {
  if (it.type !== 'success') return refused(it);
  const {decision, diagnostics} = it.response;
  return {decision, reasons: diagnostics.reason.sort(),
          errors: diagnostics.errors.map((e) => e.policyId).sort()};
}

export function askReference(reference, it) {
  return kAsk[it.op](reference, it);
}

/** Wardlock, in a process of its own that answers one line for each line. */
export class Peer {
  constructor(path) {
    this.child = spawn(path, [], {stdio: ['pipe', 'pipe', 'inherit']});
    this.waiting = [];
    this.child.stdin.on('error', () => {});  // its end is reported by `exit`
    this.child.on('error', (error) => this.end(error.message));
    this.child.on('exit', (code, signal) => this.end(`ended (${signal ?? code})`));
    createInterface({input: this.child.stdout, crlfDelay: Infinity}).on('line', (line) => this.waiting.shift()?.resolve(line));
  }

  end(reason) {
    this.ended = reason;
    for (const {reject} of this.waiting.splice(0)) reject(new Error(`the peer ${reason}`));
  }

  /** A promise of the findings. */
  async ask(it) {
    if (this.ended) throw new Error(`the peer ${this.ended}`);
    const line = await new Promise((resolve, reject) => {
      this.waiting.push({resolve, reject});
      this.child.stdin.write(write(it) + '\n');
    });
    return findingsOf(it, read(line));
  }

  close() {
    this.child.stdin.end();
  }
}

/** What there is to say of a case that ended the peer. */
export function endedFindings(it, reason) {
  return [{what: it.op === 'decide' ? 'policies accepted' : 'accepted', answer: {ended: true}, note: reason}];
}

/** Gives the peer's answer the reference's shape. */
function findingsOf(it, answer) {
  const outcome = ({ok, error}) => ({answer: {ok}, note: error ?? ''});
  switch (it.op) {
    case 'text':
      return [{what: 'accepted', ...outcome(answer)},
              ...(answer.policies ?? []).map((json, i) => ({what: `policyToJson ${i}`, answer: {json}})),
              ...(answer.templates ?? []).map((json, i) => ({what: `templateToJson ${i}`, answer: {json}}))];
    case 'json':
      return !answer.ok ? [{what: 'accepted', ...outcome(answer)}]
          : [{what: 'accepted', ...outcome(answer)}, {what: 'json', answer: {json: answer.json}},
             {what: 'text and back', answer: answer.again ? {json: answer.again} : {ok: false}, note: answer.text},
             ...(answer.text ? [{what: 'text', answer: answer.text}] : [])];
    case 'decide': return decisionsOf(it, answer);
    case 'validate': return validation.validateFindings(answer);
    case 'format': return texts.formatFindings(answer);
    case 'translate': return texts.translationFindings(answer);
    default: return [{what: 'accepted', ...outcome(answer)}];
  }
}

function decisionsOf(it, {policies, schema, requests}) {
  const findings = [{what: 'policies accepted', answer: {ok: policies.ok}, note: policies.error}];
  if (schema) findings.push({what: 'schema accepted', answer: {ok: schema.ok}, note: schema.error});
  for (const [i, {error, ...answer}] of (requests ?? []).entries()) {
    findings.push({what: `request ${i}`, answer, note: typeof error === 'string' ? error : ''});
  }
  return findings;
}
