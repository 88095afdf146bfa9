// Conditions close to the edges of the semantics, as text: what random trees meet too rarely. Each is
// a template over odd values; what it comes to is the reference's to say.

import * as words from './words.mjs';

const quoted = (text) => '"' + Array.from(text, (c) =>
  (/[\x20-\x7e]/.test(c) && c !== '"' && c !== '\\' ? c : `\\u{${c.codePointAt(0).toString(16)}}`)).join('') + '"';

const kLongs = ['0', '1', '-1', '2', '-2', '3', '9223372036854775807', '-9223372036854775807', '-9223372036854775808',
                '4611686018427387904', '-4611686018427387904', '3037000500', '-3037000500', '4294967296'];
const kNetworks = ['0.0.0.0', '10.0.0.0', '10.0.0.1', '10.128.0.0', '127.0.0.0', '127.0.0.1', '128.0.0.0', '224.0.0.0', '239.255.255.255',
                   '::', '::1', '::2', 'ff00::', 'ff02::1', 'fe80::', '2001:db8::', '8000::'];
const kPrefixes = ['', '/0', '/1', '/3', '/4', '/7', '/8', '/9', '/24', '/31', '/32', '/33', '/64', '/127', '/128'];
const kMoments = ['1970-01-01', '1969-12-31', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.001Z', '1970-01-02', '1969-12-30T12:00:00Z',
                  '0000-01-01', '9999-12-31T23:59:59.999Z', '2024-02-29T12:34:56.789Z', '1970-01-01T00:00:00+0100', '1970-01-01T00:00:00-0001'];
const kSpans = ['0ms', '1ms', '-1ms', '999ms', '-999ms', '1s', '-1s', '59s999ms', '1m', '-1m', '1h', '-1h', '23h59m59s999ms', '1d', '-1d', '-1d1ms',
                '24h', '-36h', '9223372036854775807ms', '-9223372036854775808ms', '106751991167d', '-106751991167d', '106751991167d7h12m55s807ms'];
const kTexts = ['', '*', '**', 'a', 'b', 'ab', 'aba', 'abab', 'a*b', 'aab', '\u00e9', 'e\u0301', '\u{1f600}', '\u{1f600}\u{1f601}', '\n', '\0', '\\', '"'];
const kPatterns = ['', '*', '**', 'a', 'a*', '*a', '*a*', 'a*a', 'a*b', 'ab*ba', 'a*ba', 'aba*aba', 'a\\*b', '\\*', '\\**', '*\\*', '\\x2a', 'a\\x2ab',
                   '\\u{2a}', '\\u{2a}b', '*\\u{1f600}*', '\\u{1f600}*', '*\\x61*', '\\n', '\\0*', '\\\\', '\\\\*', '\\"', "\\'", '\\u{e9}', 'e*', '\\x7f',
                   '\\x80', '\\x2A', '\\u{00002a}', '\\u{0000002a}', '\\u{d800}', '\\u{110000}', '\\u{}', '\\u{_2a}', '\\u{2_a}', '\\q', '\\x4', '\\u2a', '\\'];
const kUids = ['User::"alice"', 'User::"bob"', 'Group::"g1"', 'Photo::"p1"', 'User::"nobody"', 'Action::"view"', 'principal', 'resource', 'action',
               'User::""', 'User::"\\x61lice"', 'NS::Device::"bob"', 'NS :: Device :: "bob"'];
const kScalars = ['1', '1.0', 'true', 'false', '"a"', '""', 'User::"alice"', '[]', '{}', '[1]', '[[]]', '{a: 1}', '{"a": 1}', '{a: {}}',
                  'decimal("1.0")', 'decimal("1.00")', 'ip("10.0.0.1")', 'ip("10.0.0.1/32")', 'datetime("1970-01-01")', 'datetime("1970-01-01T00:00:00Z")',
                  'duration("1d")', 'duration("24h")', '[1, 1]', '[1, 2]', '[2, 1]', '[1, true]', '[true, 1]', 'context', 'principal', '0', '-0'];
const kBooleans = ['true', 'false', '1', '"a"', 'context', '(1 + "a")', 'principal.missing', '!1', '(true)', 'principal has missing',
                   'User::"nobody".x', 'User::"nobody" has x', 'User::"nobody".hasTag("x")', 'User::"nobody".getTag("x")', 'ip("x").isIpv4()'];
const kComparisons = ['==', '!=', '<', '<=', '>', '>='];
const kDecimals = ['0.0', '-0.0', '0.5', '-0.5', '0.0001', '-0.0001', '1.0', '1.0000', '-1.0', '922337203685477.5807', '-922337203685477.5808'];

class Edge {
  constructor(random) {
    this.random = random;
  }

  of(list) {
    return this.random.pick(list);
  }

  long() {
    return this.random.weighted([
      [4, () => this.of(kLongs)], [1, () => `-(${this.of(kLongs)})`], [1, () => `--${this.of(kLongs)}`.replace('---', '--')],
      [1, () => `(${this.of(kLongs)} ${this.of(['+', '-', '*'])} ${this.of(kLongs)})`],
    ])();
  }

  ip() {
    return `ip("${this.of(kNetworks)}${this.of(kPrefixes)}")`;
  }

  moment() {
    const plain = `datetime("${this.of(kMoments)}")`;
    return this.random.weighted([
      [4, plain], [2, `${plain}.offset(${this.span()})`], [1, `${plain}.toDate()`], [1, `${plain}.offset(${this.span()}).toDate()`],
    ]);
  }

  span() {
    const plain = `duration("${this.of(kSpans)}")`;
    if (this.random.chance(0.75)) return plain;
    return this.random.chance(0.5) ? `datetime("${this.of(kMoments)}").toTime()`
        : `datetime("${this.of(kMoments)}").durationSince(datetime("${this.of(kMoments)}"))`;
  }

  set(members) {
    return '[' + this.random.times(this.random.below(4), () => this.of(members)).join(', ') + ']';
  }

  group() {
    return this.random.weighted([
      [3, () => this.of(kUids)], [3, () => this.set(kUids)], [1, () => this.set([...kUids, '1', '"a"', 'User::"alice".x'])],
    ])();
  }
}

const kConditions = [
  (e) => `${e.long()} ${e.of(kComparisons)} ${e.long()}`,
  (e) => `${e.long()} ${e.of(['+', '-', '*'])} ${e.long()} ${e.of(kComparisons)} ${e.long()}`,
  (e) => `${e.of(['-', '--', '---', '----', '-----', '- -', '-(-'])}${e.of(kLongs)} == ${e.long()}`,
  (e) => `${e.of(['!', '!!', '!!!', '!!!!', '!!!!!', '! !', '!-', '-!'])}${e.of(kBooleans)}`,
  (e) => `${e.ip()}.isInRange(${e.ip()})`,
  (e) => `${e.ip()}.${e.of(['isLoopback', 'isMulticast', 'isIpv4', 'isIpv6'])}()`,
  (e) => `${e.ip()} == ${e.ip()}`,
  (e) => `${e.moment()} ${e.of(kComparisons)} ${e.moment()}`,
  (e) => `${e.span()} ${e.of(kComparisons)} ${e.span()}`,
  (e) => `datetime("${e.of(kMoments)}").toTime() ${e.of(kComparisons)} ${e.span()}`,
  (e) => `${e.moment()}.toTime() ${e.of(['>=', '<'])} duration("0ms")`,
  (e) => `${e.span()}.${e.of(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'])}() ${e.of(kComparisons)} ${e.of(['0', '1', '-1', '86400', '-2'])}`,
  (e) => `decimal("${e.of(kDecimals)}").${e.of(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'])}(decimal("${e.of(kDecimals)}"))`,
  (e) => `decimal("${e.of(kDecimals)}") ${e.of(['==', '!=', '<'])} decimal("${e.of(kDecimals)}")`,
  (e) => `${quoted(e.of(kTexts))} like "${e.of(kPatterns)}"`,
  (e) => `${quoted(e.of(kTexts))} == "${e.of(kPatterns)}"`,
  (e) => `${e.of(kUids)} in ${e.group()}`,
  (e) => `${e.of(kUids)} is ${e.of(words.kEntityTypes)}${e.of(['', '', ` in ${e.group()}`])}`,
  (e) => `${e.of(kScalars)} ${e.of(['==', '==', '!=', '<', '<='])} ${e.of(kScalars)}`,
  (e) => `${e.set(kScalars)}.${e.of(['containsAll', 'containsAny'])}(${e.set(kScalars)})`,
  (e) => `${e.set(kScalars)}.contains(${e.of(kScalars)})`,
  (e) => `${e.set(kScalars)} == ${e.set(kScalars)}`,
  (e) => `${e.set(kBooleans)}.isEmpty()`,
  (e) => `${e.of(kBooleans)} ${e.of(['&&', '||'])} ${e.of(kBooleans)}`,
  (e) => `${e.of(kBooleans)} ${e.of(['&&', '||'])} ${e.of(kBooleans)} ${e.of(['&&', '||'])} ${e.of(kBooleans)}`,
  (e) => `if ${e.of(kBooleans)} then ${e.of(kBooleans)} else ${e.of(kBooleans)}`,
  (e) => `{a: ${e.of(kBooleans)}, b: ${e.of(kBooleans)}}${e.of(['.a', '.b', '.c', '["a"]', ' has a', ' has c', ' has a.b', ' == {}'])}`,
  (e) => `${e.of(kUids)}${e.of([' has n', ' has n.m', '.hasTag("n")', '.getTag("n") == 1', '.n == 1', '["n"] == 1', ' has "n"', '.hasTag(1)'])}`,
  (e) => `context has ${e.of(['r', 'r.x', 'r.q.x', 'n.x', 's.x', 'e.n', 'e.e.n', '"r"', 'if', 'r.if', '"r".x', 'r."x"'])}`,
];

/** The text of a condition; one in some is wrong in a way that only the parser can tell. */
export function condition(random) {
  const edge = new Edge(random);
  const one = random.pick(kConditions)(edge);
  if (random.chance(0.85)) return one;
  return `(${one}) ${random.pick(['==', '!=', '&&', '||'])} (${random.pick(kConditions)(edge)})`;
}
