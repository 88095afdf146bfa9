#pragma once

#include <chrono>
#include <string>

#include "codec/json.h"
#include "directory/model/attribute.h"
#include "directory/model/document.h"

namespace wardlock::directory {

/// Checks values against rows of the table, and gathers what is wrong with them.
class ValueCheck {
 public:
  ValueCheck(std::string_view whose, std::chrono::year this_year)
      : whose_(whose), this_year_(this_year) {}

  /// Its members in order of their names, in their normal forms. `whose`: in words.
  boost::json::object object(std::span<const Attribute> attributes,
                             const boost::json::object& object);

  /// What was wrong so far.
  Faults& faults() { return faults_; }

 private:
  void add_member(const Attribute& attribute, const codec::Json& value, boost::json::object& out);
  codec::Json value(const Attribute& attribute, const codec::Json& value);
  codec::Json list(const Attribute& attribute, const codec::Json& value);
  codec::Json item(const Attribute& attribute, const codec::Json& value);
  codec::Json text(const Attribute& attribute, const codec::Json& value);
  codec::Json integer(const Attribute& attribute, const codec::Json& value);
  codec::Json time(const codec::Json& value);
  codec::Json reference(const codec::Json& value);
  codec::Json identifier(const Attribute& attribute, const codec::Json& value);
  codec::Json complex(const Attribute& attribute, const codec::Json& value);
  void check_alternatives(const Attribute& attribute, const boost::json::object& object);
  void check_items(const Attribute& attribute, const boost::json::array& items);
  bool is_text_good(const Attribute& attribute, std::string_view text);

  void add_unknown(std::span<const Attribute> attributes, std::string_view name);
  std::nullptr_t fault(std::string message);

  std::string_view whose_;
  std::chrono::year this_year_;
  std::string path_;
  Faults faults_;
};

}  // namespace wardlock::directory
