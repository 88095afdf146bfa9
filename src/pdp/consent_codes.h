#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wardlock::pdp {

// The codes of HL7 that consents and questions name: purposes of use (v3-ActReason, below
// PurposeOfUse), confidentiality (v3-Confidentiality) and sensitivity (v3-ActCode, below
// _InformationSensitivityPolicy). A code covers those below it. Pure.

/// How a code that is asked about stands to one that is named.
enum class CodeFit : unsigned char {
  kApart,    ///< none of the one is the other
  kBroader,  ///< some of it may be: what is named is below it
  kCovered,  ///< it is the named one, or below it
};

/// A purpose, found among the codes once.
class Purpose {
 public:
  /// Nothing: it is no purpose.
  static std::optional<Purpose> find(std::string_view code);

  friend CodeFit purpose_fit(Purpose asked, Purpose named);

 private:
  explicit Purpose(std::size_t place) : place_(place) {}

  std::size_t place_;
};

inline bool is_purpose(std::string_view code) { return Purpose::find(code).has_value(); }
/// Whoever acts in an emergency says so: no other purpose may be one.
CodeFit purpose_fit(Purpose asked, Purpose named);

bool is_sensitivity(std::string_view code);
/// Both must be sensitivities.
CodeFit sensitivity_fit(std::string_view asked, std::string_view named);

/// From 0 (`U`, unrestricted) to 5 (`V`, very restricted); nothing: it is no confidentiality.
std::optional<int> confidentiality_level(std::string_view code);

/// The purpose of whoever breaks the glass.
inline constexpr std::string_view kBreakGlassPurpose = "BTG";
/// What that is a part of: an emergency, which anybody may say that there is.
inline constexpr std::string_view kEmergencyPurpose = "ETREAT";

}  // namespace wardlock::pdp
