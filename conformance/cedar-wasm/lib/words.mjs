// The small world all cases speak of: a few types, ids and attributes, so that what a policy asks
// for is often there; and the odd values of each type that implementations get wrong.

import {Verbatim} from './json.mjs';

export const kEntityTypes = ['User', 'Group', 'Photo', 'NS::Device', 'NS::Deep::Team', 'Action'];
export const kIds = ['alice', 'bob', 'carol', 'g1', 'g2', 'p1', 'view', 'edit'];
const kOddIds = ['', ' ', 'a b', 'é', 'e\u0301', '"', '\\', '*', '\u0000', '\n', '🔑', 'if', '\u{10ffff}',
                 '\u00a0', "'", '__cedar', 'x'.repeat(70)];
export const kActions = ['view', 'edit', 'readOnly', 'all'];

/** Attribute names and their usual types. */
export const kAttributes = {
  n: 'Long', m: 'Long', s: 'String', t: 'String', b: 'Bool', c: 'Bool', e: 'Entity', g: 'Entity',
  ln: 'Set<Long>', ls: 'Set<String>', le: 'Set<Entity>', r: 'Record', d: 'decimal', f: 'decimal',
  i: 'ip', j: 'ip', w: 'datetime', v: 'datetime', u: 'duration', o: 'duration',
  'odd key': 'Long', '': 'String', 'if': 'Bool', 'é': 'Long',
};
export const kAttributeNames = Object.keys(kAttributes);
/** Fields of the values of type Record. */
export const kFields = {x: 'Long', y: 'String', z: 'Bool', q: 'Record', 'k k': 'Entity'};

const kFieldsByType = {};
for (const [name, type] of Object.entries(kFields)) (kFieldsByType[type] ??= []).push(name);

/**
 * The attributes that one case speaks of: fewer, so that an entity can have most of them. Kept on
 * the random source, which is made for one case and goes everywhere.
 */
export function attributes(random) {
  return (random.attributes ??= Object.entries(kAttributes).filter(() => random.chance(0.4)));
}

/** Names of attributes of the type; of another where the case has none. */
export function attributesOf(random, type) {
  const names = attributes(random).filter(([, other]) => other === type).map(([name]) => name);
  return names.length > 0 ? names : kAttributeNames;
}

export const fieldsOf = (type) => kFieldsByType[type];

export const kScalarTypes =
    ['Bool', 'Long', 'String', 'Entity', 'decimal', 'ip', 'datetime', 'duration'];
export const kTypes = [...kScalarTypes, 'Record', 'Set<Long>', 'Set<String>', 'Set<Entity>'];

export const kReserved =
    ['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has', '__cedar'];

export const kMax = 9223372036854775807n;
export const kMin = -9223372036854775808n;
const kExtremeLongs = [
  kMax, kMin, kMax - 1n, kMin + 1n, 1n << 32n, (1n << 31n) - 1n, 1n << 53n, (1n << 53n) + 1n,
  -(1n << 53n) - 1n, 3037000499n, 3037000500n, 4294967296n, 86400000n, -86400000n];

export function long(random) {
  return random.weighted([
    [70, () => BigInt(random.between(-3, 6))],
    [10, () => BigInt(random.between(-1000, 1000))],
    [12, () => random.pick(kExtremeLongs)],
    [3, () => random.bigint64()],
  ])();
}

const kStrings = ['', 'a', 'b', 'ab', 'abc', 'aab', 'xay', 'hello', 'alice', 'a*b', '*', '**', 'a\nb'];
const kOddStrings = ['é', 'e\u0301', '\u{1f600}x', '\u0000', '"', "'", '\\', '\t', '\r', '\r\n', 'A\u00adB',
                     '\u202e', '\ufeff', '\u{10ffff}', '\u007f', '\u0080', '\u2028', 'ß', '{}', '1.0', '//x',
                     '\u200d', '𝟙', 'a'.repeat(200)];

export function string(random) {
  return random.chance(0.9) ? random.pick(kStrings) : random.pick(kOddStrings);
}

export function entityId(random) {
  return random.chance(0.97) ? random.pick(kIds) : random.pick(kOddIds);
}

/** Somebody, often one of those who exist. */
export function uid(random) {
  const type = random.pick(kEntityTypes);
  if (type === 'Action') return {type, id: random.pick(kActions)};
  return {type, id: entityId(random)};
}

/** A character-level accident. */
export function corrupt(random, text, alphabet) {
  const chars = [...text];
  const at = random.below(chars.length + 1);
  switch (random.below(4)) {
    case 0: chars.splice(at, 1); break;
    case 1: chars.splice(at, 0, random.pick(alphabet)); break;
    case 2: chars.splice(at, 1, random.pick(alphabet)); break;
    default: if (chars.length) chars.splice(at, 0, chars[random.below(chars.length)]);
  }
  return chars.join('');
}

const kDecimals = [
  '0.0', '1.0', '-1.0', '0.5', '-0.5', '1.2345', '-1.2345', '10.10', '922337203685477.5807',
  '-922337203685477.5808'];
const kBadDecimals = [
  '922337203685477.5808', '-922337203685477.5809', '1.', '.5', '1', '1.23456', '+1.0', '00.1',
  '1,0', ' 1.0', '1.0 ', '', '-', '-.5', '1e2', '--1.0', '-0.0', '0.00001', '１.0', '1.٣', '1.0\n',
  '9999999999999999999.0', '1_0.0', '0x1.0', '1.0.0', '-00000000000000000000.0',
  '0000000000000000000000001.5'];

const two = (n) => String(n).padStart(2, '0');

const decimalText = (random) => random.weighted([
  [6, () => random.pick(kDecimals)],
  [3, () => `${random.between(-20, 20)}.${random.below(10 ** random.between(1, 4))}`],
  [1, () => random.pick(kBadDecimals)],
])();

const kIps = [
  '127.0.0.1', '10.0.0.1', '10.0.0.0/8', '10.1.2.3/8', '10.0.0.1/32', '0.0.0.0/0', '224.0.0.1',
  '224.0.0.0/4', '224.0.0.0/3', '127.0.0.0/8', '127.0.0.0/7', '192.168.1.0/24', '255.255.255.255',
  '::1', '::', '::/0', '::1/128', '::1/127', 'fe80::1', 'ff00::/8', 'ff02::1', 'ff00::/7',
  '2001:db8::/32', '2001:db8::1', '1:2:3:4:5:6:7:8', '2001:0db8:0000:0000:0000:0000:0000:0001',
  'ABCD::EF01', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128'];
const kBadIps = [
  '', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4/', '1.2.3.4/33', '1.2.3.4/08',
  '1.2.3.4/-1', '1.2.3.4/+8', ' 1.2.3.4', '::ffff:1.2.3.4', '1::2::3', ':::', '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9', '::1/129', '::1/0128', 'fe80::1%eth0', '12345::', 'g::', '1.2.3.4 ',
  '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8::', '1::3:4:5:6:7:8', '0.0.0.0/00',
  '1.2.3.4/8/8', '0000:0000:0000:0000:0000:0000:0000:0000/128', '00000::', '[::1]', '1.2.3.0x4',
  'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255', '１.2.3.4', '::1/ 1', '1.2.3.4/032'];

const ipText = (random) => random.weighted([
  [6, () => random.pick(kIps)],
  [2, () => `10.0.${random.below(3)}.${random.below(4)}` +
            (random.chance(0.4) ? `/${random.below(36)}` : '')],
  [2, () => random.times(random.between(6, 9), () => random.below(20).toString(16)).join(':') +
            (random.chance(0.3) ? `/${random.below(132)}` : '')],
  [1, () => random.pick(kBadIps)],
])();

const kDatetimes = [
  '1970-01-01', '1970-01-01T00:00:00Z', '2024-02-29', '2024-10-15T11:35:00Z', '0000-01-01',
  '9999-12-31T23:59:59.999Z', '2024-10-15T11:35:00.000+0100', '1969-12-31T23:59:59.999Z',
  '2000-02-29T23:59:59.999-2359', '0000-01-01T00:00:00+2359', '9999-12-31T23:59:59.999-2359',
  '2024-01-01T00:00:00-0000', '1900-02-28'];
const kBadDatetimes = [
  '', '2024', '2024-1-1', '2024-02-30', '2023-02-29', '1900-02-29', '2024-13-01', '2024-00-01',
  '2024-01-00', '2024-01-01T', '2024-01-01T24:00:00Z', '2024-01-01T00:60:00Z', '2024-01-01T00:00:60Z',
  '2016-12-31T23:59:60Z', '2024-01-01T00:00:00', '2024-01-01T00:00:00z', '2024-01-01 00:00:00Z',
  '2024-01-01T00:00:00.1Z', '2024-01-01T00:00:00.0000Z', '2024-01-01T00:00:00.Z',
  '2024-01-01T00:00:00+01:00', '2024-01-01T00:00:00+2400', '2024-01-01T00:00:00+0060',
  '2024-01-01T00:00:00+01', '2024-01-01Z', '-2024-01-01', '+2024-01-01', '12024-01-01', '2024-01-01T00:00Z',
  '2024/01/01', '２024-01-01', '2024-01-01T00:00:00.000', '2024-01-01T00:00:00,000Z',
  '2024-01-01T00:00:00+010', '2024-01-01T00:00:00+01000', ' 2024-01-01', '2024-01-01\n',
  '2024-01-01T00:00:00.000Z ', '2024-01-01T00:00:00ZZ'];

const datetimeText = (random) => random.weighted([
  [5, () => random.pick(kDatetimes)],
  [4, () => {
    const date = `${random.between(1965, 2030)}-${two(random.between(1, 12))}-${two(random.between(1, 31))}`;
    if (random.chance(0.3)) return date;
    const time = `T${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}`;
    const fraction = random.chance(0.4) ? '.' + String(random.below(1000)).padStart(3, '0') : '';
    const zone = random.chance(0.5)
        ? 'Z' : `${random.pick(['+', '-'])}${two(random.below(24))}${two(random.below(60))}`;
    return date + time + fraction + zone;
  }],
  [1, () => random.pick(kBadDatetimes)],
])();

const kDurations = [
  '0ms', '1d', '-1d', '1h', '1d2h3m4s5ms', '-1d2h3m4s5ms', '1s1ms', '9223372036854775807ms',
  '-9223372036854775808ms', '106751991167d7h12m55s807ms', '-106751991167d7h12m55s808ms', '0d',
  '-0s', '1m1ms', '00001d', '90m', '3600s', '86400000ms', '24h'];
const kBadDurations = [
  '', '-', '1', 'd', '1D', '1ms1s', '1h1d', '1d1d', '1.5s', '+1d', ' 1d', '1d ', '1d 2h', '--1d',
  '1d-2h', '9223372036854775808ms', '-9223372036854775809ms', '106751991168d',
  '99999999999999999999d', '106751991167d7h12m55s808ms', '1w', '1y', 'ms', '-ms', '１d', '1µs', '1sm',
  '153722867280913m', '153722867280912m60s'];

const durationText = (random) => random.weighted([
  [5, () => random.pick(kDurations)],
  [4, () => {
    const units = random.some(['d', 'h', 'm', 's', 'ms'], 0.5);
    if (units.length === 0) units.push('s');
    return (random.chance(0.3) ? '-' : '') +
        units.map((unit) => `${random.below(random.chance(0.9) ? 70 : 1e9)}${unit}`).join('');
  }],
  [1, () => random.pick(kBadDurations)],
])();

const kMakers = {decimal: decimalText, ip: ipText, datetime: datetimeText, duration: durationText};
const kAlphabet = [...'0123456789.-+:/TZdhms abcf%', '٣', '\n'];

/** The text inside `decimal("…")`, `ip("…")`, …; wrong in one of ten cases. */
export function extensionText(random, type) {
  const text = kMakers[type](random);
  return random.chance(0.04) ? corrupt(random, text, kAlphabet) : text;
}

const kWellFormed = {
  decimal: /^-?\d{1,9}\.\d{1,4}$|^-?922337203685477\.5807$/,
  ip: /^(10\.0\.\d\.\d(\/[12]?\d)?|127\.0\.0\.[01](\/[78])?|22[45]\.0\.0\.[01](\/[34])?|::1?(\/12[78])?|f(e80|f02)::1|ff00::\/[78]|2001:db8::1)$/,
  datetime: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])(T[01]\d:[0-5]\d:[0-5]\d(\.\d{3})?(Z|[-+][01]\d[0-5]\d))?$/,
  duration: /^(?=.*\d)-?(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?(\d{1,9}ms)?$|^-?9223372036854775807ms$/,
};

/** The same, nearly always well formed: for documents that one bad value makes useless. */
export function goodExtensionText(random, type) {
  let text = extensionText(random, type);
  while (!kWellFormed[type].test(text) && random.chance(0.995)) text = extensionText(random, type);
  return text;
}

/** A string as JSON, now and then with needless escapes. */
export function jsonString(random, text) {
  if (random.chance(0.97)) return text;
  const escaped = Array.from(text, (c) => random.chance(0.5)
      ? Array.from({length: c.length}, (_, i) =>
          '\\u' + c.charCodeAt(i).toString(16).padStart(4, '0')).join('')
      : JSON.stringify(c).slice(1, -1)).join('');
  return new Verbatim(`"${escaped}"`);
}
