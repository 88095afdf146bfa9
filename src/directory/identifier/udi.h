#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "directory/identifier/label_date.h"

namespace wardlock::directory {

/// Who gives out the numbers, and thereby how they are written.
enum class IssuingAgency : std::uint8_t { kGs1, kHibcc, kIccbba };

std::string_view to_string(IssuingAgency agency);

/// What a part of a UDI says. The first, and with it the UDI's model, is always there.
enum class UdiPartKind : std::uint8_t {
  kDeviceIdentifier,
  kManufactured,
  kExpires,
  kLot,
  kSerial,
  kDonation,  ///< of human tissue: the distinct identification code
  kVersion,   ///< of software
  kQuantity,
  kOther,  ///< what its mark says it is
};

/// One part of a UDI.
struct UdiPart {
  UdiPartKind kind = UdiPartKind::kOther;
  std::string mark;   ///< what the agency puts before it: `(21)`, `/S`, `=,`
  std::string name;   ///< in words: `serial number`
  std::string value;  ///< as on the label
  std::optional<LabelDate> date;

  friend bool operator==(const UdiPart&, const UdiPart&) = default;
};

/// A unique device identifier (21 CFR 801.40, MDR Annex VI C) that is well formed.
struct Udi {
  IssuingAgency agency = IssuingAgency::kGs1;
  std::vector<UdiPart> parts;  ///< the device identifier first; no kind but kOther twice
  /// The normal form, as people read it: without a scanner's prefix and separators, GS1's and
  /// ICCBBA's parts in one order, HIBC's two symbols in one. It is read again as the same UDI.
  std::string text;

  const UdiPart* find(UdiPartKind kind) const;
  /// Of the model, or its package: a GTIN of 14 digits; HIBC's labeler, product and unit of
  /// measure; ISBT 128's processor and product.
  std::string_view device_identifier() const { return parts.front().value; }
};

/// Reads a UDI in the form of any agency, as people write it or as a scanner sends it (with the
/// symbology's prefix `]C1`, `]d2`, … and group separators), or a bare GTIN. The errors are all
/// that is wrong with it, each with its place, what was expected, and what a check character should
/// be. `today` decides which century two digits of a year are in.
Parsed<Udi> parse_udi(std::string_view text, std::chrono::year today);

}  // namespace wardlock::directory
