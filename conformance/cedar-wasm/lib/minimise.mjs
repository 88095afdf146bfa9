// Makes a differing case smaller while the same difference persists. Rough on purpose: a few
// thousand tries, first whole requests, policies and entities, then parts, then tokens.

import {Verbatim, write} from './json.mjs';
import {tokensOf} from './hostile.mjs';

const kTries = 3000;

/** `differs(case)` tells whether the case still shows the difference. */
export async function minimise(it, differs) {
  let left = kTries;
  const stillDiffers = async (smaller) => left-- > 0 && differs(smaller);
  let best = it;
  for (let before = ''; before !== write(best) && left > 0;) {
    before = write(best);
    for (const field of ['requests', 'schema', 'policies', 'entities', 'policy', 'context', 'text']) {
      if (best[field] !== undefined) best = await shrinkField(best, field, stillDiffers);
    }
  }
  return best;
}

async function shrinkField(it, field, stillDiffers) {
  const put = (value) => ({...it, [field]: value});
  const test = (value) => stillDiffers(put(value));
  if (field === 'text') return put(await shrinkText(it.text, test));
  if (field === 'requests') return put(await shrinkRequests(it.requests, test));
  if (field === 'schema' && !['schema', 'translate'].includes(it.op) && await test(undefined)) return put(undefined);
  return put(await shrinkDocument(it[field], test));
}

async function shrinkRequests(requests, test) {
  let kept = await shrinkList(requests, test);
  for (let i = 0; i < kept.length; i++) {
    const smaller = await shrinkDocument(kept[i], (text) => test(kept.with?.(i, text) ?? replaced(kept, i, text)));
    kept = replaced(kept, i, smaller);
  }
  return kept;
}

const replaced = (list, i, value) => list.map((x, k) => (k === i ? value : x));

/** Drops runs of members, longer ones first. */
async function shrinkList(list, test) {
  let kept = list;
  for (let run = Math.max(1, kept.length >> 1); run >= 1; run >>= 1) {
    for (let at = 0; at < kept.length;) {
      const smaller = [...kept.slice(0, at), ...kept.slice(at + run)];
      if (smaller.length < kept.length && await test(smaller)) kept = smaller;
      else at += run;
    }
  }
  return kept;
}

async function shrinkText(text, test) {
  const tokens = await shrinkList(tokensOf(text), (list) => test(list.join('')));
  return tokens.join('');
}

/** JSON: drops members, puts a part in the place of the whole, and shrinks texts inside. */
async function shrinkDocument(text, test) {
  let root;
  try {
    root = parseKeeping(text);
  } catch {
    return shrinkText(text, test);
  }
  let best = root;
  const attempt = async (candidate) => {
    if (!(await test(write(candidate)))) return false;
    best = candidate;
    return true;
  };
  for (let again = true; again;) {
    again = false;
    for (const path of paths(best)) {
      if (at(best, path) === undefined) continue;
      if (path.length > 0 && await attempt(without(best, path))) { again = true; continue; }
      for (const child of children(at(best, path))) {
        if (await attempt(withValue(best, path, child))) { again = true; break; }
      }
      const value = at(best, path);
      if (typeof value === 'string' && value.length > 12) {
        const shorter = await shrinkText(value, (t) => test(write(withValue(best, path, t))));
        best = withValue(best, path, shorter);
      }
    }
  }
  return write(best);
}

/** Numbers stay as they were written. */
function parseKeeping(text) {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (m) => (m[0] === '"' ? m : `{"$number":"${m}"}`));
  const revive = (v) => {
    if (Array.isArray(v)) return v.map(revive);
    if (v === null || typeof v !== 'object') return v;
    if (typeof v.$number === 'string') return new Verbatim(v.$number);
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, revive(x)]));
  };
  const value = revive(JSON.parse(marked));
  if (write(value).length < text.replace(/\s/g, '').length - 8) throw new Error('repeated keys');
  return value;
}

const isTree = (v) => v !== null && typeof v === 'object' && !(v instanceof Verbatim);
const children = (v) => (isTree(v) ? Object.values(v).filter(isTree) : []);

function paths(value, here = []) {
  if (!isTree(value)) return [here];
  return [here, ...Object.keys(value).flatMap((key) => paths(value[key], [...here, key]))];
}

const at = (value, path) => path.reduce((v, key) => (isTree(v) ? v[key] : undefined), value);

function withValue(value, [key, ...rest], replacement) {
  if (key === undefined) return replacement;
  const copy = Array.isArray(value) ? [...value] : {...value};
  copy[key] = withValue(value[key], rest, replacement);
  return copy;
}

function without(value, path) {
  const key = path[path.length - 1];
  const parent = at(value, path.slice(0, -1));
  const copy = Array.isArray(parent) ? parent.filter((_, i) => String(i) !== key)
      : Object.fromEntries(Object.entries(parent).filter(([k]) => k !== key));
  return withValue(value, path.slice(0, -1), copy);
}
