#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "codec/json.h"
#include "directory/inventory/text.h"
#include "directory/model/document.h"

namespace wardlock::directory {

/// Where one thing or relation is in a text.
struct ItemPlace {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t line = 0;
  std::uint32_t part = 0;  ///< which of what is written there, such as in one row
  std::uint32_t text = 0;  ///< which of several texts it is in
};

/// `line 7`
std::string to_text(const ItemPlace& place);

/// A file of things and relations, in one of the forms of docs/formats/directory-import.md.
class InventoryText {
 public:
  /// An item, as `read_entry` takes it; or what is wrong with it.
  using Item = Checked<codec::Json>;
  using Visit = std::function<Result<void>(const ItemPlace&, Item)>;

  virtual ~InventoryText() = default;

  /// Each item in turn. Errors: what makes the whole text unreadable, with its line
  /// (kInvalidArgument), and those of `visit`.
  virtual Result<void> each(const Visit& visit) = 0;
  /// One again.
  virtual Result<Item> read(const ItemPlace& place) = 0;
};

/// JSON. Borrows the text.
std::unique_ptr<InventoryText> json_inventory(Text& text);

/// CSV, whose rows have things of the kind or relations of the name `kind`, where they do not say
/// it themselves; empty: they do. Borrows the text.
std::unique_ptr<InventoryText> csv_inventory(Text& text, std::string kind);

}  // namespace wardlock::directory
