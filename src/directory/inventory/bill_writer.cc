#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/version.h"
#include "directory/inventory/bill.h"
#include "directory/inventory/bill_words.h"
#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

constexpr std::string_view kSignedDigest = "sha256:";
constexpr std::string_view kSha256 = "SHA-256";

std::string_view text_at(const object& of, std::string_view name) {
  const Json* value = of.if_contains(name);
  return value == nullptr || !value->is_string() ? std::string_view() : value->get_string();
}
std::string_view text_at(const Thing& thing, std::string_view name) {
  return text_at(thing.document.json(), name);
}

void set(object& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out[name] = value;
}

void add_property(array& properties, std::string_view name, std::string_view value) {
  if (!value.empty()) properties.push_back(object{{"name", name}, {"value", value}});
}

/// Those of which the format allows the value.
array hashes_of(const Thing& version) {
  array hashes;
  const auto add = [&hashes](std::string_view algorithm, std::string_view value) {
    const bool is_there = std::ranges::any_of(
        hashes, [&](const Json& one) { return text_at(one.get_object(), "alg") == algorithm; });
    if (is_hash(value) && !is_there) {
      hashes.push_back(object{{"alg", algorithm}, {"content", value}});
    }
  };
  const Json* kept = version.document.json().if_contains("hashes");
  if (kept != nullptr && kept->is_array()) {
    for (const Json& one : kept->get_array()) {
      add(text_at(one.as_object(), "algorithm"), text_at(one.as_object(), "value"));
    }
  }
  const std::string_view digest = text_at(version, "digest");
  if (digest.starts_with(kSignedDigest)) add(kSha256, digest.substr(kSignedDigest.size()));
  return hashes;
}

class BillWriter {
 public:
  BillWriter(const Registry& registry, std::string_view tenant)
      : registry_(registry), tenant_(tenant) {}

  Result<Json> write(const Thing& root, const BillWriting& how) {
    TRY_VOID(gather(root));
    TRY_VOID(read_others("module"));
    TRY_VOID(read_others("manufacturer"));
    array components, dependencies;
    for (const auto& [id, thing] : things_) {
      if (id != root.id) components.push_back(component(thing));
      array on;
      for (const std::string& part : made_with_[id]) on.emplace_back(part);
      dependencies.push_back(object{{"ref", id}, {"dependsOn", std::move(on)}});
    }
    const object tool{{"type", "application"}, {"name", "Wardlock"}, {"version", version()}};
    return Json{{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
                {"bomFormat", "CycloneDX"},
                {"specVersion", "1.6"},
                {"serialNumber", "urn:uuid:" + how.serial_number},
                {"version", 1},
                {"metadata", object{{"timestamp", to_time_text(how.now)},
                                    {"tools", object{{"components", array{tool}}}},
                                    {"component", component(root)}}},
                {"components", std::move(components)},
                {"dependencies", std::move(dependencies)}};
  }

 private:
  /// All that it is made with, over however many steps.
  Result<void> gather(const Thing& root) {
    things_.emplace(root.id, root);
    std::vector<std::string> wholes = {root.id};
    while (!wholes.empty()) {
      std::set<std::string> parts;
      for (const Link& link :
           TRY(registry_.links(tenant_, End::kSubject, wholes, Relation::kComprises))) {
        made_with_[link.subject].insert(link.object);
        if (!things_.contains(link.object)) parts.insert(link.object);
      }
      wholes.assign(parts.begin(), parts.end());
      for (Thing& part : TRY(registry_.find_all(tenant_, wholes))) {
        things_.emplace(part.id, std::move(part));
      }
      if (things_.size() > kMaxBillParts) {
        return fail(ErrorCode::kResourceExhausted,
                    fmt::format("it is made with more than {} parts", kMaxBillParts));
      }
    }
    // A part that went meanwhile is not in it.
    for (auto& [whole, parts] : made_with_) {
      std::erase_if(parts, [this](const std::string& part) { return !things_.contains(part); });
    }
    return {};
  }

  /// What attributes of the things, and of those that were read so before, refer to.
  Result<void> read_others(std::string_view attribute) {
    std::set<std::string> ids;
    for (const auto* all : {&things_, &others_}) {
      for (const auto& [id, thing] : *all) {
        if (!text_at(thing, attribute).empty()) ids.emplace(text_at(thing, attribute));
      }
    }
    const std::vector<std::string> list(ids.begin(), ids.end());
    for (Thing& other : TRY(registry_.find_all(tenant_, list))) {
      const std::string id = other.id;
      others_.emplace(id, std::move(other));
    }
    return {};
  }

  const Thing* other(const Thing& thing, std::string_view attribute) const {
    const auto found = others_.find(text_at(thing, attribute));
    return found == others_.end() ? nullptr : &found->second;
  }

  object component(const Thing& thing) const {
    const Thing* const module = other(thing, "module");
    const Thing& named = module == nullptr ? thing : *module;
    object out{{"bom-ref", thing.id}, {"name", text_at(named, "displayName")}};
    array properties;
    if (const Thing* maker = other(named, "manufacturer")) {
      const object organisation{{"name", text_at(*maker, "displayName")}};
      out["manufacturer"] = organisation;
      out["supplier"] = organisation;
      add_property(properties, kOrganisationProperty, text_at(*maker, "code"));
    }
    set(out, "cpe", text_at(thing, "cpe"));
    if (module == nullptr) {
      out["type"] = kDeviceType;
      add_property(properties, kModelNumberProperty, text_at(thing, "modelNumber"));
      add_property(properties, kDeviceIdentifierProperty, text_at(thing, "deviceIdentifier"));
      add_property(properties, kFunctionProperty, text_at(thing, "function"));
    } else {
      const std::string_view type = text_at(*module, "componentType");
      out["type"] = type.empty() ? kUsualType : type;
      set(out, "version", text_at(thing, "version"));
      set(out, "purl", text_at(thing, "packageUrl"));
      array hashes = hashes_of(thing);
      if (!hashes.empty()) out["hashes"] = std::move(hashes);
    }
    if (!properties.empty()) out["properties"] = std::move(properties);
    return out;
  }

  const Registry& registry_;
  std::string_view tenant_;
  std::map<std::string, Thing, std::less<>> things_;  // of the bill, by id
  std::map<std::string, Thing, std::less<>> others_;  // that they refer to
  std::map<std::string, std::set<std::string>> made_with_;
};

}  // namespace

Result<Json> write_bill(const Registry& registry, std::string_view tenant, const Thing& root,
                        const BillWriting& how) {
  return BillWriter(registry, tenant).write(root, how);
}

}  // namespace wardlock::directory
