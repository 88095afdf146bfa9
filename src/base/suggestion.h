#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wardlock {

/// `; did you mean …?` with the nearest of the words where one is near, else nothing.
std::string suggestion(std::string_view word, std::span<const std::string> words);

}  // namespace wardlock
