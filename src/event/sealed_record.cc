#include "event/sealed_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "crypto/keyed_hash.h"
#include "crypto/sha256.h"
#include "event/big_endian.h"
#include "event/canonical_json.h"

namespace wardlock::event {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kMostPartBytes =
    1 + sizeof(KeyId) + kLengthBytes + crypto::kAeadOverhead;  // besides its JSON
static_assert(1 + sizeof(RecordSalt) + kLengthBytes + kMaxEventBytes +
                  kSealedParts.size() * kMostPartBytes <=
              kMaxRecordBytes);

/// What a sealed part is bound to: its own number and key id, and all of the record that stands
/// before the first part.
using Binding = std::array<char, 1 + sizeof(KeyId) + sizeof(crypto::Sha256Digest)>;

std::string_view text_of(const Binding& binding) { return {binding.data(), binding.size()}; }

Binding bind(Part part, const KeyId& key_id, const crypto::Sha256Digest& head) {
  Binding binding;
  auto at = binding.begin();
  *at++ = static_cast<char>(part);
  at = std::ranges::copy(key_id, at).out;
  std::ranges::copy(head, at);
  return binding;
}

/// What seals that part of that record and nothing else.
crypto::SymmetricKey part_key(const crypto::SymmetricKey& subject_key, const Binding& binding) {
  return crypto::SymmetricKey(crypto::keyed_hash(subject_key, "record part", {text_of(binding)}));
}

void append_bytes(std::string& out, std::span<const std::uint8_t> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kDataLoss, fmt::format("the record is damaged: {}", what));
}

bool is_sealed_part(char number) {
  return std::ranges::any_of(kSealedParts,
                             [&](Part part) { return static_cast<char>(part) == number; });
}

Result<SealedPart> parse_part(FrameReader& reader) {
  SealedPart out;
  std::string_view number, id;
  if (!reader.take(1, number) || !reader.take(out.key_id.size(), id) ||
      !reader.take_framed<kLengthBytes>(out.sealed)) {
    return damaged("a part is cut off");
  }
  if (!is_sealed_part(number.front())) return damaged("a part of no kind");
  // No part is without a field.
  if (out.sealed.size() <= crypto::kAeadOverhead) return damaged("a part is too short");
  out.part = static_cast<Part>(number.front());
  std::ranges::copy(id, out.key_id.begin());
  return out;
}

/// What stands before the first part.
std::string_view head_of(std::string_view record, const RecordView& view) {
  const char* const end = view.clear_json.data() + view.clear_json.size();
  return record.substr(0, static_cast<std::size_t>(end - record.data()));
}

/// The names of parts, as they are found.
class PartNames {
 public:
  void add(Part part) { names_[count_++] = to_string(part); }
  Texts names() const { return {names_.data(), count_}; }

 private:
  std::array<std::string_view, kSealedParts.size()> names_;
  std::size_t count_ = 0;
};

Result<void> read_sealed(const SealedPart& part, const crypto::SymmetricKey& key,
                         const Binding& binding, Event& event, Arena& arena) {
  const std::span<char> json = arena.allocate<char>(part.sealed.size() - crypto::kAeadOverhead);
  if (!crypto::open_aead(key, part.sealed, text_of(binding), json)) {
    return damaged(fmt::format("the `{}` part does not open with its key", to_string(part.part)));
  }
  return read_part({json.data(), json.size()}, part.part, event, arena);
}

/// `find(part, binding, key)` says whether there is a key for the part.
template <typename Find>
Result<Event> open_with(std::string_view record, Arena& arena, Find find) {
  const RecordView view = TRY(parse_record(record));
  Event event;
  TRY_VOID(read_part(view.clear_json, Part::kClear, event, arena));
  const auto head = crypto::sha256(head_of(record, view));
  PartNames erased, locked;
  for (const SealedPart& part : view.parts()) {
    const Binding binding = bind(part.part, part.key_id, head);
    crypto::SymmetricKey key;
    switch (TRY(find(part, binding, key))) {
      case KeyLookup::Answer::kErased: erased.add(part.part); break;
      case KeyLookup::Answer::kMissing: locked.add(part.part); break;
      case KeyLookup::Answer::kFound: TRY_VOID(read_sealed(part, key, binding, event, arena));
    }
  }
  event.erased_parts = arena.copy(erased.names());
  event.locked_parts = arena.copy(locked.names());
  return event;
}

/// Looks for the subject's key, and makes the part's of it.
Result<KeyLookup::Answer> find_part_key(KeyLookup& keys, const SealedPart& part,
                                        const Binding& binding, crypto::SymmetricKey& key) {
  crypto::SymmetricKey subject_key;
  const auto answer = TRY(keys.find(part.key_id, subject_key));
  if (answer == KeyLookup::Answer::kFound) key = part_key(subject_key, binding);
  return answer;
}

}  // namespace

void seal_record(const DraftView& draft, std::span<const SubjectKey> keys,
                 const RecordRandom& random, std::string& out) {
  CHECK(keys.size() == draft.parts().size());
  CHECK(draft.clear_json.size() <= kMaxEventBytes);
  const std::size_t begin = out.size();
  const std::span<const std::uint8_t> all_random(random);
  out += kVersion;
  append_bytes(out, all_random.first<sizeof(RecordSalt)>());
  out.append(kLengthBytes, '\0');
  put_number<kLengthBytes>(draft.clear_json.size(), out.data() + out.size() - kLengthBytes);
  out += draft.clear_json;
  const auto head = crypto::sha256(std::string_view(out).substr(begin));

  std::span<const std::uint8_t> nonces = all_random.subspan<sizeof(RecordSalt)>();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const DraftPart& part = draft.parts()[i];
    out += static_cast<char>(part.part);
    append_bytes(out, keys[i].id);
    out.append(kLengthBytes, '\0');
    put_number<kLengthBytes>(part.json.size() + crypto::kAeadOverhead,
                             out.data() + out.size() - kLengthBytes);
    const Binding binding = bind(part.part, keys[i].id, head);
    crypto::seal_aead(part_key(keys[i].key, binding), nonces.first<crypto::kAeadNonceBytes>(),
                      part.json, text_of(binding), out);
    nonces = nonces.subspan(crypto::kAeadNonceBytes);
  }
  CHECK(out.size() - begin <= kMaxRecordBytes);
}

Result<RecordView> parse_record(std::string_view record) {
  FrameReader reader(record);
  std::string_view version;
  RecordView view;
  if (record.size() > kMaxRecordBytes) return damaged("it is too long");
  if (!reader.take(1, version)) return damaged("it is empty");
  if (version.front() != kVersion) {
    return fail(
        ErrorCode::kUnimplemented,
        fmt::format("a record of version {}; this program reads version {}: use a newer one",
                    static_cast<unsigned char>(version.front()), int{kVersion}));
  }
  if (!reader.take(sizeof(RecordSalt), view.salt) ||
      !reader.take_framed<kLengthBytes>(view.clear_json)) {
    return damaged("its clear part is cut off");
  }
  while (!reader.is_at_end()) {
    const SealedPart part = TRY(parse_part(reader));
    if (!view.parts().empty() && part.part <= view.parts().back().part) {
      return damaged("its parts are out of order");
    }
    view.add(part);
  }
  return view;
}

Result<Event> open_record(std::string_view record, KeyLookup& keys, Arena& arena) {
  return open_with(record, arena,
                   [&](const SealedPart& part, const Binding& binding, crypto::SymmetricKey& key) {
                     return find_part_key(keys, part, binding, key);
                   });
}

Result<PartKeys> part_keys(std::string_view record, KeyLookup& keys) {
  const RecordView view = TRY(parse_record(record));
  const auto head = crypto::sha256(head_of(record, view));
  PartKeys out;
  for (const SealedPart& part : view.parts()) {
    crypto::SymmetricKey key;
    const auto answer = TRY(find_part_key(keys, part, bind(part.part, part.key_id, head), key));
    if (answer == KeyLookup::Answer::kFound) out.set(part.part, key);
  }
  return out;
}

Result<Event> open_record(std::string_view record, const PartKeys& keys, Arena& arena) {
  const auto find = [&](const SealedPart& part, const Binding&,
                        crypto::SymmetricKey& key) -> Result<KeyLookup::Answer> {
    const crypto::SymmetricKey* const found = keys.find(part.part);
    if (found == nullptr) return KeyLookup::Answer::kMissing;
    key = *found;
    return KeyLookup::Answer::kFound;
  };
  return open_with(record, arena, find);
}

}  // namespace wardlock::event
