#include "lsp/language.h"

#include <algorithm>
#include <array>

namespace wardlock::lsp {
namespace {

using cedar::Kind;

constexpr auto kPolicyAnnotations = std::to_array<Word>({
    {"id",
     "The policy's name in decisions, logs and tests: `@id(\"care-team-views\")`. Without it "
     "a policy is called by its place in the file, which changes."},
    {"doc", "What the policy is for, for its readers."},
    {"reason",
     "A sentence for the person who asked, given with the decision when it is asked for."},
    {"override",
     "`@override(\"break-glass\")` on a permit: it counts only while a break-glass grant "
     "is open. It must test `context.override` in a `when` clause."},
    {"waivable", "`@waivable(\"break-glass\")` on a forbid: a break-glass grant can set it aside."},
    {"obligation",
     "`@obligation(\"…\")` on a forbid: it forbids unless the caller fulfils the "
     "obligation, e.g. `redact-psychiatric-notes`, which is then part of the answer."},
    {"terms",
     "How an `@obligation` is to be fulfilled: `fields: address, phone; within: 5m`. Where several "
     "policies impose it, all words and the shortest time are owed."},
    {"x_", "Keys that begin with `x_` are yours; Wardlock does not read them."},
});

constexpr auto kSchemaAnnotations = std::to_array<Word>({
    {"doc", "What it means, for its readers; shown where a policy uses it."},
    {"source",
     "`@source(\"request\")` on an attribute: the application that asks knows its value; "
     "`@source(\"rota\")`: the source of that name tells it. Without it the directory's value "
     "counts."},
    {"fresh", "How old what a source tells may be, such as `@fresh(\"15m\")`."},
    {"stale",
     "What holds when it is older: `@stale(\"deny\")`, `@stale(\"last-known 2h\")` or "
     "`@stale(\"emergency 8h\")`."},
    {"audit",
     "What the audit log makes of it: `@audit(\"patient\")` or `@audit(\"device\")` on an entity "
     "type, on an action or group its class, such as `@audit(\"care\")`."},
});

constexpr auto kPolicyWords = std::to_array<Word>({
    {"permit", "Allows what its scope and conditions match, unless a forbid matches too."},
    {"forbid",
     "Denies what its scope and conditions match, whatever any permit says. One whose "
     "evaluation errs denies as well."},
    {"principal", "Who asks."},
    {"action", "What is asked for."},
    {"resource", "What it is done to."},
    {"context", "What else is known about this request."},
    {"when", "The policy matches only if the condition is true."},
    {"unless", "The policy matches only if the condition is false."},
    {"is", "`x is Type`: the entity is of this type."},
    {"in", "`x in y`: the entity is y, or is in it, directly or through other groups."},
    {"has",
     "`x has a`: the attribute is there. `x has a.b` asks for the whole path. Optional "
     "attributes are read behind such a test only."},
    {"like",
     "`text like \"a*\"`: the text matches the pattern; `*` stands for any characters, "
     "`\\*` for a star."},
    {"if", "`if … then … else …` has the value of one of its branches."},
    {"then", "`if … then … else …` has the value of one of its branches."},
    {"else", "`if … then … else …` has the value of one of its branches."},
    {"true", "The Boolean that holds."},
    {"false", "The Boolean that does not hold."},
    {"?principal",
     "The slot that a link fills with a principal; a policy with a slot is a template."},
    {"?resource",
     "The slot that a link fills with a resource; a policy with a slot is a template."},
});

constexpr auto kSchemaWords = std::to_array<Word>({
    {"namespace", "`namespace Hospital { … }`: what is declared inside is called `Hospital::…`."},
    {"entity", "`entity User in [Role] = { name: String };` declares a type of entities."},
    {"action",
     "`action view appliesTo { principal: User, resource: Photo };` declares an action, or "
     "a group of actions."},
    {"type", "`type Address = { street: String };` gives a type a name."},
    {"in", "The types, or action groups, that it can be a member of."},
    {"enum",
     "`entity Severity enum [\"low\", \"high\"];`: there are these entities and no others."},
    {"tags",
     "`tags String`: entities of this type have tags, which are such values under names that "
     "are not fixed."},
    {"appliesTo", "Who can ask for the action, on what, with which context."},
    {"principal", "The types of entities that can ask for the action."},
    {"resource", "The types of entities that the action can be done to."},
    {"context", "What a request for the action carries: a record, or the name of a common type."},
});

constexpr auto kBuiltinTypes = std::to_array<Word>({
    {"Bool", "`true` or `false`"},
    {"Long", "a whole number of 64 bits"},
    {"String", "text"},
    {"Set", "`Set<T>`: values of one type, without order or repetition"},
    {"decimal", "a number with up to four decimal places: `decimal(\"0.75\")`"},
    {"ipaddr", "an address or range: `ip(\"10.0.0.0/8\")`"},
    {"datetime", "a point in time: `datetime(\"2026-01-31T08:00:00Z\")`"},
    {"duration", "a length of time: `duration(\"1h30m\")`"},
});

constexpr auto kFunctions = std::to_array<Word>({
    {"ip", "`ip(\"192.0.2.1\")` or `ip(\"10.0.0.0/8\")`: an address or range, IPv4 or IPv6"},
    {"decimal", "`decimal(\"0.75\")`: a number with one to four decimal places"},
    {"datetime",
     "`datetime(\"2026-01-31\")` or `datetime(\"2026-01-31T08:00:00+0100\")`: a point in "
     "time"},
    {"duration", "`duration(\"1d2h3m4s5ms\")`: a length of time"},
});

constexpr auto kMethods = std::to_array<Method>({
    {{"contains", "Whether the value is in the set."}, Kind::kSet, "contains(value): Bool"},
    {{"containsAll", "Whether all of the other set are in this one."},
     Kind::kSet,
     "containsAll(set): Bool"},
    {{"containsAny", "Whether the two sets have a member in common."},
     Kind::kSet,
     "containsAny(set): Bool"},
    {{"isEmpty", "Whether the set has no members."}, Kind::kSet, "isEmpty(): Bool"},
    {{"hasTag", "Whether the entity has a tag of this name."},
     Kind::kEntity,
     "hasTag(String): Bool"},
    {{"getTag", "The tag of this name; test with `hasTag` first."},
     Kind::kEntity,
     "getTag(String)"},
    {{"lessThan", "<"}, Kind::kDecimal, "lessThan(decimal): Bool"},
    {{"lessThanOrEqual", "<="}, Kind::kDecimal, "lessThanOrEqual(decimal): Bool"},
    {{"greaterThan", ">"}, Kind::kDecimal, "greaterThan(decimal): Bool"},
    {{"greaterThanOrEqual", ">="}, Kind::kDecimal, "greaterThanOrEqual(decimal): Bool"},
    {{"isIpv4", "Whether it is an IPv4 address or range."}, Kind::kIp, "isIpv4(): Bool"},
    {{"isIpv6", "Whether it is an IPv6 address or range."}, Kind::kIp, "isIpv6(): Bool"},
    {{"isLoopback", "Whether all of it are loopback addresses."}, Kind::kIp, "isLoopback(): Bool"},
    {{"isMulticast", "Whether all of it are multicast addresses."},
     Kind::kIp,
     "isMulticast(): Bool"},
    {{"isInRange", "Whether all of it lies in the other range."},
     Kind::kIp,
     "isInRange(ipaddr): Bool"},
    {{"offset", "The time moved by a duration."}, Kind::kDatetime, "offset(duration): datetime"},
    {{"durationSince", "The time that has passed since the other time."},
     Kind::kDatetime,
     "durationSince(datetime): duration"},
    {{"toDate", "The beginning of its day, in UTC."}, Kind::kDatetime, "toDate(): datetime"},
    {{"toTime", "The time since the beginning of its day, in UTC."},
     Kind::kDatetime,
     "toTime(): duration"},
    {{"toMilliseconds", "As a number of milliseconds."}, Kind::kDuration, "toMilliseconds(): Long"},
    {{"toSeconds", "In whole seconds."}, Kind::kDuration, "toSeconds(): Long"},
    {{"toMinutes", "In whole minutes."}, Kind::kDuration, "toMinutes(): Long"},
    {{"toHours", "In whole hours."}, Kind::kDuration, "toHours(): Long"},
    {{"toDays", "In whole days."}, Kind::kDuration, "toDays(): Long"},
});

}  // namespace

std::span<const Word> policy_annotations() { return kPolicyAnnotations; }
std::span<const Word> schema_annotations() { return kSchemaAnnotations; }
std::span<const Word> policy_words() { return kPolicyWords; }
std::span<const Word> schema_words() { return kSchemaWords; }
std::span<const Word> builtin_types() { return kBuiltinTypes; }
std::span<const Word> functions() { return kFunctions; }
std::span<const Method> methods() { return kMethods; }

std::string_view meaning(std::span<const Word> words, std::string_view name) {
  const auto it = std::ranges::find(words, name, &Word::name);
  return it == words.end() ? std::string_view() : it->meaning;
}

}  // namespace wardlock::lsp
