#pragma once

#include <optional>
#include <vector>

#include "suite/key_check.h"
#include "suite/suite.h"
#include "suite/value_reader.h"

namespace wardlock::suite {

// What a suite says besides its tests.

/// Its `entities` or `more_entities`, as entities JSON.
std::optional<Entities> read_entities(const codec::Yaml& suite, ValueReader& values,
                                      Findings& findings);

/// Its `excused`.
std::vector<Excuse> read_excuses(const codec::Yaml& suite, ValueReader& values, Findings& findings);

}  // namespace wardlock::suite
