#!/usr/bin/env node
// Compares Wardlock with the reference on generated cases. README.md says how to use it.

import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {kKindNames, makeCase} from './lib/cases.mjs';
import {compare, signature} from './lib/compare.mjs';
import {askReference, endedFindings, Peer} from './lib/engines.mjs';
import {explain} from './lib/explained.mjs';
import {write} from './lib/json.mjs';
import {minimise} from './lib/minimise.mjs';
import {Reference} from './lib/reference.mjs';
import {Tally} from './lib/tally.mjs';
import {crossCheckTranslation} from './lib/texts.mjs';

const kRoot = resolve(fileURLToPath(import.meta.url), '../../..');
const kBatch = 24;

const {values: options} = parseArgs({options: {
  seed: {type: 'string', default: '1'},
  comparisons: {type: 'string', default: '1000000'},
  differences: {type: 'string', default: '20'},
  only: {type: 'string'},
  kind: {type: 'string'},
  replay: {type: 'string'},
  peer: {type: 'string', default: join(kRoot, 'build/release/bin/wardlock_oracle_peer')},
  out: {type: 'string', default: join(kRoot, 'build/conformance/cedar-wasm')},
  help: {type: 'boolean', default: false},
}});

const kHelp = `node fuzz.mjs [--seed N] [--comparisons N] [--differences N] [--kind KIND] [--only INDEX]
  [--replay FILE] [--peer PROGRAM] [--out FOLDER]
kinds: ${kKindNames.join(' ')}`;

class Fuzzer {
  constructor() {
    this.reference = new Reference();
    this.peer = new Peer(options.peer);
    this.tally = new Tally();
    this.seed = Number(options.seed);
  }

  async run() {
    console.log(`reference ${this.reference.version}, seed ${this.seed}`);
    if (options.replay) await this.judge([JSON.parse(readFileSync(options.replay, 'utf8'))]);
    else if (options.only) await this.judge([makeCase(this.seed, Number(options.only), options.kind)]);
    else await this.generate();
    this.peer.close();
    console.log(this.tally.report(this.reference.crashes));
    console.log(`${this.tally.passed} passed, ${this.tally.failed} failed`);
    process.exitCode = this.tally.failed > 0 ? 1 : 0;
  }

  async generate() {
    const [wanted, most] = [Number(options.comparisons), Number(options.differences)];
    for (let index = 0; this.tally.compared < wanted && this.tally.shown < most; index += kBatch) {
      await this.judge(Array.from({length: kBatch}, (_, i) => makeCase(this.seed, index + i, options.kind)));
      this.tally.progress();
    }
  }

  /** Both engines work on the batch at the same time. */
  async judge(cases) {
    const answers = Promise.allSettled(cases.map((it) => this.peer.ask(it)));
    const expected = cases.map((it) => askReference(this.reference, it));
    const found = await answers;
    for (const [i, it] of cases.entries()) {
      const {status, value} = found[i];
      await this.note(it, expected[i], status === 'fulfilled' ? value : await this.askPeer(it));
    }
  }

  async note(it, expected, found) {
    const result = compare(it, expected.concat(this.crossCheck(it, found)), found);
    for (const difference of result.differences) {
      difference.explained = await explain(difference, (variant) => this.ask(variant));
    }
    this.tally.add(it, expected, result);
    const [first] = result.differences.filter((d) => !d.explained);
    if (first && this.tally.isNew(signature(first))) await this.show(it, first);
  }

  /** Asks the peer, a new one where it has ended: a case that ends it is a difference. */
  async askPeer(it) {
    if (this.peer.ended) this.peer = new Peer(options.peer);
    try {
      return await this.peer.ask(it);
    } catch (error) {
      return endedFindings(it, error.message);
    }
  }

  /** What both find in one case, and where they differ. */
  async ask(it) {
    const found = await this.askPeer(it);
    const expected = askReference(this.reference, it);
    return compare(it, expected.concat(this.crossCheck(it, found)), found);
  }

  /** The first unexplained difference of this kind in the case. */
  async find(it, wanted) {
    for (const difference of (await this.ask(it)).differences) {
      if (signature(difference) !== wanted) continue;
      if (!await explain(difference, (variant) => this.ask(variant))) return difference;
    }
  }

  /** Our text of a policy, read by the reference, must mean the same document. */
  crossCheck(it, found) {
    const text = found.find(({what}) => what === 'text');
    if (!text) return crossCheckTranslation(this.reference, found);
    const answer = this.reference.call(it.isTemplate ? 'templateToJson' : 'policyToJson', text.answer);
    text.answer = {json: found.find(({what}) => what === 'text and back').answer.json};
    return [{what: 'text', answer: answer.type === 'success' ? {json: answer.json} : {ok: false}, note: 'our text, read by the reference'}];
  }

  async show(it, difference) {
    const wanted = signature(difference);
    const small = await minimise(it, async (candidate) => Boolean(await this.find(candidate, wanted)));
    const shown = await this.find(small, wanted) ?? difference;
    mkdirSync(options.out, {recursive: true});
    const file = join(options.out, `case-${this.seed}-${it.index ?? 'replayed'}.json`);
    writeFileSync(file, write(small) + '\n');
    this.tally.shown++;
    console.log(`\nDIFFERENCE ${it.kind ?? ''} (--seed ${this.seed} --only ${it.index}${options.kind ? ` --kind ${options.kind}` : ''}): ${shown.what}`);
    console.log(`  case      ${write({...small, kind: undefined, index: undefined})}`);
    console.log(`  reference ${write(shown.expected.answer)} ${shown.expected.note ?? ''}`);
    console.log(`  wardlock  ${write(shown.found.answer)} ${shown.found.note ?? ''}`);
    console.log(`  replay    --replay ${file}`);
  }
}

if (options.help) {
  console.log(kHelp);
} else if (!existsSync(options.peer)) {
  console.error(`there is no ${options.peer}: run ./dev build release wardlock_oracle_peer`);
  process.exitCode = 2;
} else {
  await new Fuzzer().run();
}
