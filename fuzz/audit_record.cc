// Records of the audit log: whatever is read without an error is canonical, and sealing it again
// gives a record that opens to the same event; nothing else gets through.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "crypto/random.h"
#include "event/canonical_json.h"
#include "event/draft.h"
#include "event/sealed_record.h"

using namespace wardlock;
using namespace wardlock::event;

namespace {

/// Knows one key by any id.
class OneKey final : public KeyLookup {
 public:
  Result<Answer> find(const KeyId&, crypto::SymmetricKey& key) override {
    key = crypto::SymmetricKey();
    return Answer::kFound;
  }
};

void read_as_record(std::string_view bytes) {
  Arena arena;
  NoKeys none;
  OneKey one;
  const bool is_parsed = parse_record(bytes).has_value();
  const bool is_readable = open_record(bytes, none, arena).has_value();
  const bool is_opened = open_record(bytes, one, arena).has_value();
  CHECK(is_parsed || (!is_readable && !is_opened));
}

void read_as_draft(std::string_view bytes) {
  const auto draft = read_draft(bytes);
  CHECK(!draft || draft->clear_json.size() < bytes.size());
}

void read_as_part(std::string_view json, Part part) {
  Arena arena;
  Event event;
  if (!read_part(json, part, event, arena)) return;
  std::string again;
  CHECK(write_part(event, part, again) ? again == json : json.size() > kMaxFreeTextBytes);
}

/// The clear part is given, and all the rest of the event is one text.
void seal_and_open(std::string_view json, std::string_view text) {
  Arena arena;
  Event event;
  if (!read_part(json, Part::kClear, event, arena)) return;
  event.session = event.resource_id = event.value_after = text;
  std::string draft, record, before, after;
  if (!write_draft(event, draft)) return;
  const DraftView view = read_draft(draft).value();
  const std::array<SubjectKey, kSealedParts.size()> keys;
  RecordRandom random = {};
  seal_record(view, std::span(keys).first(view.parts().size()), random, record);
  OneKey one;
  const Event opened = open_record(record, one, arena).value();
  CHECK(write_event(event, before).has_value() && write_event(opened, after).has_value());
  CHECK(before == after);
}

}  // namespace

/// The first byte says as what the rest is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'r': read_as_record(input); break;
    case 'd': read_as_draft(input); break;
    case 's': {
      const std::size_t zero = std::min(input.find('\0'), input.size());
      seal_and_open(input.substr(0, zero), input.substr(std::min(zero + 1, input.size())));
      break;
    }
    default: read_as_part(input, static_cast<Part>(data[0] % kParts));
  }
  return 0;
}
