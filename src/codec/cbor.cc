#include "codec/cbor.h"

#include <cbor.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace wardlock::codec {
namespace {

bool same_key(const Cbor& left, const Cbor& right) {
  return left.integer() == right.integer() && left.text() == right.text();
}

enum class Head : std::uint8_t {
  kOther,  ///< something that this reader does not take
  kPositive,
  kNegative,
  kBytes,
  kText,
  kArray,
  kMap,
  kBoolean,
  kNull,
};

/// What libcbor tells of one step: an item, or the beginning of an array or a map.
struct Step {
  Head head = Head::kOther;
  std::uint64_t argument = 0;
  std::string_view string;
};

template <Head kHead, typename Integer>
void take_integer(void* step, Integer value) {
  *static_cast<Step*>(step) = {.head = kHead, .argument = value, .string = {}};
}
template <Head kHead>
void take_string(void* step, cbor_data bytes, std::size_t size) {
  *static_cast<Step*>(step) = {
      .head = kHead, .argument = size, .string = {reinterpret_cast<const char*>(bytes), size}};
}
template <Head kHead>
void take_start(void* step, std::size_t size) {
  *static_cast<Step*>(step) = {.head = kHead, .argument = size, .string = {}};
}
void take_boolean(void* step, bool value) {
  *static_cast<Step*>(step) = {
      .head = Head::kBoolean, .argument = static_cast<std::uint64_t>(value), .string = {}};
}
void take_null(void* step) { static_cast<Step*>(step)->head = Head::kNull; }

cbor_callbacks make_callbacks() {
  cbor_callbacks callbacks = cbor_empty_callbacks;  // what is not named here stays `kOther`
  callbacks.uint8 = take_integer<Head::kPositive, std::uint8_t>;
  callbacks.uint16 = take_integer<Head::kPositive, std::uint16_t>;
  callbacks.uint32 = take_integer<Head::kPositive, std::uint32_t>;
  callbacks.uint64 = take_integer<Head::kPositive, std::uint64_t>;
  callbacks.negint8 = take_integer<Head::kNegative, std::uint8_t>;
  callbacks.negint16 = take_integer<Head::kNegative, std::uint16_t>;
  callbacks.negint32 = take_integer<Head::kNegative, std::uint32_t>;
  callbacks.negint64 = take_integer<Head::kNegative, std::uint64_t>;
  callbacks.byte_string = take_string<Head::kBytes>;
  callbacks.string = take_string<Head::kText>;
  callbacks.array_start = take_start<Head::kArray>;
  callbacks.map_start = take_start<Head::kMap>;
  callbacks.boolean = take_boolean;
  callbacks.null = take_null;
  return callbacks;
}

/// How long the head of an item with this argument is at its shortest.
std::size_t head_size(Head head, std::uint64_t argument) {
  if (head == Head::kBoolean || head == Head::kNull || argument < 24) return 1;
  if (argument <= 0xFF) return 2;
  if (argument <= 0xFFFF) return 3;
  return argument <= 0xFFFFFFFF ? 5 : 9;
}

class Reader {
 public:
  Reader(std::string_view bytes, const CborLimits& limits) : bytes_(bytes), limits_(limits) {}

  std::size_t place() const { return place_; }

  std::unexpected<Error> refuse(std::string_view what) const {
    return invalid(fmt::format("{} at byte {}", what, place_));
  }

  Result<Cbor> read(std::size_t depth) {
    if (depth > limits_.max_depth) return refuse("the CBOR is nested too deep");
    const Step step = TRY(next());
    switch (step.head) {
      case Head::kPositive: return integer(step.argument, false);
      case Head::kNegative: return integer(step.argument, true);
      case Head::kBytes: return Cbor(Cbor::Bytes{step.string});
      case Head::kText: return text(step.string);
      case Head::kArray: return array(step.argument, depth);
      case Head::kMap: return map(step.argument, depth);
      case Head::kBoolean: return Cbor(step.argument != 0);
      case Head::kNull: return Cbor();
      case Head::kOther: break;
    }
    return refuse("a kind of CBOR item that is not taken here");
  }

 private:
  Result<Step> next() {
    static const cbor_callbacks callbacks = make_callbacks();
    Step step;
    const auto* at = reinterpret_cast<cbor_data>(bytes_.data()) + place_;
    const cbor_decoder_result result =
        cbor_stream_decode(at, bytes_.size() - place_, &callbacks, &step);
    if (result.status == CBOR_DECODER_NEDATA) return refuse("the CBOR ends early");
    if (result.status != CBOR_DECODER_FINISHED) return refuse("this is not CBOR");
    if (step.head == Head::kOther) return refuse("a kind of CBOR item that is not taken here");
    if (result.read != head_size(step.head, step.argument) + step.string.size()) {
      return refuse("a CBOR item is not in its shortest form");
    }
    place_ += result.read;
    return step;
  }

  Result<Cbor> integer(std::uint64_t argument, bool is_negative) const {
    if (argument > INT64_MAX) return refuse("a CBOR integer is beyond 64 bits");
    const auto value = static_cast<std::int64_t>(argument);
    return Cbor(is_negative ? -1 - value : value);
  }

  Result<Cbor> text(std::string_view string) const {
    if (find_invalid_utf8(string)) return refuse("a CBOR text is not UTF-8");
    return Cbor(string);
  }

  Result<Cbor> array(std::uint64_t size, std::size_t depth) {
    if (size > limits_.max_elements) return refuse("a CBOR array is too long");
    Cbor::Array elements;
    for (std::uint64_t i = 0; i < size; ++i) {
      Cbor element = TRY(read(depth + 1));
      elements.push_back(std::move(element));
    }
    return Cbor(std::move(elements));
  }

  Result<Cbor> map(std::uint64_t size, std::size_t depth) {
    if (size > limits_.max_members) return refuse("a CBOR map has too many members");
    Cbor::Map members;
    for (std::uint64_t i = 0; i < size; ++i) {
      Cbor key = TRY(read(depth + 1));
      if (!key.integer() && !key.text()) return refuse("a CBOR key is neither text nor integer");
      const bool is_known = std::ranges::any_of(
          members, [&](const CborMember& member) { return same_key(member.key, key); });
      if (is_known) return refuse("a CBOR key occurs twice");
      Cbor value = TRY(read(depth + 1));
      members.push_back({.key = std::move(key), .value = std::move(value)});
    }
    return Cbor(std::move(members));
  }

  std::string_view bytes_;
  const CborLimits& limits_;
  std::size_t place_ = 0;
};

template <typename T>
std::optional<T> alternative(const Cbor::Value& value) {
  const T* found = std::get_if<T>(&value);
  return found ? std::optional<T>(*found) : std::nullopt;
}

}  // namespace

// Here, where a member of a map is a complete type.
Cbor::Cbor() = default;
Cbor::Cbor(Value value) : value_(std::move(value)) {}
Cbor::Cbor(const Cbor& other) = default;
Cbor::Cbor(Cbor&& other) noexcept = default;
Cbor& Cbor::operator=(const Cbor& other) = default;
Cbor& Cbor::operator=(Cbor&& other) noexcept = default;
Cbor::~Cbor() = default;

bool Cbor::is_null() const { return std::holds_alternative<std::monostate>(value_); }
const Cbor::Array* Cbor::array() const { return std::get_if<Array>(&value_); }
const Cbor::Map* Cbor::map() const { return std::get_if<Map>(&value_); }
std::optional<bool> Cbor::boolean() const { return alternative<bool>(value_); }
std::optional<std::int64_t> Cbor::integer() const { return alternative<std::int64_t>(value_); }
std::optional<std::string_view> Cbor::text() const { return alternative<std::string_view>(value_); }
std::optional<std::string_view> Cbor::bytes() const {
  const auto* found = std::get_if<Bytes>(&value_);
  return found ? std::optional(found->bytes) : std::nullopt;
}

const Cbor* Cbor::find(std::string_view name) const {
  if (!map()) return nullptr;
  const auto found = std::ranges::find_if(
      *map(), [&](const CborMember& member) { return member.key.text() == name; });
  return found == map()->end() ? nullptr : &found->value;
}

const Cbor* Cbor::find(std::int64_t label) const {
  if (!map()) return nullptr;
  const auto found = std::ranges::find_if(
      *map(), [&](const CborMember& member) { return member.key.integer() == label; });
  return found == map()->end() ? nullptr : &found->value;
}

Result<CborItem> parse_cbor_item(std::string_view bytes, const CborLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return invalid(
        fmt::format("the CBOR has {} bytes; at most {} are read", bytes.size(), limits.max_bytes));
  }
  Reader reader(bytes, limits);
  Cbor value = TRY(reader.read(0));
  return CborItem{.value = std::move(value), .size = reader.place()};
}

Result<Cbor> parse_cbor(std::string_view bytes, const CborLimits& limits) {
  CborItem item = TRY(parse_cbor_item(bytes, limits));
  if (item.size != bytes.size()) {
    return invalid(
        fmt::format("something follows the CBOR item, which ends at byte {}", item.size));
  }
  return std::move(item.value);
}

}  // namespace wardlock::codec
