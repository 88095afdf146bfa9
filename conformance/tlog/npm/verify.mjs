// Verifies the proofs in a log's directory with npm @transmute/rfc9162. See ../README.md.
//
// usage: node verify.mjs DIR
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import transmute from '@transmute/rfc9162';

const RFC9162 = transmute.default ?? transmute;
const dir = process.argv[2];
const decode = (text) => new Uint8Array(Buffer.from(text, 'base64'));

function head(checkpoint) {
  const [, size, root] = checkpoint.split('\n');
  return { size: Number(size), root: decode(root) };
}

// The lines before the first empty one, and the checkpoint after it.
function read(...names) {
  const text = fs.readFileSync(path.join(dir, ...names), 'utf8');
  const end = text.indexOf('\n\n');
  return { lines: text.slice(0, end).split('\n'), tree: head(text.slice(end + 2)) };
}

async function verifyInclusion(file) {
  const { lines: [, extra, index, ...hashes], tree } = read('proofs', file);
  const entry = decode(extra.replace(/^extra /, ''));
  const proof = {
    log_id: '',
    tree_size: tree.size,
    leaf_index: Number(index.replace(/^index /, '')),
    inclusion_path: hashes.map(decode),
  };
  const leaf = await RFC9162.leaf(entry);
  assert.equal(await RFC9162.verifyInclusionProof(tree.root, leaf, proof), true, file);
  leaf[0] ^= 1;
  assert.notEqual(await RFC9162.verifyInclusionProof(tree.root, leaf, proof), true, file);
}

const isPowerOf2 = (n) => Number.isInteger(Math.log2(n));

// RFC 9162 §2.1.4.2 has the verifier put the older root before the proof where the older tree is
// complete. This package (0.0.5) leaves that out of its verifier, and expects it in the proof.
async function verifyContinuation(file) {
  const { lines: [, ...hashes], tree } = read('continuations', file);
  const older = head(fs.readFileSync(path.join(dir, 'older', file), 'utf8'));
  const proof = {
    log_id: '',
    tree_size_1: older.size,
    tree_size_2: tree.size,
    consistency_path: [...(isPowerOf2(older.size) ? [older.root] : []), ...hashes.map(decode)],
  };
  assert.equal(await RFC9162.verifyConsistencyProof(older.root, tree.root, proof), true, file);
}

// A tree of one leaf continues nothing.
function list(name) {
  const folder = path.join(dir, name);
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

const proofs = list('proofs');
const continuations = list('continuations');
for (const file of proofs) await verifyInclusion(file);
for (const file of continuations) await verifyContinuation(file);
console.log(`@transmute/rfc9162: ${proofs.length} proofs and ${continuations.length} continuations verified`);
