#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/schema/schema.h"
#include "codec/json.h"
#include "prover/condition/conditions.h"
#include "prover/condition/consistency.h"

namespace wardlock::prover {

// Values as entities JSON has them.
codec::Json entity_value(std::string_view type, std::string_view id);
codec::Json number_value(cedar::Kind kind, std::int64_t number);
codec::Json extension_value(std::string_view function, std::string_view argument);

/// Digits of a number by which one of several values is chosen, again and again.
class Choice {
 public:
  explicit Choice(std::size_t variant) : rest_(variant) {}
  std::size_t among(std::size_t count) {
    const std::size_t digit = rest_ % count;
    rest_ /= count;
    return digit;
  }

 private:
  std::size_t rest_;
};

/// Texts, one for each class of terms, so that none are equal that need not be. Those that `like`
/// asks about may be as it wants them.
class Texts {
 public:
  Texts(const Conditions& conditions, const Consistency& consistency, Choice& choice);
  std::string of(Consistency::ClassId id);

 private:
  std::map<Consistency::ClassId, std::string> texts_;
  std::size_t next_ = 1;
};

/// Addresses: for classes that conditions ask about, one of those that conditions name, one outside
/// of them, and a network.
class Addresses {
 public:
  Addresses(const Conditions& conditions, const Consistency& consistency, Choice& choice);
  std::string of(Consistency::ClassId id) const;

 private:
  std::map<Consistency::ClassId, std::string> addresses_;
};

/// Numbers that fit, the times of day agreeing with the moments they are of.
std::optional<std::map<Consistency::ClassId, std::int64_t>> fitting_numbers(
    const Conditions& conditions, const Consistency& consistency, std::int64_t now);

}  // namespace wardlock::prover
