// JSON as text, exactly: integers beyond 2^53 survive (as BigInt), and a document may hold parts
// that no JavaScript value stands for (repeated keys, `1.0`, odd escapes) as `Verbatim` text.

const stringify = JSON.stringify;
const parse = JSON.parse;

/** A piece of JSON text to be written as it is. */
export class Verbatim {
  constructor(text) {
    this.text = text;
  }
}

export function write(value) {
  if (value instanceof Verbatim) return value.text;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return '[' + value.map(write).join(',') + ']';
  if (value !== null && typeof value === 'object') {
    const members = [];
    for (const key of Object.keys(value)) {
      if (value[key] !== undefined) members.push(stringify(key) + ':' + write(value[key]));
    }
    return '{' + members.join(',') + '}';
  }
  return stringify(value);
}

const kLongNumber = /"(?:[^"\\]|\\.)*"|-?\d{16,}/g;

/** Parses JSON; integers of 16 digits or more become `{"$long": "…"}`. */
export function read(text) {
  if (!/\d{16}/.test(text)) return parse(text);
  return parse(text.replace(kLongNumber, (m) => (m[0] === '"' ? m : `{"$long":"${m}"}`)));
}

/** Equality of parsed JSON documents: the order of keys does not matter. */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}
