#pragma once

#include <cstdint>
#include <string_view>

namespace wardlock::directory {

/// What a directory says of a password. All but the first let nobody in. What is told apart from
/// `kWrong` is for the person alone, once the password was right; `kLocked` and `kDisabled` are
/// also said of wrong ones, and are no stranger's business.
enum class PasswordVerdict : std::uint8_t {
  kRight,
  kWrong,
  kExpired,     ///< right, and too old: it is to be changed there
  kMustChange,  ///< right, and set by somebody else: the same
  kLocked,      ///< the directory has closed the account after too many tries
  kDisabled,    ///< the account may not be used, there, or not at this time
};
/// `right` and so on.
std::string_view to_string(PasswordVerdict verdict);

}  // namespace wardlock::directory
