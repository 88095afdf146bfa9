#include "cedar/entities/entity_writer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace wardlock::cedar {
namespace {

constexpr std::size_t kAlignment = 8;
static_assert(alignof(Value) <= kAlignment && alignof(Field) <= kAlignment &&
              alignof(Entity) <= kAlignment && alignof(IpAddress) == 1);

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Up to the tags, or to what must be aligned.
std::size_t bytes_before_tags(std::size_t attributes, std::size_t bytes_of_hierarchy) {
  return sizeof(Entity) + attributes * sizeof(Value) + bytes_of_hierarchy;
}

std::size_t bytes_of_tags(std::size_t tags) {
  if (tags == 0) return 0;
  return sizeof(std::size_t) + tags * (sizeof(std::string_view) + sizeof(Value));
}

/// Copies what values point to into one piece of memory: first measured, then copied.
class Inside {
 public:
  explicit Inside(Interner& interner) : interner_(interner) {}

  void measure(const Value& value) {
    switch (value.kind()) {
      case Kind::kString: text_bytes_ += value.as_string().size(); break;
      case Kind::kIp: text_bytes_ += sizeof(IpAddress); break;
      case Kind::kSet:
        array_bytes_ += value.as_set().size_bytes();
        for (const Value& member : value.as_set()) measure(member);
        break;
      case Kind::kRecord:
        array_bytes_ += value.as_record().size_bytes();
        for (const Field& field : value.as_record()) measure(field.value);
        break;
      default: break;
    }
  }

  bool has_arrays() const { return array_bytes_ != 0; }
  std::size_t bytes() const { return array_bytes_ + text_bytes_; }

  /// `memory` has `bytes()` bytes.
  void begin(std::byte* memory) {
    arrays_ = memory;
    texts_ = memory + array_bytes_;
  }

  Value copy(const Value& value) {
    switch (value.kind()) {
      case Kind::kString: return Value::string(copy_text(value.as_string()));
      case Kind::kEntity: return Value::entity(interner_.uid(value.as_entity()));
      case Kind::kIp: return Value::ip(copy_address(value.as_ip()));
      case Kind::kSet: return copy_set(value.as_set());
      case Kind::kRecord: return copy_record(value.as_record());
      default: return value;
    }
  }

 private:
  std::string_view copy_text(std::string_view text) {
    char* place = reinterpret_cast<char*>(texts_);
    if (!text.empty()) std::memcpy(place, text.data(), text.size());
    texts_ += text.size();
    return {place, text.size()};
  }

  const IpAddress* copy_address(const IpAddress& address) {
    auto* place = new (texts_) IpAddress(address);
    texts_ += sizeof(IpAddress);
    return place;
  }

  Value copy_set(std::span<const Value> members) {
    auto* place = reinterpret_cast<Value*>(arrays_);
    arrays_ += members.size_bytes();
    for (std::size_t i = 0; i < members.size(); ++i) new (place + i) Value(copy(members[i]));
    return Value::set({place, members.size()});
  }

  Value copy_record(std::span<const Field> fields) {
    auto* place = reinterpret_cast<Field*>(arrays_);
    arrays_ += fields.size_bytes();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      new (place + i) Field{interner_.name(fields[i].name), copy(fields[i].value)};
    }
    return Value::record({place, fields.size()});
  }

  Interner& interner_;
  std::size_t array_bytes_ = 0;
  std::size_t text_bytes_ = 0;
  std::byte* arrays_ = nullptr;
  std::byte* texts_ = nullptr;
};

}  // namespace

std::vector<std::byte> EntityWriter::places_of(std::span<const EntityUid* const> parents,
                                               std::span<const EntityUid* const> ancestors) {
  const std::size_t bytes = Entity::place_bytes(ancestors.size());
  std::vector<std::byte> places(parents.size() * bytes);
  for (std::size_t i = 0; i < parents.size(); ++i) {
    const auto it = std::ranges::lower_bound(ancestors, parents[i], std::less<>());
    const auto place = static_cast<std::uint32_t>(it - ancestors.begin());
    const auto narrow = static_cast<std::uint8_t>(place);
    std::memcpy(&places[i * bytes], bytes == 1 ? static_cast<const void*>(&narrow) : &place, bytes);
  }
  return places;
}

template <typename Tags, typename Copy>
const Entity* EntityWriter::place(std::byte* memory, const EntityUid* uid, const Names& names,
                                  std::span<const Field> attributes, const Hierarchy& above,
                                  const Tags& tags, Copy copy) {
  const std::size_t ancestors = above.ancestors.size();
  auto* entity = new (memory) Entity(uid, &names);
  entity->ancestor_count_ = static_cast<std::uint32_t>(ancestors);
  entity->parent_count_ =
      static_cast<std::uint32_t>(above.parent_places.size() / Entity::place_bytes(ancestors));
  entity->has_tags_ = !tags.empty();
  auto* value = reinterpret_cast<Value*>(entity + 1);
  for (const Field& field : attributes) new (value++) Value(copy(field).value);
  auto* ancestor = reinterpret_cast<const EntityUid**>(value);
  ancestor = std::ranges::copy(above.ancestors, ancestor).out;
  auto* byte = reinterpret_cast<std::byte*>(ancestor);
  byte = std::ranges::copy(above.parent_places, byte).out;
  std::ranges::copy(std::as_bytes(above.marks), byte);
  if (tags.empty()) return entity;
  auto* count = reinterpret_cast<std::size_t*>(
      memory + aligned(bytes_before_tags(attributes.size(), above.bytes())));
  *count = tags.size();
  auto* name = reinterpret_cast<std::string_view*>(count + 1);
  auto* tag = reinterpret_cast<Value*>(name + tags.size());
  for (const Field& given : tags) {
    const Field field = copy(given);
    new (name++) std::string_view(field.name);
    new (tag++) Value(field.value);
  }
  return entity;
}

EntityFields EntityWriter::tags_of(const Entity& entity) {
  const Hierarchy above{entity.ancestors(), entity.parent_places(), entity.ancestor_marks()};
  const auto* count = reinterpret_cast<const std::size_t*>(
      reinterpret_cast<const std::byte*>(&entity) +
      aligned(bytes_before_tags(entity.attribute_names_->size(), above.bytes())));
  const auto* names = reinterpret_cast<const std::string_view*>(count + 1);
  return {{names, *count}, reinterpret_cast<const Value*>(names + *count)};
}

const Entity* EntityWriter::write_over(Arena& arena, const EntityUid& uid, const Names& names,
                                       std::span<const Field> attributes, const Entity* stored) {
  EntityFields tags;
  Hierarchy above;
  if (stored != nullptr) {
    tags = stored->tags();
    above = {stored->ancestors(), stored->parent_places(), stored->ancestor_marks()};
  }
  const std::size_t bytes =
      aligned(bytes_before_tags(attributes.size(), above.bytes())) + bytes_of_tags(tags.size());
  auto* memory = static_cast<std::byte*>(arena.resource()->allocate(bytes, kAlignment));
  return place(memory, &uid, names, attributes, above, tags, std::identity());
}

const Entity* EntityWriter::write(const EntityDraft& draft,
                                  std::span<const EntityUid* const> ancestors, Interner& interner,
                                  const std::function<std::byte*(std::size_t bytes)>& allocate) {
  const std::vector<std::byte> parents = places_of(draft.parents, ancestors);
  std::vector<std::uint8_t> marks;
  for (const EntityUid* ancestor : ancestors) marks.push_back(Entity::mark_of(*ancestor));
  const Hierarchy above{ancestors, parents, marks};
  Inside inside(interner);
  for (const Field& field : draft.attributes) inside.measure(field.value);
  for (const Field& field : draft.tags) inside.measure(field.value);
  std::size_t outside = bytes_before_tags(draft.attributes.size(), above.bytes());
  // Texts, if nothing else follows, need not be aligned.
  if (!draft.tags.empty() || inside.has_arrays()) {
    outside = aligned(outside) + bytes_of_tags(draft.tags.size());
  }
  std::byte* memory = allocate(outside + inside.bytes());
  inside.begin(memory + outside);
  const auto copy = [&](const Field& field) {
    return Field{interner.name(field.name), inside.copy(field.value)};
  };
  return place(memory, draft.uid, interner.names(draft.attributes), draft.attributes, above,
               draft.tags, copy);
}

}  // namespace wardlock::cedar
