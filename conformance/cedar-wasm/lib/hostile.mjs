// Damaged text: what is nearly a policy or a schema.

const kToken = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*\n?|[A-Za-z_][A-Za-z0-9_]*|\d+|::|==|!=|<=|>=|&&|\|\||\s+|./gsu;

export const kPolicyTokens = [
  'permit', 'forbid', 'principal', 'action', 'resource', 'context', 'when', 'unless', 'if', 'then', 'else', 'in',
  'is', 'like', 'has', 'true', 'false', '__cedar', '?principal', '?resource', '?foo', '(', ')', '[', ']', '{', '}',
  ',', ';', ':', '::', '.', '@', '==', '!=', '<', '<=', '>', '>=', '&&', '||', '!', '!!!!!', '-----', '+', '-', '*',
  '/', '%', '=', '&', '|', '"', "'", '`', '#', '$', '\\', '/*', '//', '//\r', '\r', '\0', '\ufeff', 'é', '１', '0',
  '00', '007', '1', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '99999999999999999999', '1.5',
  '0x10', '1e5', '1_000', '""', '"\\u{110000}"', '"\\u{d800}"', '"\\u{}"', '"\\u{0000041}"', '"\\x80"', '"\\x7f"',
  '"\\q"', '"\\\n"', '"\\*"', '"\\u41"', '"\\x4"', '"\\u{41"', '"\\u{_41}"', '"\\u{4_1}"', '"\n"', '"\r"', '"\t"',
  '"\\0"', '"\\\'"', "\"'\"", '"*"', '"\\x2a"', '"\\u{2a}"', 'User::"alice"', 'User::alice', 'if::"x"', 'A::__cedar::"x"',
  'ip("1.2.3.4")', 'decimal("1.0")', 'foo()', 'decimal()', 'ip', '.contains()', '.contains(1,2)', '.isEmpty(1)',
  '.isEmpty()', '.foo()', '.foo', '["a"]', '[1]', '.if', '.like', '.isIpv4()', '.lessThan()', '.ip("::")', '.decimal()',
  'User::ip("1")', 'NS::decimal("1.0")', '@id("x")', '@id', '@if("x")', '@id()', '@id(x)', '@id("a","b")', 'Action::"view"',
  'has a.b', 'has "a"', 'has "a".b', 'has a."b"', 'has a.if', 'has if', 'has (a)', 'is User', 'is User in User::"a"',
  'like "a"', 'like x', 'like "\\*"', 'is "User"', 'is NS::User', 'is in', 'in [User::"a"]', 'isnt', 'principal1',
  ' .a', '\n', '\t', '\u2028', '\u00a0', ',,', ';;', '()', '{}', '[]', '{a:1,}', '{a:1,a:2}', '{"a":1,a:2}', '{if:1}',
  '{1:1}', '{a}', '[,]', '[1,]', '{,}', '.toDate()', '.offset(duration("1d"))', '.getTag("a")', '.getTag()', '.hasTag("a",)',
];

export const kSchemaTokens = [
  'entity', 'action', 'namespace', 'type', 'in', 'appliesTo', 'principal', 'resource', 'context', 'tags', 'enum', 'Set',
  'Long', 'Bool', 'Boolean', 'String', 'ipaddr', 'ip', 'decimal', 'datetime', 'duration', 'attributes', '__cedar',
  '__cedar::Long', '__cedar::Set', 'User', 'Group', 'NS::User', 'NS', 'Photo', 'Nope', 'Action', 'if', 'Record', 'Entity',
  'Extension', '{', '}', '[', ']', '<', '>', '(', ')', ',', ';', ':', '::', '=', '?', '@', '@doc("x")', '@doc', '@if', '"',
  '"a"', '"view"', 'view', '""', '{}', '[]', '[,]', '{,}', 'principal: User,', 'context: {},', 'context: Info', ',,', ';;',
  'entity User;', 'entity A, B;', 'type T = Long;', 'type T = T;', 'action a, "b c" in view;', 'action a in Action::"view";',
  'action a in NS::Action::"view";', 'entity E enum ["a"];', 'entity E enum [];', 'entity E enum ["a", "a"];',
  'entity E tags Set<Long>;', 'entity E in [];', 'entity E = {};', 'entity E {a: Long};', 'entity E = {"a"?: Long,};',
  '// x\n', '/* */', '\n', '\r', '\0', 'é', '1', '-', '.', '"\\n"', '"\\q"', '"\\u{41}"', '"\n"', 'namespace X {', 'namespace NS {}',
  'namespace A::B {}', 'namespace __cedar {}', 'namespace if {}', 'type Long = String;', 'type Set = Long;', 'type Bool = Long;',
  'type ipaddr = String;', 'type Entity = Long;', 'entity Long;', 'entity Bool = {a: Bool};', 'entity Action;', 'entity in;',
  'entity type;', 'entity entity;', 'type type = Long;', 'action action;', 'action;', 'action "";', 'action if;', 'action in;',
];

export function tokensOf(text) {
  return text.match(kToken) ?? [];
}

/** The text with a few tokens lost, repeated, swapped or replaced. */
export function damage(random, text, vocabulary) {
  const tokens = tokensOf(text);
  const count = random.weighted([[6, 1], [2, 2], [1, 4]]);
  for (let i = 0; i < count; i++) hit(random, tokens, vocabulary);
  const out = tokens.join('');
  return random.chance(0.08) ? cut(random, out) : out;
}

function hit(random, tokens, vocabulary) {
  const at = random.below(tokens.length + 1);
  random.weighted([
    [3, () => tokens.splice(at, 1)],
    [4, () => tokens.splice(at, 0, random.pick(vocabulary))],
    [5, () => tokens.splice(at, 1, random.pick(vocabulary))],
    [2, () => at < tokens.length && tokens.splice(at, 0, tokens[at])],
    [2, () => tokens.length && tokens.splice(at, 0, random.pick(tokens))],
    [2, () => swap(random, tokens)],
    [1, () => at < tokens.length && tokens.splice(at, 1, scratch(random, tokens[at]))],
  ])();
}

function swap(random, tokens) {
  if (tokens.length < 2) return;
  const [i, j] = [random.below(tokens.length), random.below(tokens.length)];
  [tokens[i], tokens[j]] = [tokens[j], tokens[i]];
}

/** One character of the token changed. */
function scratch(random, token) {
  const chars = [...token];
  chars[random.below(chars.length)] = random.pick([...'"\\*{}u0x\'\n\r.:;,@?é-_ ', '\u{1f600}', '\0']);
  return chars.join('');
}

/** The text ends early, or begins late. */
function cut(random, text) {
  const chars = [...text];
  const at = random.below(chars.length + 1);
  return (random.chance(0.8) ? chars.slice(0, at) : chars.slice(at)).join('');
}
