#include "directory/inventory/bill.h"

#include <algorithm>

namespace wardlock::directory {
namespace {

using codec::Json;

constexpr std::string_view kLongAgo = "1970-01-01T00:00:00Z";

/// What was said of things comes first, then what ends, then what is.
class BillInventory : public InventoryText {
 public:
  explicit BillInventory(Bill bill) : said_(std::move(bill.said)) {
    std::ranges::move(bill.parts, std::back_inserter(said_));
  }

  Result<void> each(const Visit& visit) override {
    for (std::size_t i = 0; i < said_.size(); ++i) {
      const ItemPlace place{.line = said_[i].line, .part = static_cast<std::uint32_t>(i)};
      TRY_VOID(visit(place, said_[i].item));
    }
    return {};
  }

  Result<Item> read(const ItemPlace& place) override { return said_[place.part].item; }

 private:
  std::vector<Bill::Said> said_;
};

}  // namespace

void end_what_is_gone(const Bill& now, Bill& bill) {
  for (const auto& [whole, part] : now.comprised) {
    if (!bill.described.contains(whole) || bill.comprised.contains({whole, part})) continue;
    bill.said.push_back({Json{{"relation", to_string(Relation::kComprises)},
                              {"subject", whole},
                              {"object", part},
                              {"until", kLongAgo}},
                         1});
  }
}

std::unique_ptr<InventoryText> bill_inventory(Bill bill) {
  return std::make_unique<BillInventory>(std::move(bill));
}

}  // namespace wardlock::directory
