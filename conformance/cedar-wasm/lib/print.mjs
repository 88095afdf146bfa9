// Policy JSON to Cedar text, in many spellings: blanks and comments anywhere, needless
// parentheses, trailing commas, escapes, `a.b` or `a["b"]`.

import {Verbatim} from './json.mjs';
import {kReserved} from './words.mjs';

// Levels of the grammar, loosest first.
const kExpr = 0, kOr = 1, kAnd = 2, kRelation = 3, kAdd = 4, kMultiply = 5, kUnary = 6, kMember = 7;

const kBinary = {
  '||': [kOr, kOr, kAnd], '&&': [kAnd, kAnd, kRelation],
  '==': [kRelation, kAdd, kAdd], '!=': [kRelation, kAdd, kAdd], '<': [kRelation, kAdd, kAdd],
  '<=': [kRelation, kAdd, kAdd], '>': [kRelation, kAdd, kAdd], '>=': [kRelation, kAdd, kAdd],
  'in': [kRelation, kAdd, kAdd],
  '+': [kAdd, kAdd, kMultiply], '-': [kAdd, kAdd, kMultiply], '*': [kMultiply, kMultiply, kUnary],
};
const kMethods = new Set(['contains', 'containsAll', 'containsAny', 'getTag', 'hasTag']);
const kConstructors = new Set(['decimal', 'ip', 'datetime', 'duration']);
const kIdentifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

const isName = (text) => kIdentifier.test(text) && !kReserved.includes(text);

export class Printer {
  /** `noise` is the share of places that are spelled in an unusual way. */
  constructor(random, noise) {
    this.random = random;
    this.noise = noise;
  }

  odd() {
    return this.noise > 0 && this.random.chance(this.noise);
  }

  /** What may stand between two tokens. `needed`: they would run together. */
  gap(needed = false) {
    if (!this.odd()) return needed ? ' ' : (this.noise > 0 && this.random.chance(0.5) ? '' : ' ');
    return this.random.pick([' ', '  ', '\n', '\t', '\r\n', '// x "y" \n', ' //\n', '\u000b', '\u000c']) +
        (this.random.chance(0.02) ? this.random.pick(['\u00a0', '\ufeff', '/* */', '\u0085', '\r']) : '');
  }

  string(value) {
    const text = value instanceof Verbatim ? JSON.parse(value.text) : value;
    return '"' + Array.from(text, (c) => this.character(c, false)).join('') + '"';
  }

  character(c, inPattern) {
    const code = c.codePointAt(0);
    const must = c === '"' || c === '\\' || c === '\r' || (inPattern && c === '*');
    if (!must && !this.odd()) return code < 0x20 && code !== 0x0a && code !== 0x09 ? this.escape(c) : c;
    if (inPattern && c === '*') return '\\*';
    return this.escape(c);
  }

  escape(c) {
    const short = {'\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', '"': '\\"', "'": "\\'", '\0': '\\0'};
    const code = c.codePointAt(0);
    const forms = [`\\u{${code.toString(16)}}`];
    if (code <= 0xfffff) forms.push(`\\u{0${code.toString(16).toUpperCase()}}`);
    if (code < 0x80) forms.push(`\\x${code.toString(16).padStart(2, '0')}`);
    return short[c] ? this.random.pick([short[c], short[c], ...forms]) : this.random.pick(forms);
  }

  uid({type, id}) {
    return type.split('::').join(this.odd() ? this.gap() + '::' + this.gap() : '::') + '::' + this.string(id);
  }

  list(open, items, close) {
    const comma = this.gap() + ',' + this.gap();
    const trailing = items.length > 0 && this.odd() ? ',' : '';
    return open + this.gap() + items.join(comma) + trailing + this.gap() + close;
  }

  /** The expression as text that can stand where `level` is wanted. */
  expr(e, level = kExpr) {
    const [own, text] = this.bare(e);
    return own < level || this.odd() ? '(' + this.gap() + text + this.gap() + ')' : text;
  }

  bare(e) {
    const [op] = Object.keys(e);
    const body = e[op];
    if (kBinary[op] && body.left) {
      const [own, left, right] = kBinary[op];
      const glue = op === 'in';
      return [own, this.expr(body.left, left) + this.gap(glue) + op + this.gap(glue) +
                   this.expr(body.right, right)];
    }
    if (kMethods.has(op)) return [kMember, this.call(body.left, op, [body.right])];
    if (Array.isArray(body) && op !== 'Set') return [kMember, this.extension(op, body)];
    return this[op]?.(body) ?? this.special(op, body);
  }

  special(op, body) {
    switch (op) {
      case '!': return [kUnary, '!' + this.gapAfterSign() + this.operand(body.arg, '!')];
      case 'neg': return [kUnary, '-' + this.gapAfterSign() + this.operand(body.arg, 'neg')];
      case '.': return [kMember, this.member(body.left) + this.attribute(body.attr)];
      case 'if-then-else':
        return [kExpr, 'if' + this.gap(true) + this.expr(body.if) + this.gap(true) + 'then' + this.gap(true) +
                       this.expr(body.then) + this.gap(true) + 'else' + this.gap(true) + this.expr(body.else)];
      default: throw new Error(`no text for ${op}`);
    }
  }

  gapAfterSign() {
    return this.odd() ? this.gap() : '';
  }

  /** What follows `!` or `-`: the other sign needs parentheses, and so does a number after `-`. */
  operand(e, op) {
    const [inner] = Object.keys(e);
    const isNumber = inner === 'Value' && typeof e.Value !== 'object' && !isNaN(Number(e.Value)) &&
        typeof e.Value !== 'boolean' && typeof e.Value !== 'string';
    if (isNumber && op === 'neg') return e.Value < 0n ? this.expr(e, kUnary) : `(${this.expr(e)})`;
    return inner === op && this.random.chance(0.9) ? this.expr(e, kUnary) : this.expr(e, kMember);
  }

  Value(v) {
    if (v?.__entity) return [kMember, this.uid(v.__entity)];
    if (typeof v === 'bigint' || typeof v === 'number') {
      return v < 0 ? [kUnary, '-' + this.gapAfterSign() + String(-BigInt(v))] : [kMember, String(v)];
    }
    if (typeof v === 'boolean') return [kMember, String(v)];
    return [kMember, this.string(v)];
  }

  Var(name) {
    return [kMember, name];
  }

  Set(members) {
    return [kMember, this.list('[', members.map((m) => this.expr(m)), ']')];
  }

  Record(fields) {
    const entries = Object.entries(fields).map(([name, e]) =>
      this.key(name) + this.gap() + ':' + this.gap() + this.expr(e));
    return [kMember, this.list('{', entries, '}')];
  }

  /** Where both an identifier and a string may stand. */
  key(name) {
    return isName(name) && !this.odd() ? name : this.string(name);
  }

  attribute(name) {
    if (isName(name) && !this.odd()) return '.' + name;
    return '[' + this.gap() + this.string(name) + this.gap() + ']';
  }

  has({left, attr}) {
    const path = Array.isArray(attr) ? attr.join('.') : this.key(attr);
    return [kRelation, this.expr(left, kAdd) + this.gap(true) + 'has' + this.gap(true) + path];
  }

  like({left, pattern}) {
    const text = pattern.map((e) => (e === 'Wildcard' ? this.wildcard() : Array.from(e.Literal, (c) =>
      this.character(c, true)).join(''))).join('');
    return [kRelation, this.expr(left, kAdd) + this.gap(true) + 'like' + this.gap(true) + `"${text}"`];
  }

  /** An escape that means a star is a wildcard too. */
  wildcard() {
    return this.odd() ? this.random.pick(['\\x2a', '\\u{2a}', '\\x2A', '*']) : '*';
  }

  is({left, entity_type, in: group}) {
    const test = this.expr(left, kAdd) + this.gap(true) + 'is' + this.gap(true) + entity_type;
    return [kRelation, group ? test + this.gap(true) + 'in' + this.gap(true) + this.expr(group, kAdd) : test];
  }

  isEmpty({arg}) {
    return [kMember, this.call(arg, 'isEmpty', [])];
  }

  extension(name, args) {
    if (kConstructors.has(name) || args.length === 0) {
      return name + this.list('(', args.map((a) => this.expr(a)), ')');
    }
    return this.call(args[0], name, args.slice(1));
  }

  call(receiver, name, args) {
    return this.member(receiver) + '.' + name + this.list('(', args.map((a) => this.expr(a)), ')');
  }

  member(e) {
    return this.expr(e, kMember);
  }

  // Policies.

  policy(p) {
    const annotations = Object.entries(p.annotations ?? {}).map(([name, text]) =>
      '@' + name + (text === null || (text === '' && this.odd()) ? '' : `(${this.string(text)})`) + this.gap(true));
    const scope = this.list('(', [this.scope('principal', p.principal), this.scope('action', p.action),
                                  this.scope('resource', p.resource)], ')');
    const conditions = p.conditions.map(({kind, body}) =>
      this.gap() + kind + this.gap() + '{' + this.gap() + this.expr(body) + this.gap() + '}');
    return annotations.join('') + p.effect + this.gap() + scope + conditions.join('') + this.gap() + ';';
  }

  scope(name, constraint) {
    const target = (c) => c.slot ?? (c.entity ? this.uid(c.entity)
        : this.list('[', c.entities.map((uid) => this.uid(uid)), ']'));
    switch (constraint.op) {
      case 'All': return name;
      case '==': return name + this.gap() + '==' + this.gap() + target(constraint);
      case 'in': return name + this.gap(true) + 'in' + this.gap(true) + target(constraint);
      default:
        return name + this.gap(true) + 'is' + this.gap(true) + constraint.entity_type +
            (constraint.in ? this.gap(true) + 'in' + this.gap(true) + target(constraint.in) : '');
    }
  }
}
