#pragma once

#include <span>
#include <string_view>

#include "event/event.h"

namespace wardlock::event {

/// A value of a closed list, with its name in records and what it means: a sentence without its
/// full stop. The lists are in the order of their enumerations.
template <typename Value>
struct Word {
  Value value;
  std::string_view name;
  std::string_view about;
};

std::span<const Word<Kind>> all_kinds();
std::span<const Word<Outcome>> all_outcomes();

/// What happened, without what its record counts: the sentence up to its semicolon.
std::string_view headline(Kind kind);

}  // namespace wardlock::event
