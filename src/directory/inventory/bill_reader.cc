#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/identifier/ascii.h"
#include "directory/inventory/bill.h"
#include "directory/inventory/bill_lines.h"
#include "directory/inventory/bill_words.h"
#include "directory/inventory/key.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

constexpr codec::JsonLimits kLimits = {
    .max_bytes = kMaxBillBytes, .max_depth = 64, .max_members = 256};
constexpr std::size_t kMaxParts = 200'000;  // relations between them
constexpr std::size_t kMostTextBytes = 256;
constexpr auto kVersions = std::to_array<std::string_view>({"1.4", "1.5", "1.6"});

const Json* member(const object& of, std::string_view name) {
  const Json* value = of.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

/// The text there; empty: it is none.
std::string_view text_at(const object& of, std::string_view name) {
  const Json* value = member(of, name);
  return value == nullptr || !value->is_string() ? std::string_view() : value->get_string();
}

/// Of an object with that name within another.
std::string_view name_of(const object& of, std::string_view whose) {
  const Json* value = member(of, whose);
  return value == nullptr || !value->is_object() ? std::string_view()
                                                 : text_at(value->get_object(), "name");
}

/// The value of the first property with the name.
std::string_view property(const object& component, std::string_view name) {
  const Json* all = member(component, "properties");
  if (all == nullptr || !all->is_array()) return {};
  for (const Json& one : all->get_array()) {
    if (one.is_object() && text_at(one.get_object(), "name") == name) {
      return text_at(one.get_object(), "value");
    }
  }
  return {};
}

/// `Acme Medical, Inc.` -> `acme-medical-inc`
std::string code_for(std::string_view name) {
  std::string code;
  for (const char c : name) {
    const bool is_kept = is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80;
    if (is_kept) {
      code += to_lower(c);
    } else if (!code.empty() && code.back() != '-') {
      code += '-';
    }
  }
  while (code.ends_with('-')) code.pop_back();
  return code;
}

void set(object& attributes, std::string_view name, std::string_view value) {
  if (!value.empty()) attributes[name] = value;
}

class BillReader {
 public:
  BillReader(std::string_view text, const BillReading& how)
      : how_(how), lines_(lines_of_objects(text)) {}

  Result<Bill> read(const object& bom) {
    TRY_VOID(read_root(bom));
    TRY_VOID(read_components(bom, "", root_));
    TRY_VOID(read_dependencies(bom));
    if (is_faulty_) return std::move(bill_);  // who is made with whom is not known
    if (whole_ == kNone) return invalid("`metadata.component` is excluded from its own bill");
    TRY_VOID(find_circle());
    add_loose_parts();
    bill_.root = parts_[root_].key;
    bill_.described.insert(parts_[whole_].key);
    return std::move(bill_);
  }

 private:
  using Index = std::size_t;
  static constexpr Index kNone = SIZE_MAX;
  struct Part {
    std::string key;
    std::uint32_t line;
    std::map<Index, std::uint32_t> made_with = {};  ///< and in which line that is said
    bool is_part = false;                           ///< of another one
  };

  std::uint32_t line_of(std::string_view path) const {
    // What has no line of its own is in that of what it is in.
    for (;;) {
      const auto found = lines_.find(path);
      if (found != lines_.end()) return found->second;
      const std::size_t end = path.find_last_of(".[");
      if (end == std::string_view::npos) return 1;
      path = path.substr(0, end);
    }
  }

  void fault(std::string path, std::string message) {
    is_faulty_ = true;
    const std::uint32_t line = line_of(path);
    bill_.said.push_back({std::unexpected(Faults{{std::move(path), std::move(message)}}), line});
  }

  Result<void> read_root(const object& bom) {
    const Json* metadata = member(bom, "metadata");
    const Json* root = metadata == nullptr || !metadata->is_object()
                           ? nullptr
                           : member(metadata->get_object(), "component");
    if (!how_.root.empty()) {
      parts_.push_back({.key = how_.root, .line = 1});
      root_ = 0;
      indices_.emplace(how_.root, root_);
    }
    whole_ = root_;
    if (root == nullptr) {
      if (root_ != kNone) return {};
      return invalid(
          "the bill does not say what it is the bill of: it has no `metadata.component`; name the "
          "device model");
    }
    return read_component(*root, "metadata.component", kNone);
  }

  Result<void> read_components(const object& whole, const std::string& at, Index index) {
    const Json* all = member(whole, "components");
    if (all == nullptr) return {};
    const std::string path = at.empty() ? "components" : at + ".components";
    if (!all->is_array()) {
      fault(path, "must be a list");
      return {};
    }
    for (std::size_t i = 0; i < all->get_array().size(); ++i) {
      TRY_VOID(read_component(all->get_array()[i], fmt::format("{}[{}]", path, i),
                              at.empty() ? kNone : index));
    }
    if (!at.empty() && index != kNone) bill_.described.insert(parts_[index].key);
    return {};
  }

  /// `whole`: what it stands within.
  Result<void> read_component(const Json& json, const std::string& path, Index whole) {
    if (!json.is_object()) {
      fault(path, "must be an object");
      return {};
    }
    const object& component = json.get_object();
    const std::string_view ref = text_at(component, "bom-ref");
    if (const auto [other, is_new] = refs_.emplace(ref, Referred{kNone, path});
        !ref.empty() && !is_new) {
      fault(path + ".bom-ref",
            fmt::format("is `{}`, as that of `{}` in line {}; give each its own", printable(ref),
                        other->second.path, line_of(other->second.path)));
      return {};
    }
    if (text_at(component, "scope") == "excluded") return {};  // not delivered
    const auto index = TRY(take(component, path));
    if (!index) return {};
    if (!ref.empty()) refs_.find(ref)->second.part = *index;
    if (whole != kNone) add_part(whole, *index, line_of(path));
    if (path == "metadata.component") set_whole(*index, path);
    return read_components(component, path, *index);
  }

  /// What the bill itself says to be of.
  void set_whole(Index index, const std::string& path) {
    whole_ = index;
    if (root_ == kNone) root_ = index;
    if (root_ != index) add_part(root_, index, line_of(path));
  }

  /// Enters what it says of the thing. Nothing: it is wrong, as was noted.
  Result<std::optional<Index>> take(const object& component, const std::string& path) {
    const std::string_view type = text_at(component, "type");
    if (!is_component_type(type)) {
      std::vector<std::string> words(software_types().begin(), software_types().end());
      words.emplace_back(kDeviceType);
      fault(path + ".type", type.empty() ? "is missing"
                                         : fmt::format("is `{}`, which is none of CycloneDX{}",
                                                       printable(type), suggestion(type, words)));
      return std::nullopt;
    }
    if (!check_text(component, path, "name", true)) return std::nullopt;
    const bool is_named_root =
        path == "metadata.component" && root_ != kNone && type == kDeviceType;
    if (is_named_root) return root_;
    const auto maker = maker_of(component, path);
    if (!maker) return std::nullopt;
    const auto key = type == kDeviceType ? model(component, path, *maker)
                                         : version(component, path, type, *maker);
    if (!key) return std::nullopt;
    return index_of(*key, path);
  }

  Result<std::optional<Index>> index_of(const std::string& key, const std::string& path) {
    const auto [found, is_new] = indices_.emplace(key, parts_.size());
    if (is_new) parts_.push_back({.key = key, .line = line_of(path)});
    if (parts_.size() <= kMaxBillParts) return found->second;
    return invalid(fmt::format("the bill has more than {} parts", kMaxBillParts));
  }

  bool check_text(const object& of, const std::string& path, std::string_view name,
                  bool is_required) {
    const Json* value = member(of, name);
    if (value == nullptr && !is_required) return true;
    const std::string_view text = text_at(of, name);
    if (value == nullptr || text.empty()) {
      fault(fmt::format("{}.{}", path, name),
            value == nullptr ? "is missing" : "must be a text that is not empty");
      return false;
    }
    if (text.size() <= kMostTextBytes) return true;
    fault(fmt::format("{}.{}", path, name),
          fmt::format("has {} bytes; at most {} are kept", text.size(), kMostTextBytes));
    return false;
  }

  /// The code of the organisation that makes it.
  std::optional<std::string> maker_of(const object& component, const std::string& path) {
    std::string_view name;
    for (const std::string_view one : {"manufacturer", "supplier"}) {
      if (name.empty()) name = name_of(component, one);
    }
    if (name.empty()) name = text_at(component, "publisher");
    std::string code(property(component, kOrganisationProperty));
    if (code.empty()) code = code_for(name);
    if (code.empty() && name.empty()) code = how_.supplier;
    if (code.empty()) {
      fault(path,
            "names no `manufacturer`, `supplier` or `publisher`; add one, or say whose it is "
            "where nobody is named (`--supplier CODE`, over HTTP `supplier=CODE`)");
      return std::nullopt;
    }
    if (name.empty() || !makers_.insert(code).second) return code;
    add_thing(path, Kind::kOrganisation, true,
              {{"code", code}, {"displayName", name}, {"organisationType", "manufacturer"}});
    return code;
  }

  void add_thing(const std::string& path, Kind kind, bool is_only_new, object attributes) {
    object item{{"kind", to_string(kind)}, {"attributes", std::move(attributes)}};
    if (is_only_new) item["onlyNew"] = true;
    bill_.said.push_back({Json(std::move(item)), line_of(path)});
  }

  std::optional<std::string> model(const object& component, const std::string& path,
                                   const std::string& maker) {
    const std::string_view name = text_at(component, "name");
    const std::string_view revision = text_at(component, "version");
    std::string number(property(component, kModelNumberProperty));
    if (number.empty()) number = revision.empty() ? name : fmt::format("{} {}", name, revision);
    object attributes{
        {"manufacturer", "organisation:" + maker}, {"modelNumber", number}, {"displayName", name}};
    set(attributes, "cpe", text_at(component, "cpe"));
    set(attributes, "function", property(component, kFunctionProperty));
    set(attributes, "deviceIdentifier", property(component, kDeviceIdentifierProperty));
    std::string key =
        fmt::format("deviceModel.modelNumber:{}/{}", escaped_part(maker), escaped_part(number));
    if (!indices_.contains(key)) {
      add_thing(path, Kind::kDeviceModel, false, std::move(attributes));
    }
    return key;
  }

  std::optional<std::string> version(const object& component, const std::string& path,
                                     std::string_view type, const std::string& maker) {
    if (!check_text(component, path, "version", true) ||
        !check_text(component, path, "group", false)) {
      return std::nullopt;
    }
    const std::string_view group = text_at(component, "group");
    const std::string_view version = text_at(component, "version");
    const std::string name = group.empty()
                                 ? std::string(text_at(component, "name"))
                                 : fmt::format("{}/{}", group, text_at(component, "name"));
    const std::string module = fmt::format("{}/{}", escaped_part(maker), escaped_part(name));
    std::string key = fmt::format("moduleVersion.version:{}/{}", module, escaped_part(version));
    if (indices_.contains(key)) return key;
    if (modules_.insert(module).second) {
      object attributes{{"displayName", name}, {"manufacturer", "organisation:" + maker}};
      if (type != kUsualType) attributes["componentType"] = type;
      add_thing(path, Kind::kModule, false, std::move(attributes));
    }
    object attributes{{"module", "module:" + module}, {"version", version}};
    set(attributes, "packageUrl", text_at(component, "purl"));
    set(attributes, "cpe", text_at(component, "cpe"));
    if (!add_hashes(component, path, attributes)) return std::nullopt;
    add_thing(path, Kind::kModuleVersion, false, std::move(attributes));
    return key;
  }

  bool add_hashes(const object& component, const std::string& path, object& attributes) {
    const Json* all = member(component, "hashes");
    if (all == nullptr) return true;
    if (!all->is_array() || all->get_array().size() > kMaxItems) {
      fault(path + ".hashes", fmt::format("must be a list of at most {}", kMaxItems));
      return false;
    }
    array hashes;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < all->get_array().size(); ++i) {
      const Json& one = all->get_array()[i];
      const std::string_view algorithm =
          one.is_object() ? text_at(one.get_object(), "alg") : std::string_view();
      const std::string_view value =
          one.is_object() ? text_at(one.get_object(), "content") : std::string_view();
      if (algorithm.empty() || !is_hash(value) || !seen.insert(algorithm).second) {
        fault(
            fmt::format("{}.hashes[{}]", path, i),
            "must have an `alg` that no other has, and 32 to 128 hexadecimal digits in `content`");
        return false;
      }
      hashes.push_back(object{{"algorithm", algorithm}, {"value", value}});
    }
    if (!hashes.empty()) attributes["hashes"] = std::move(hashes);
    return true;
  }

  // Who is made with whom.

  void add_part(Index whole, Index part, std::uint32_t line) {
    parts_[whole].made_with.emplace(part, line);
    parts_[part].is_part = true;
    ++part_count_;
  }

  struct Referred {
    Index part = kNone;  ///< kNone: it is excluded, or wrong
    std::string path;
  };

  /// Null: nothing has the name, as was noted.
  const Referred* find_ref(const Json& json, const std::string& path) {
    const std::string_view ref = json.is_string() ? std::string_view(json.get_string()) : "";
    const auto found = refs_.find(ref);
    if (!ref.empty() && found != refs_.end()) return &found->second;
    fault(path, ref.empty() ? "must be the `bom-ref` of a component"
                            : fmt::format("is `{}`, which is no component's `bom-ref` in this bill",
                                          printable(ref)));
    return nullptr;
  }

  Result<void> read_dependencies(const object& bom) {
    const Json* all = member(bom, "dependencies");
    if (all == nullptr) return {};
    if (!all->is_array()) {
      fault("dependencies", "must be a list");
      return {};
    }
    for (std::size_t i = 0; i < all->get_array().size(); ++i) {
      TRY_VOID(read_dependency(all->get_array()[i], fmt::format("dependencies[{}]", i)));
    }
    return {};
  }

  Result<void> read_dependency(const Json& json, const std::string& path) {
    const object* dependency = json.if_object();
    const Json* ref = dependency == nullptr ? nullptr : member(*dependency, "ref");
    if (ref == nullptr) {
      fault(path, "must be an object with a `ref`");
      return {};
    }
    const Referred* whole = find_ref(*ref, path + ".ref");
    if (whole == nullptr) return {};
    if (whole->part != kNone) bill_.described.insert(parts_[whole->part].key);
    const Json* on = member(*dependency, "dependsOn");
    if (on == nullptr) return {};
    if (!on->is_array()) {
      fault(path + ".dependsOn", "must be a list");
      return {};
    }
    for (std::size_t i = 0; i < on->get_array().size(); ++i) {
      const Referred* part = find_ref(on->get_array()[i], fmt::format("{}.dependsOn[{}]", path, i));
      if (part == nullptr || part->part == kNone || whole->part == kNone) continue;
      add_part(whole->part, part->part, line_of(path));
      if (part_count_ > kMaxParts) {
        return invalid(fmt::format("the bill has more than {} dependencies", kMaxParts));
      }
    }
    return {};
  }

  /// Nothing is made with itself, over however many steps.
  Result<void> find_circle() {
    enum class Mark : std::uint8_t { kNew, kOpen, kDone };
    std::vector<Mark> marks(parts_.size(), Mark::kNew);
    struct Step {
      Index part;
      std::map<Index, std::uint32_t>::const_iterator next;
    };
    for (Index first = 0; first < parts_.size(); ++first) {
      if (marks[first] != Mark::kNew) continue;
      std::vector<Step> way = {{first, parts_[first].made_with.begin()}};
      marks[first] = Mark::kOpen;
      while (!way.empty()) {
        Step& step = way.back();
        if (step.next == parts_[step.part].made_with.end()) {
          marks[step.part] = Mark::kDone;
          way.pop_back();
          continue;
        }
        const auto [part, line] = *step.next++;
        if (marks[part] == Mark::kOpen) {
          const auto begin = std::ranges::find(way, part, &Step::part);
          return circle(std::span(begin, way.end()), part, line);
        }
        if (marks[part] == Mark::kDone) continue;
        marks[part] = Mark::kOpen;
        way.push_back({part, parts_[part].made_with.begin()});
      }
    }
    return {};
  }

  template <typename Way>
  Result<void> circle(const Way& way, Index part, std::uint32_t line) {
    constexpr std::size_t kMostShown = 8;
    std::string text;
    std::size_t shown = 0;
    for (const auto& step : way) {
      if (++shown > kMostShown) continue;
      text += fmt::format("`{}` -> ", printable(parts_[step.part].key));
    }
    if (shown > kMostShown) text += "… -> ";
    return invalid(
        fmt::format("line {}: what depends on what makes a circle: {}`{}`; take one of "
                    "these dependencies out",
                    line, text, printable(parts_[part].key)));
  }

  /// What is part of nothing else is part of the whole.
  void add_loose_parts() {
    for (Index i = 0; i < parts_.size(); ++i) {
      if (i == root_ || i == whole_ || parts_[i].is_part) continue;
      parts_[whole_].made_with.emplace(i, parts_[i].line);
    }
    for (const Part& whole : parts_) {
      for (const auto& [part, line] : whole.made_with) {
        bill_.comprised.emplace(whole.key, parts_[part].key);
        bill_.parts.push_back({Json{{"relation", to_string(Relation::kComprises)},
                                    {"subject", whole.key},
                                    {"object", parts_[part].key}},
                               line});
      }
    }
  }

  const BillReading& how_;
  const std::map<std::string, std::uint32_t, std::less<>> lines_;
  Bill bill_;
  std::vector<Part> parts_;
  Index root_ = kNone;
  Index whole_ = kNone;                                // the root, or software that it is made with
  std::map<std::string, Index, std::less<>> indices_;  // by key
  std::map<std::string, Referred, std::less<>> refs_;
  std::set<std::string> makers_, modules_;  // that are entered
  std::size_t part_count_ = 0;
  bool is_faulty_ = false;
};

Result<void> check_frame(const Json& json) {
  if (!json.is_object() || text_at(json.get_object(), "bomFormat") != "CycloneDX") {
    return invalid(
        "this is no CycloneDX: a bill of materials is an object with `bomFormat`: "
        "`CycloneDX`");
  }
  const std::string_view version = text_at(json.get_object(), "specVersion");
  if (std::ranges::find(kVersions, version) != kVersions.end()) return {};
  return invalid(fmt::format("`specVersion` is {}; {} are read",
                             version.empty() ? "missing" : fmt::format("`{}`", printable(version)),
                             fmt::join(kVersions, ", ")));
}

}  // namespace

Result<Bill> read_bill(std::string_view text, const BillReading& how) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  if (text.size() > kMaxBillBytes) {
    return invalid(fmt::format("the bill has more than {} bytes", kMaxBillBytes));
  }
  const Json json = TRY(codec::parse_json(text, kLimits));
  TRY_VOID(check_frame(json));
  return BillReader(text, how).read(json.get_object());
}

}  // namespace wardlock::directory
