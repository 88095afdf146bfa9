#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace wardlock::directory {

/// What a thing in the directory is. Kept by name: see `to_string`.
enum class Kind : std::uint8_t {
  kPerson,
  kPatient,
  kDevice,
  kDeviceModel,
  kModule,
  kModuleVersion,
  kService,
  kAgent,
  kOrganisation,
  kLocation,
  kRole,
  kGroup,
};
inline constexpr std::size_t kKinds = 12;

/// Its name in documents, e.g. `deviceModel`.
std::string_view to_string(Kind kind);

/// Some of the kinds.
class Kinds {
 public:
  constexpr Kinds() = default;
  constexpr Kinds(std::initializer_list<Kind> kinds) {
    for (const Kind kind : kinds) bits_ |= bit(kind);
  }

  constexpr bool contains(Kind kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr bool is_empty() const { return bits_ == 0; }
  /// These and one more.
  constexpr Kinds with(Kind kind) const {
    Kinds more = *this;
    more.bits_ |= bit(kind);
    return more;
  }

 private:
  static constexpr std::uint32_t bit(Kind kind) { return 1U << static_cast<unsigned>(kind); }

  std::uint32_t bits_ = 0;
};

/// A few words, in the table itself.
class Words {
 public:
  constexpr Words() = default;
  consteval Words(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) words_.at(count_++) = word;  // too many stop it
  }

  constexpr std::span<const std::string_view> all() const { return {words_.data(), count_}; }
  constexpr bool is_empty() const { return count_ == 0; }
  constexpr bool contains(std::string_view word) const {
    for (const std::string_view one : all()) {
      if (one == word) return true;
    }
    return false;
  }

 private:
  std::array<std::string_view, 12> words_ = {};
  std::size_t count_ = 0;
};

}  // namespace wardlock::directory
