#pragma once

#include <cstdint>

#include "event/event.h"

namespace wardlock::audit {

/// How much an event is to be noticed. Each format has a scale of its own for it.
enum class Weight : std::uint8_t {
  kRoutine,  ///< what happens all day and went well
  kNotable,  ///< what somebody reviews: a broken glass, a change of who may do what
  kRefused,  ///< a denial, a login that failed
  kFault,    ///< what could not be done or decided
};
inline constexpr std::size_t kWeights = 4;

Weight weight_of(const event::Event& event);

}  // namespace wardlock::audit
