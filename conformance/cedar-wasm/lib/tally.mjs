// Counts what was compared, and how rich it was: a fuzzer whose cases all fail to parse, or are all
// denied, finds nothing.

const kProgressEvery = 5000;

export class Tally {
  constructor() {
    this.compared = 0;
    this.failed = 0;
    this.shown = 0;
    this.began = this.told = Date.now();
    this.kinds = {};
    this.explained = {};
    this.signatures = new Map();
    this.decisions = {asked: 0, refused: 0, allow: 0, deny: 0, withReasons: 0, withErrors: 0};
  }

  get passed() {
    return this.compared - this.failed;
  }

  add(it, expected, {comparisons, differences}) {
    this.compared += comparisons;
    const kind = (this.kinds[it.kind ?? it.op] ??= {cases: 0, comparisons: 0, accepted: 0});
    kind.cases++;
    kind.comparisons += comparisons;
    if (expected.every(({what, answer}) => !what.endsWith('accepted') || answer.ok)) kind.accepted++;
    for (const difference of differences) {
      if (difference.explained) this.explained[difference.explained] = (this.explained[difference.explained] ?? 0) + 1;
      else this.failed++;
    }
    for (const {what, answer} of expected) if (what.startsWith('request')) this.addDecision(answer);
  }

  addDecision(answer) {
    const d = this.decisions;
    d.asked++;
    if (!answer.decision) return void d.refused++;
    d[answer.decision]++;
    if (answer.reasons.length > 0) d.withReasons++;
    if (answer.errors.length > 0) d.withErrors++;
  }

  /** Whether a difference of this kind should be shown: the first three are. */
  isNew(signature) {
    const seen = (this.signatures.get(signature) ?? 0) + 1;
    this.signatures.set(signature, seen);
    return seen <= 3;
  }

  progress() {
    const now = Date.now();
    if (now - this.told < kProgressEvery) return;
    this.told = now;
    const seconds = (now - this.began) / 1000;
    console.log(`${Math.round(seconds)} s: ${this.compared} comparisons (${Math.round(this.compared / seconds)}/s), ${this.failed} failed`);
  }

  report(crashes) {
    const lines = ['', 'kind            cases  comparisons  accepted'];
    for (const [name, {cases, comparisons, accepted}] of Object.entries(this.kinds)) {
      lines.push(`${name.padEnd(14)}${String(cases).padStart(7)}${String(comparisons).padStart(13)}${share(accepted, cases).padStart(10)}`);
    }
    const d = this.decisions;
    if (d.asked > 0) {
      lines.push(`decisions: ${d.asked}, refused ${share(d.refused, d.asked)}, allow ${share(d.allow, d.asked)}, ` +
          `with reasons ${share(d.withReasons, d.asked)}, with errors ${share(d.withErrors, d.asked)}`);
    }
    for (const [name, count] of Object.entries(this.explained)) lines.push(`explained: ${name} ${count} times`);
    for (const [name, count] of this.signatures) lines.push(`difference: ${count} × ${name}`);
    lines.push(`the reference crashed ${crashes} times; ${Math.round((Date.now() - this.began) / 1000)} s`);
    return lines.join('\n');
  }
}

const share = (part, all) => `${Math.round((1000 * part) / Math.max(1, all)) / 10}%`;
