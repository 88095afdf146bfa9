#pragma once

#include <cstdint>

namespace wardlock::storage {

/// When what was committed is on disk.
enum class Durability : std::uint8_t {
  kFull,    ///< before `commit` returns
  kNormal,  ///< sometime, at the latest with the next that is kFull; a power cut may lose the
            ///< latest, but breaks nothing
};

}  // namespace wardlock::storage
