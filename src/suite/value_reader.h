#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/yaml.h"
#include "suite/key_check.h"
#include "suite/suite.h"

namespace wardlock::suite {

/// Reads what is given for a field, in any of the forms that a suite may write it in, by the names
/// that the suite declares. What is wrong is noted in the findings; then nothing, or what is left,
/// is returned. Borrows the suite's nodes and the findings.
class ValueReader {
 public:
  /// Reads what the suite declares.
  ValueReader(const codec::Yaml& suite, Findings& findings);

  /// `field`: `principal` or `resource`.
  std::optional<Described> described(const codec::Yaml& yaml, std::string_view field);
  /// Into `action`, `action_properties`.
  void action(const codec::Yaml& yaml, Asked& asked);
  boost::json::object context(const codec::Yaml& yaml);
  std::optional<Authentication> authentication(const codec::Yaml& yaml);
  std::vector<Word> words(const codec::Yaml& yaml);
  std::optional<bool> flag(const codec::Yaml& yaml, std::string_view field);
  std::optional<std::int64_t> moment(const codec::Yaml& yaml);
  /// Empty where there is none.
  std::string text(const codec::Yaml& yaml, std::string_view field);

  /// What is given by a request the suite declares, or null.
  const Given* request(const codec::Yaml& yaml);
  /// The fields of a map that asks; other keys are not looked at.
  static Given given(const codec::Yaml& map);

 private:
  template <typename T>
  using ByName = std::map<std::string, T, std::less<>>;

  void declare(const codec::Yaml& suite);
  std::optional<Described> described_text(const codec::Yaml& yaml, std::string_view field);
  std::optional<Described> described_map(const codec::Yaml& yaml);
  const Described* find_described(std::string_view name, std::string_view field) const;
  boost::json::object properties(const codec::Yaml& map);
  boost::json::object braces(std::string_view text, std::size_t offset);
  void join_context(const codec::Yaml& yaml, boost::json::object& joined);
  std::optional<Authentication> authentication_map(const codec::Yaml& yaml);
  std::optional<Authentication> authentication_text(const codec::Yaml& yaml);

  Findings& findings_;
  ByName<Described> principals_;
  ByName<Described> resources_;
  ByName<boost::json::object> contexts_;
  ByName<Authentication> authentications_;
  ByName<Given> requests_;
};

/// Whether it says that there is nothing: `-`, `none`, `[]` or nothing at all.
bool is_none(const codec::Yaml& yaml);

}  // namespace wardlock::suite
