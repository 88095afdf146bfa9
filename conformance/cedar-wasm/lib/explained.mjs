// The accepted differences, each told by the narrowest test that knows it. explained.md gives the
// reasons. A rule sees the case, and what each engine found.

const isRefusal = (finding) => finding?.answer.ok === false;

/** Each: {name, knows({it, expected, found})}. */
export const kExplained = [
  {
    name: 'reference-crash',
    knows: ({expected}) => expected?.answer.crash === true,
  },
];

export function explain(difference) {
  return kExplained.find((rule) => rule.knows(difference))?.name;
}

export {isRefusal};
