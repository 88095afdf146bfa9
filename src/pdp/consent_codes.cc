#include "pdp/consent_codes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace wardlock::pdp {
namespace {

struct Code {
  std::string_view code;
  std::string_view within;  ///< the code above it; empty: none
};

/// HL7 v3-ActReason, PurposeOfUse and what is below it.
constexpr auto kPurposes = std::to_array<Code>({
    {"BIORCH", "HRESCH"},        {"BTG", "ETREAT"},           {"CAREMGT", "HOPERAT"},
    {"CLINTRCH", "HRESCH"},      {"CLINTRCHNPC", "CLINTRCH"}, {"CLINTRCHPC", "CLINTRCH"},
    {"CLINTRL", "TREAT"},        {"CLMATTCH", "HPAYMT"},      {"COC", "TREAT"},
    {"COVAUTH", "HPAYMT"},       {"COVERAGE", "HPAYMT"},      {"DISASTER", "PUBHLTH"},
    {"DONAT", "HOPERAT"},        {"DSRCH", "HRESCH"},         {"ELIGDTRM", "COVERAGE"},
    {"ELIGVER", "COVERAGE"},     {"ENROLLM", "COVERAGE"},     {"ERTREAT", "ETREAT"},
    {"ETREAT", "TREAT"},         {"FAMRQT", "PATRQT"},        {"FRAUD", "HOPERAT"},
    {"GOV", "HOPERAT"},          {"HACCRED", "HOPERAT"},      {"HCOMPL", "HOPERAT"},
    {"HDECD", "HOPERAT"},        {"HDIRECT", "HOPERAT"},      {"HDM", "HOPERAT"},
    {"HLEGAL", "HOPERAT"},       {"HMARKT", "PurposeOfUse"},  {"HOPERAT", "PurposeOfUse"},
    {"HOUTCOMS", "HOPERAT"},     {"HPAYMT", "PurposeOfUse"},  {"HPRGRP", "HOPERAT"},
    {"HQUALIMP", "HOPERAT"},     {"HRESCH", "PurposeOfUse"},  {"HSYSADMIN", "HOPERAT"},
    {"HTEST", "SYSDEV"},         {"LABELING", "HSYSADMIN"},   {"MEMADMIN", "HOPERAT"},
    {"METAMGT", "HSYSADMIN"},    {"MILCDM", "HOPERAT"},       {"MILDCRG", "COVERAGE"},
    {"PATADMIN", "HOPERAT"},     {"PATRQT", "PurposeOfUse"},  {"PATSFTY", "HOPERAT"},
    {"PERFMSR", "HOPERAT"},      {"POARCH", "HRESCH"},        {"POPHLTH", "TREAT"},
    {"PRECLINTRCH", "CLINTRCH"}, {"PUBHLTH", "PurposeOfUse"}, {"PWATRNY", "PATRQT"},
    {"PurposeOfUse", ""},        {"RECORDMGT", "HOPERAT"},    {"REMITADV", "HPAYMT"},
    {"SUPNWK", "PATRQT"},        {"SYSDEV", "HOPERAT"},       {"THREAT", "PUBHLTH"},
    {"TRAIN", "HOPERAT"},        {"TRANSRCH", "HRESCH"},      {"TREAT", "PurposeOfUse"},
});
static_assert(std::ranges::is_sorted(kPurposes, {}, &Code::code));

/// HL7 v3-ActCode, what is below _ActInformationSensitivityPolicy.
constexpr auto kSensitivities = std::to_array<Code>({
    {"BH", "SPI"},       {"COGN", "BH"},   {"DVD", "BH"},  {"EMOTDIS", "BH"}, {"ETH", ""},
    {"ETHUD", "SUD"},    {"GDIS", ""},     {"HIV", ""},    {"MH", "BH"},      {"MST", ""},
    {"OPIOIDUD", "SUD"}, {"PREGNANT", ""}, {"PSY", "BH"},  {"PSYTHPN", "BH"}, {"SCA", ""},
    {"SDV", ""},         {"SEX", ""},      {"SICKLE", ""}, {"SPI", ""},       {"STD", ""},
    {"SUD", "BH"},       {"TBOO", ""},     {"VIO", ""},
});
static_assert(std::ranges::is_sorted(kSensitivities, {}, &Code::code));

/// HL7 v3-Confidentiality, the lowest first.
constexpr std::array<std::string_view, 6> kConfidentialities = {"U", "L", "M", "N", "R", "V"};

/// The codes of a table, and which of them is above each.
template <std::size_t kSize>
class Hierarchy {
 public:
  static constexpr std::size_t kNone = kSize;

  constexpr explicit Hierarchy(const std::array<Code, kSize>& codes) {
    std::ranges::transform(codes, keys_.begin(), [](const Code& each) { return key(each.code); });
    std::ranges::transform(codes, above_.begin(),
                           [this](const Code& each) { return find(each.within); });
  }

  /// Its place; `kNone`: there is no such code.
  constexpr std::size_t find(std::string_view code) const {
    if (code.size() > kMostBytes) return kNone;
    const Key wanted = key(code);
    const auto found = std::ranges::lower_bound(keys_, wanted);
    const bool is_there = found != keys_.end() && *found == wanted;
    return is_there ? static_cast<std::size_t>(found - keys_.begin()) : kNone;
  }

  /// Whether the one is the other, or below it.
  constexpr bool is_within(std::size_t code, std::size_t group) const {
    for (; code != kNone; code = above_[code]) {
      if (code == group) return true;
    }
    return false;
  }

  CodeFit fit(std::size_t asked, std::size_t named) const {
    if (is_within(asked, named)) return CodeFit::kCovered;
    return is_within(named, asked) ? CodeFit::kBroader : CodeFit::kApart;
  }

 private:
  /// A code's bytes as numbers, in the order of the codes: looked for without comparing texts.
  using Key = std::array<std::uint64_t, 2>;
  static constexpr std::size_t kMostBytes = sizeof(Key);

  /// Requires no more than `kMostBytes`.
  static constexpr Key key(std::string_view code) {
    std::array<char, kMostBytes> bytes = {};
    std::ranges::copy(code, bytes.begin());
    Key out = std::bit_cast<Key>(bytes);
    if constexpr (std::endian::native == std::endian::little) {
      for (std::uint64_t& each : out) each = std::byteswap(each);
    }
    return out;
  }

  std::array<Key, kSize> keys_ = {};
  std::array<std::size_t, kSize> above_ = {};
};

constexpr Hierarchy kPurposeTree{kPurposes};
constexpr Hierarchy kSensitivityTree{kSensitivities};
constexpr std::size_t kEmergency = kPurposeTree.find(kEmergencyPurpose);
static_assert(kEmergency != kPurposeTree.kNone);

}  // namespace

std::optional<Purpose> Purpose::find(std::string_view code) {
  const std::size_t place = kPurposeTree.find(code);
  if (place == kPurposeTree.kNone) return std::nullopt;
  return Purpose(place);
}

CodeFit purpose_fit(Purpose asked, Purpose named) {
  const CodeFit found = kPurposeTree.fit(asked.place_, named.place_);
  const bool is_emergency = kPurposeTree.is_within(named.place_, kEmergency);
  return found == CodeFit::kBroader && is_emergency ? CodeFit::kApart : found;
}

bool is_sensitivity(std::string_view code) {
  return kSensitivityTree.find(code) != kSensitivityTree.kNone;
}

CodeFit sensitivity_fit(std::string_view asked, std::string_view named) {
  return kSensitivityTree.fit(kSensitivityTree.find(asked), kSensitivityTree.find(named));
}

std::optional<int> confidentiality_level(std::string_view code) {
  const auto* const found = std::ranges::find(kConfidentialities, code);
  if (found == kConfidentialities.end()) return std::nullopt;
  return static_cast<int>(found - kConfidentialities.begin());
}

}  // namespace wardlock::pdp
