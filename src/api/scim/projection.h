#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "api/scim/attribute_path.h"
#include "api/scim/error.h"
#include "codec/json.h"

namespace wardlock::scim {

/// When a reply has an attribute (RFC 7643, 7, `returned`).
enum class Returned : std::uint8_t { kDefault, kAlways, kNever, kRequest };

/// What the schema says of an attribute or sub-attribute. An extension's have its schema.
using FindReturned = std::function<Returned(const AttributePath&)>;

/// Which attributes a reply has: RFC 7644, 3.9. A value.
class Projection {
 public:
  /// From the parameters `attributes` and `excludedAttributes`, names with commas between; empty:
  /// not given. Errors: kInvalidValue, both are given, a name is none, or there are too many.
  static Outcome<Projection> parse(std::string_view attributes, std::string_view excluded);

  /// Nothing was said: what is returned by default.
  bool is_usual() const { return mode_ == Mode::kUsual; }

  /// Whether a reply has the attribute, or some of its parts.
  bool may_have(const AttributePath& path, Returned returned) const;

  /// The resource with what the reply is to have. What is never returned is left out, what always
  /// is stays, whatever was asked for.
  boost::json::object apply(const boost::json::object& resource,
                            const FindReturned& find_returned) const;

 private:
  enum class Mode : std::uint8_t { kUsual, kOnly, kWithout };

  boost::json::object of_schema(const boost::json::object& members, std::string_view schema,
                                const FindReturned& find_returned) const;
  codec::Json of_attribute(const codec::Json& value, const AttributePath& path,
                           const FindReturned& find_returned) const;
  /// Whether the attribute, or the sub-attribute, is to be there.
  bool is_kept(const AttributePath& path, Returned returned) const;
  bool names(const AttributePath& path) const;
  bool names_within(const AttributePath& path) const;

  Mode mode_ = Mode::kUsual;
  std::vector<AttributePath> paths_;
};

}  // namespace wardlock::scim
