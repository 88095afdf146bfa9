#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "directory/inventory/inventory_text.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

// Bills of materials, of software and hardware, as CycloneDX has them (ECMA-424): docs/formats/
// bill-of-materials.md says what becomes of which member.

inline constexpr std::size_t kMaxBillBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxBillParts = 20'000;

/// What a bill says, as things and relations of a file: see `read_entry`. Keys are texts.
struct Bill {
  /// Something that it says, or what is wrong with that, and in which line.
  struct Said {
    InventoryText::Item item;
    std::uint32_t line = 0;
  };
  /// That the first is made with the second.
  using Parts = std::pair<std::string, std::string>;

  std::string root;                 ///< what it is the bill of
  std::vector<Said> said;           ///< all but which parts there are
  std::vector<Said> parts;          ///< the relations `comprises`
  std::set<Parts> comprised;        ///< the same, for looking up
  std::set<std::string> described;  ///< those of which it has all the parts
};

struct BillReading {
  std::string root = {};      ///< the key of what it is the bill of; empty: the bill says it
  std::string supplier = {};  ///< the code of who makes what names nobody; empty: it is refused
};

/// Reads CycloneDX 1.4 to 1.6, JSON. What is wrong with its parts is in the bill. Error
/// (kInvalidArgument): it is none, or too large.
Result<Bill> read_bill(std::string_view text, const BillReading& how);

/// Has what the bill's things are made with now, as another bill has it, and is not in this one any
/// more, end.
void end_what_is_gone(const Bill& now, Bill& bill);

/// As a file of things and relations.
std::unique_ptr<InventoryText> bill_inventory(Bill bill);

struct BillWriting {
  std::int64_t now = 0;
  std::string serial_number;  ///< a UUID that no other bill has
};

/// The bill of a device model or module version, as CycloneDX 1.6. Errors: kResourceExhausted, it
/// has more than `kMaxBillParts`; those of the registry.
Result<codec::Json> write_bill(const Registry& registry, std::string_view tenant, const Thing& root,
                               const BillWriting& how);

}  // namespace wardlock::directory
