#include "audit/index/query_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "base/arena.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "cedar/extension/extension.h"
#include "cedar/parser/parser.h"
#include "event/words.h"

namespace wardlock::audit {
namespace {

std::unexpected<Error> refuse(const QueryTerm& term, std::string_view what) {
  return invalid(fmt::format("`{}` may not be `{}`: {}", term.name, printable(term.value), what));
}

template <typename Value>
Result<Value> read_word(const QueryTerm& term, std::span<const event::Word<Value>> words,
                        std::string_view what) {
  std::vector<std::string> names;
  for (const auto& word : words) {
    if (word.name == term.value) return word.value;
    names.emplace_back(word.name);
  }
  return refuse(term, fmt::format("it is no {}{}", what, suggestion(term.value, names)));
}

Result<std::uint64_t> read_number(const QueryTerm& term, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = term.value.data() + term.value.size();
  const auto [stopped, error] = std::from_chars(term.value.data(), end, number);
  const bool is_number = error == std::errc() && stopped == end && !term.value.empty();
  if (is_number && number >= least && number <= most) return number;
  return refuse(term, fmt::format("it is not a number from {} to {}", least, most));
}

Result<std::int64_t> read_time(const QueryTerm& term) {
  if (const auto time = cedar::parse_datetime(term.value)) return *time;
  return refuse(term, "it is no time: write `2026-11-22` or `2026-11-22T08:00:00Z`");
}

Result<std::string> read_id(const QueryTerm& term) {
  if (!term.value.empty()) return term.value;
  return invalid(
      fmt::format("`{}` is empty: name whose records you want, or leave it out", term.name));
}

/// Reads one term into a query.
using Take = Result<void> (*)(const QueryTerm& term, std::size_t most, Query& query);

struct Name {
  std::string_view name;
  Take take;
};

template <std::optional<std::string> Query::* kPlace>
Result<void> take_id(const QueryTerm& term, std::size_t, Query& query) {
  query.*kPlace = TRY(read_id(term));
  return {};
}

template <std::optional<NamedSubject> Query::* kPlace>
Result<void> take_subject(const QueryTerm& term, std::size_t, Query& query) {
  auto subject = read_named_subject(term.value);
  if (!subject) return refuse(term, subject.error().message);
  query.*kPlace = *std::move(subject);
  return {};
}

template <std::optional<std::int64_t> Query::* kPlace>
Result<void> take_time(const QueryTerm& term, std::size_t, Query& query) {
  query.*kPlace = TRY(read_time(term));
  return {};
}

Result<void> take_tenant(const QueryTerm& term, std::size_t, Query& query) {
  query.tenant = term.value;
  return {};
}

Result<void> take_kind(const QueryTerm& term, std::size_t, Query& query) {
  query.kinds.push_back(TRY(read_word(term, event::all_kinds(), "kind of event")));
  return {};
}

Result<void> take_outcome(const QueryTerm& term, std::size_t, Query& query) {
  query.outcome = TRY(read_word(term, event::all_outcomes(), "outcome"));
  return {};
}

Result<void> take_order(const QueryTerm& term, std::size_t, Query& query) {
  if (term.value != "newest" && term.value != "oldest") {
    return refuse(term, "say which come first, `newest` or `oldest`");
  }
  query.is_newest_first = term.value == "newest";
  return {};
}

Result<void> take_limit(const QueryTerm& term, std::size_t most, Query& query) {
  query.limit = TRY(read_number(term, 1, most));
  return {};
}

Result<void> take_after(const QueryTerm& term, std::size_t, Query& query) {
  query.after = TRY(read_number(term, 0, INT64_MAX));
  return {};
}

constexpr auto kNames = std::to_array<Name>({
    {"tenant", &take_tenant},
    {"principal", &take_subject<&Query::principal>},
    {"affected", &take_subject<&Query::affected>},
    {"patient", &take_id<&Query::patient>},
    {"device", &take_id<&Query::device>},
    {"caller", &take_id<&Query::caller>},
    {"decision", &take_id<&Query::decision_id>},
    {"kind", &take_kind},
    {"outcome", &take_outcome},
    {"from", &take_time<&Query::from>},
    {"to", &take_time<&Query::until>},
    {"order", &take_order},
    {"limit", &take_limit},
    {"after", &take_after},
});

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Name& name : kNames) all.emplace_back(name.name);
  return all;
}

bool names_somebody(const Query& query) {
  return query.principal || query.affected || query.patient || query.device || query.caller ||
         query.decision_id;
}

}  // namespace

Result<NamedSubject> read_named_subject(std::string_view text) {
  constexpr std::string_view kForm = "write `User::ann`, or `User::\"ann\"`";
  if (text.contains('"')) {
    Arena arena;
    const auto uid = cedar::parse_entity_uid(text, arena);
    if (!uid || (*uid)->id.empty()) return invalid(std::string(kForm));
    return NamedSubject{std::string((*uid)->type), std::string((*uid)->id)};
  }
  const std::size_t at = text.rfind("::");
  if (at == std::string_view::npos || at == 0 || at + 2 == text.size()) {
    return invalid(std::string(kForm));
  }
  return NamedSubject{std::string(text.substr(0, at)), std::string(text.substr(at + 2))};
}

Result<Query> read_query(std::span<const QueryTerm> terms, std::size_t most) {
  Query query{.tenant = std::nullopt, .limit = std::min(Query().limit, most)};
  std::vector<std::string_view> seen;
  for (const QueryTerm& term : terms) {
    const auto name = std::ranges::find(kNames, term.name, &Name::name);
    if (name == kNames.end()) {
      return invalid(fmt::format("records are not found by `{}`{}", printable(term.name),
                                 suggestion(term.name, names())));
    }
    const bool is_again = std::ranges::find(seen, name->name) != seen.end();
    if (is_again && name->take != &take_kind) {
      return invalid(fmt::format("`{}` comes twice: ask once for each", term.name));
    }
    seen.push_back(name->name);
    TRY_VOID(name->take(term, most, query));
  }
  if (!query.tenant && names_somebody(query)) query.tenant = "";
  if (query.from && query.until && *query.from >= *query.until) {
    return invalid("`from` is not before `to`: no record can be between them");
  }
  return query;
}

}  // namespace wardlock::audit
