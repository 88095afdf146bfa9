#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "administration/errand.h"
#include "administration/sight.h"
#include "api/scim/projection.h"
#include "api/scim/refusal.h"
#include "api/scim/resource_type.h"
#include "directory/registry/thing.h"

namespace wardlock::scim {

/// `https://…/scim/v2/Users/ID`.
std::string location_of(std::string_view base_url, const ResourceType& type, std::string_view id);

/// Makes replies of things: with the names of others that they refer to, and how they stand to
/// them, as far as whoever asks may read those, too. For one page of one type.
class Renderer {
 public:
  /// Borrows all. What it makes takes its memory from `memory`.
  Renderer(const administration::Errand& errand, const ResourceType& type,
           const Projection& projection, boost::json::storage_ptr memory = {});

  /// Asks the gate, where something sensitive is asked for by name. Before `load`.
  Answered<void> check_sensitive(const directory::Thing& thing) const;
  Answered<void> check_sensitive() const;

  /// Reads what the things refer to.
  Answered<void> load(std::span<const directory::Thing> things);

  /// Takes the thing's document.
  boost::json::object render(directory::Thing& thing) const;

 private:
  struct Other {
    const ResourceType* type = nullptr;
    std::string name;
  };

  bool asks_for_sensitive() const;
  bool shows(const LinkAttribute& links) const;
  Answered<void> load_links(std::span<const directory::Thing> things);
  Answered<void> load_others(std::span<const directory::Thing> things);
  void name_references(boost::json::object& resource) const;
  void name_reference(codec::Json& reference) const;
  void add_links(const directory::Thing& thing, boost::json::object& resource) const;
  void add_meta(const directory::Thing& thing, boost::json::object& resource) const;

  const administration::Errand& errand_;
  const ResourceType& type_;
  const Projection& projection_;
  boost::json::storage_ptr memory_;
  administration::Sight sight_;
  FindReturned returned_;
  std::string place_;          ///< what the locations of the type's resources begin with
  bool is_shortened_ = false;  ///< not all that a thing has is shown
  // By the id of the thing, for each attribute of `type_.links`.
  std::vector<std::unordered_map<std::string, std::vector<std::string>>> links_;
  std::unordered_map<std::string, Other> others_;  ///< that may be read
};

}  // namespace wardlock::scim
