#include "directory/identifier/gs1_element.h"

#include <algorithm>
#include <array>

namespace wardlock::directory {
namespace {

constexpr std::string_view kDigits = "#";
constexpr std::string_view kDate = "YYMMDD";

// GS1 General Specifications, 3.2. Left out is what no device bears: weights, prices, addresses.
constexpr std::array kElements = std::to_array<Gs1Element>({
    {"01", 14, 14, UdiPartKind::kDeviceIdentifier, "GTIN", kDigits},
    {"10", 1, 20, UdiPartKind::kLot, "lot", {}},
    {"11", 6, 6, UdiPartKind::kManufactured, "date of manufacture", kDate},
    {"13", 6, 6, UdiPartKind::kOther, "date of packaging", kDate},
    {"15", 6, 6, UdiPartKind::kOther, "best-before date", kDate},
    {"17", 6, 6, UdiPartKind::kExpires, "date of expiry", kDate},
    {"20", 2, 2, UdiPartKind::kOther, "product variant", kDigits},
    {"21", 1, 20, UdiPartKind::kSerial, "serial number", {}},
    {"22", 1, 20, UdiPartKind::kOther, "consumer product variant", {}},
    {"235", 1, 28, UdiPartKind::kOther, "third party's serial number", {}},
    {"240", 1, 30, UdiPartKind::kOther, "additional product identification", {}},
    {"241", 1, 30, UdiPartKind::kOther, "customer's part number", {}},
    {"242", 1, 6, UdiPartKind::kOther, "made-to-order variation", kDigits},
    {"243", 1, 20, UdiPartKind::kOther, "packaging component", {}},
    {"250", 1, 30, UdiPartKind::kOther, "secondary serial number", {}},
    {"251", 1, 30, UdiPartKind::kOther, "reference to the source", {}},
    {"30", 1, 8, UdiPartKind::kQuantity, "count of items", kDigits},
    {"7003", 10, 10, UdiPartKind::kExpires, "date and time of expiry", "YYMMDDHHNN"},
    {"7020", 1, 20, UdiPartKind::kOther, "refurbishment lot", {}},
    {"7021", 1, 20, UdiPartKind::kOther, "functional status", {}},
    {"7022", 1, 20, UdiPartKind::kOther, "revision status", {}},
    {"710", 1, 20, UdiPartKind::kOther, "national reimbursement number (Germany)", {}},
    {"711", 1, 20, UdiPartKind::kOther, "national reimbursement number (France)", {}},
    {"712", 1, 20, UdiPartKind::kOther, "national reimbursement number (Spain)", {}},
    {"713", 1, 20, UdiPartKind::kOther, "national reimbursement number (Brazil)", {}},
    {"714", 1, 20, UdiPartKind::kOther, "national reimbursement number (Portugal)", {}},
    {"715", 1, 20, UdiPartKind::kOther, "national drug code (USA)", {}},
    {"8004", 1, 30, UdiPartKind::kOther, "individual asset identifier", {}},
    {"8012", 1, 20, UdiPartKind::kVersion, "software version", {}},
    {"90", 1, 30, UdiPartKind::kOther, "agreed between partners", {}},
    {"91", 1, 90, UdiPartKind::kOther, "company's own 91", {}},
    {"92", 1, 90, UdiPartKind::kOther, "company's own 92", {}},
    {"93", 1, 90, UdiPartKind::kOther, "company's own 93", {}},
    {"94", 1, 90, UdiPartKind::kOther, "company's own 94", {}},
    {"95", 1, 90, UdiPartKind::kOther, "company's own 95", {}},
    {"96", 1, 90, UdiPartKind::kOther, "company's own 96", {}},
    {"97", 1, 90, UdiPartKind::kOther, "company's own 97", {}},
    {"98", 1, 90, UdiPartKind::kOther, "company's own 98", {}},
    {"99", 1, 90, UdiPartKind::kOther, "company's own 99", {}},
});

}  // namespace

bool Gs1Element::has_fixed_length() const {
  const bool is_early = identifier >= "00" && identifier < "05";
  const bool is_date_or_variant =
      identifier.size() == 2 && identifier >= "11" && identifier <= "20";
  return is_early || is_date_or_variant;
}

const Gs1Element* find_gs1_element(std::string_view text) {
  const auto* found = std::ranges::find_if(
      kElements, [&](const Gs1Element& element) { return text.starts_with(element.identifier); });
  return found == kElements.end() ? nullptr : found;
}

}  // namespace wardlock::directory
