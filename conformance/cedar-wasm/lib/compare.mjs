// Compares what both engines found in one case.

import {same} from './json.mjs';

/** [{what, it, expected, found}] of all that differs, and the number of comparisons. */
export function compare(it, expected, found) {
  const byWhat = new Map(found.map((finding) => [finding.what, finding]));
  const differences = [];
  for (const one of expected) {
    const other = byWhat.get(one.what);
    if (other && same(one.answer, other.answer)) continue;
    differences.push({what: one.what, it, expected: one, found: other ?? {what: one.what, answer: 'nothing'}});
    if (one.answer.crash || isAcceptance(one)) break;  // what follows was not asked of both
  }
  return {comparisons: expected.length, differences};
}

const isAcceptance = ({what}) => what.endsWith('accepted');

/** What two differences must share to be the same one: which question, and who said what kind of thing. */
export function signature({what, expected, found}) {
  const kind = ({answer}) => (answer?.ok === undefined ? Object.keys(answer ?? {}).join() : String(answer.ok));
  return [what.replace(/\d+$/, '#'), kind(expected), kind(found)].join(' | ');
}
