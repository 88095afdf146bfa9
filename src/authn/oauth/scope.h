#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/refusal.h"

namespace wardlock::oauth {

/// With it a person's token may administer Wardlock in their name, as far as they may.
inline constexpr std::string_view kAdministrationScope = "wardlock.admin";

/// With it a person's token may break the glass in their name, as far as they may; so may one with
/// the other.
inline constexpr std::string_view kBreakGlassScope = "wardlock.break-glass";

/// Whose data a SMART scope is about.
enum class SmartLevel : std::uint8_t {
  kPatient,  ///< the one patient in context
  kUser,     ///< what the person may see
  kSystem,   ///< what the client itself may see; nobody is signed in
};

/// A scope of SMART App Launch 2: `user/Observation.rs?category=vital-signs`.
struct SmartScope {
  SmartLevel level;
  std::string resource;     ///< a FHIR type, or `*`
  std::string permissions;  ///< some of `cruds`, in that order
  std::string search = {};  ///< what follows `?`

  /// Whether all that the other allows is allowed by this.
  bool covers(const SmartScope& other) const;
};

/// Nothing: it does not begin as SMART's scopes do, or is not as they are. The words of version 1
/// (`.read`) are not taken.
std::optional<SmartScope> read_smart_scope(std::string_view text);

/// Reads a list of scopes (RFC 6749, 3.3). Refuses what is malformed, also as a SMART scope, and
/// more than 100.
Answer<std::vector<std::string>> read_scopes(std::string_view text);

/// Refuses what the client may not ask for. What it may is listed to the letter, or as a SMART
/// scope that covers what is asked.
Answer<void> check_scopes(const std::vector<std::string>& asked,
                          const std::vector<std::string>& allowed);

/// Which scopes make sense where nobody is signed in (`system/…`), and where somebody is.
Answer<void> check_scopes_of_person(const std::vector<std::string>& asked);
Answer<void> check_scopes_of_client(const std::vector<std::string>& asked);

bool has_scope(const std::vector<std::string>& scopes, std::string_view scope);
/// Whether each of the first is among the others.
bool are_among(const std::vector<std::string>& some, const std::vector<std::string>& all);

/// The scopes that have a meaning here, for the metadata.
const std::vector<std::string>& known_scopes();

}  // namespace wardlock::oauth
