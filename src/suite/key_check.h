#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "codec/yaml.h"
#include "suite/key.h"

namespace wardlock::suite {

/// Collects what is wrong with a suite. Not thread-safe.
class Findings {
 public:
  void refuse(Span span, std::string message, std::string help = "") {
    list_.push_back({Severity::kError, std::move(message), span, std::move(help)});
  }
  /// Takes over findings about a text that stands at `offset` in the suite.
  void take(Diagnostics diagnostics, std::size_t offset);

  Diagnostics& list() { return list_; }
  bool is_empty() const { return list_.empty(); }

 private:
  Diagnostics list_;
};

/// Whether `yaml` is a map; it is refused otherwise. `what` it is, for the message: `a test`.
bool check_map(const codec::Yaml& yaml, std::string_view what, Findings& findings);

/// Refuses the keys of a map that are in none of `known`.
void check_keys(const codec::Yaml& map, std::string_view what,
                std::span<const std::span<const Key>> known, Findings& findings);
inline void check_keys(const codec::Yaml& map, std::string_view what, std::span<const Key> known,
                       Findings& findings) {
  check_keys(map, what, std::array{known}, findings);
}

/// The value of a key, or null.
const codec::Yaml* find(const codec::Yaml& map, std::string_view key);

/// The text of a key; nothing where it is absent, or no text, which is refused.
std::optional<std::string> find_text(const codec::Yaml& map, std::string_view key,
                                     Findings& findings);

/// `; did you mean …?`, or else `help` with the words: `there are …`.
void refuse_unknown(Span span, std::string_view what, std::string_view word,
                    std::span<const std::string> words, Findings& findings);

}  // namespace wardlock::suite
