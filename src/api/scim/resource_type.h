#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/scim/attribute_path.h"
#include "api/scim/patch.h"
#include "api/scim/projection.h"
#include "directory/model/relation.h"
#include "directory/model/schema.h"
#include "directory/registry/links.h"

namespace wardlock::scim {

/// An attribute that shows how the resource stands to others, such as `members`.
struct LinkAttribute {
  std::string_view name;
  directory::Relation relation;
  directory::End own_end;    ///< where the resource itself is
  bool is_writable = false;  ///< false: it is changed at the other end

  directory::End other_end() const {
    return own_end == directory::End::kSubject ? directory::End::kObject : directory::End::kSubject;
  }
  /// What those are that the resource is linked to.
  directory::Kinds other_kinds() const {
    const directory::RelationSchema& schema = directory::schema_of(relation);
    return own_end == directory::End::kSubject ? schema.objects : schema.subjects;
  }
};

/// A kind of things, as SCIM has it.
struct ResourceType {
  directory::Kind kind;
  const directory::Schema* schema;
  std::string core;        ///< the URN of its schema
  std::string enterprise;  ///< of its extensions; empty: it has none such
  std::string own;
  std::vector<LinkAttribute> links;

  std::string_view name() const { return schema->scim_type; }
  /// The URN of the extension that has its attributes of that part; empty: they are in the core.
  const std::string& container_of(directory::ScimSchema part) const;
};

const ResourceType& resource_type(directory::Kind kind);
/// The one at `/Users`, or null.
const ResourceType* find_resource_type(std::string_view endpoint);

/// What the name of an attribute means.
struct Named {
  enum class What : std::uint8_t { kAttribute, kLinks, kActive, kState, kId, kSchemas, kMeta };

  What what = What::kAttribute;
  const directory::Attribute* attribute = nullptr;
  const directory::Attribute* part = nullptr;  ///< of a complex attribute
  const LinkAttribute* links = nullptr;
  std::string_view sub = {};  ///< of a reference, of links, or of `meta`, as the schema has it
  const std::string* container = nullptr;  ///< the extension it is in; null: none
};

/// Nothing where the type has no such attribute. The core schema's may be named with it or without,
/// those of an extension with it.
std::optional<Named> find_named(const ResourceType& type, const AttributePath& path);

/// How it is to be written: `userName`, or with its schema.
std::string path_of(const ResourceType& type, const Named& named);

/// With a name that is near, or the whole path of one in an extension.
std::string no_such_attribute(const ResourceType& type, const AttributePath& path);

FindTraits traits_of(const ResourceType& type);
FindReturned returned_of(const ResourceType& type);

}  // namespace wardlock::scim
