#include "pdp/obligation_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory_resource>

#include "cedar/extension/extension.h"

namespace wardlock::pdp {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// Calls with each part between separators, without the blanks around it.
template <typename Call>
void for_each_part(std::string_view text, char separator, Call call) {
  while (true) {
    const std::size_t end = text.find(separator);
    call(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

struct WrittenTerm {
  std::string_view name;
  std::string_view value;

  std::optional<std::int64_t> time() const { return cedar::parse_duration(value); }
};

template <typename Call>
void for_each_term(std::string_view text, Call call) {
  for_each_part(text, ';', [&](std::string_view part) {
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) return call(WrittenTerm{part, {}});
    call(WrittenTerm{trimmed(part.substr(0, colon)), trimmed(part.substr(colon + 1))});
  });
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         std::ranges::all_of(text, fits);
}

/// What may stand in a term without being mistaken for another part of it.
bool is_word(std::string_view text) {
  const auto fits = [](unsigned char c) { return c > ' ' && c < 0x7f && c != '"' && c != ':'; };
  return !text.empty() && std::ranges::all_of(text, fits);
}

std::optional<std::string> find_value_fault(const WrittenTerm& term) {
  if (const auto time = term.time()) {
    if (*time >= 0) return std::nullopt;
    return fmt::format("the time of `{}` is negative", term.name);
  }
  std::optional<std::string> fault;
  for_each_part(term.value, ',', [&](std::string_view word) {
    if (fault || is_word(word)) return;
    fault = fmt::format("`{}` needs a time such as `5m`, or words separated by commas", term.name);
  });
  return fault;
}

using Terms = std::pmr::vector<ObligationTerm>;

/// Sorted, each once, in the arena.
std::span<const std::string_view> united(std::span<const std::string_view> before,
                                         std::string_view value, Arena& arena) {
  std::pmr::vector<std::string_view> words(before.begin(), before.end(), arena.resource());
  for_each_part(value, ',', [&](std::string_view word) { words.push_back(word); });
  std::ranges::sort(words);
  const auto rest = std::ranges::unique(words);
  words.erase(rest.begin(), rest.end());
  return arena.copy(words);
}

void merge(std::string_view obligation, const WrittenTerm& written, Arena& arena, Terms& terms) {
  const auto same = std::ranges::find_if(terms, [&](const ObligationTerm& term) {
    return term.obligation == obligation && term.name == written.name;
  });
  const auto time = written.time();
  if (same == terms.end()) {
    terms.push_back({.obligation = obligation, .name = written.name});
    ObligationTerm& term = terms.back();
    if (time) {
      term.within_ms = *time;
    } else {
      term.words = united({}, written.value, arena);
    }
  } else if (time) {
    same->within_ms = std::min(same->within_ms, *time);
  } else {
    same->words = united(same->words, written.value, arena);
  }
}

}  // namespace

std::optional<std::string> find_terms_fault(std::string_view text) {
  std::vector<std::string_view> names;
  std::optional<std::string> fault;
  for_each_term(text, [&](const WrittenTerm& term) {
    if (fault) return;
    if (!is_name(term.name)) {
      fault = "terms are written `name: value`, separated by `;`, with names of small letters";
    } else if (std::ranges::find(names, term.name) != names.end()) {
      fault = fmt::format("`{}` comes twice", term.name);
    } else {
      fault = find_value_fault(term);
    }
    names.push_back(term.name);
  });
  return fault;
}

std::vector<TermKind> kinds_of_terms(std::string_view text) {
  std::vector<TermKind> kinds;
  for_each_term(text, [&](const WrittenTerm& term) {
    kinds.push_back({term.name, term.time().has_value()});
  });
  return kinds;
}

std::span<const ObligationTerm> merge_terms(std::span<const cedar::Policy* const> policies,
                                            Arena& arena) {
  Terms terms(arena.resource());
  for (const cedar::Policy* policy : policies) {
    const auto obligation = policy->body->annotation("obligation");
    const auto text = policy->body->annotation("terms");
    if (!obligation || !text) continue;
    for_each_term(*text,
                  [&](const WrittenTerm& written) { merge(*obligation, written, arena, terms); });
  }
  return arena.copy(terms);
}

std::span<const ObligationTerm> unite_terms(std::span<const ObligationTerm> one,
                                            std::span<const ObligationTerm> other, Arena& arena) {
  if (one.empty() || other.empty()) return one.empty() ? other : one;
  Terms all(one.begin(), one.end(), arena.resource());
  for (const ObligationTerm& each : other) {
    const auto same = std::ranges::find_if(all, [&](const ObligationTerm& term) {
      return term.obligation == each.obligation && term.name == each.name;
    });
    if (same == all.end()) {
      all.push_back(each);
    } else if (each.is_time()) {
      same->within_ms = std::min(same->within_ms, each.within_ms);
    } else {
      std::pmr::vector<std::string_view> words(same->words.begin(), same->words.end(),
                                               arena.resource());
      words.insert(words.end(), each.words.begin(), each.words.end());
      std::ranges::sort(words);
      const auto rest = std::ranges::unique(words);
      words.erase(rest.begin(), rest.end());
      same->words = arena.copy(words);
    }
  }
  return arena.copy(all);
}

}  // namespace wardlock::pdp
