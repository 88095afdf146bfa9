#include "pdp/consent_codes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

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

const Code* find(std::span<const Code> table, std::string_view code) {
  const auto found = std::ranges::lower_bound(table, code, {}, &Code::code);
  return found != table.end() && found->code == code ? &*found : nullptr;
}

bool is_within(std::span<const Code> table, std::string_view code, std::string_view group) {
  for (const Code* each = find(table, code); each != nullptr; each = find(table, each->within)) {
    if (each->code == group) return true;
  }
  return false;
}

CodeFit fit(std::span<const Code> table, std::string_view asked, std::string_view named) {
  if (is_within(table, asked, named)) return CodeFit::kCovered;
  return is_within(table, named, asked) ? CodeFit::kBroader : CodeFit::kApart;
}

}  // namespace

bool is_purpose(std::string_view code) { return find(kPurposes, code) != nullptr; }

CodeFit purpose_fit(std::string_view asked, std::string_view named) {
  const CodeFit found = fit(kPurposes, asked, named);
  const bool is_emergency = is_within(kPurposes, named, "ETREAT");
  return found == CodeFit::kBroader && is_emergency ? CodeFit::kApart : found;
}

bool is_sensitivity(std::string_view code) { return find(kSensitivities, code) != nullptr; }

CodeFit sensitivity_fit(std::string_view asked, std::string_view named) {
  return fit(kSensitivities, asked, named);
}

std::optional<int> confidentiality_level(std::string_view code) {
  const auto* const found = std::ranges::find(kConfidentialities, code);
  if (found == kConfidentialities.end()) return std::nullopt;
  return static_cast<int>(found - kConfidentialities.begin());
}

}  // namespace wardlock::pdp
