#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/admin_client.h"
#include "directory/model/schema.h"

namespace wardlock::cli {

/// Values of attributes as people give them, by the table of kinds.
struct ThingValues {
  // Of each attribute of the table, in its order; those that have no option of their own stay
  // empty.
  std::vector<std::string> values;
  std::vector<std::vector<std::string>> lists;
  std::vector<std::string> set;  ///< `name.familyName=Kim`, `facts=[{…}]`
  std::string document;          ///< path of a JSON file with attributes
};

/// Declares an option for each attribute that is a value or a list of values, and `--set` for parts
/// of others. `skip`: has none, since it is told otherwise.
void add_value_options(CommandBuilder& command, const directory::Schema& schema,
                       ThingValues& values, const directory::Attribute* skip);

/// The attributes as the server takes them. References are looked up by what people call what they
/// refer to. Error: kInvalidArgument, a value is not of its type.
Result<boost::json::object> read_values(AdminClient& client, const directory::Schema& schema,
                                        const ThingValues& values);

/// The value of one attribute.
Result<codec::Json> read_value(AdminClient& client, const directory::Attribute& attribute,
                               const std::string& text);

/// A time as people write it: RFC 3339, or a day (`2027-01-31`), which begins then (UTC).
Result<std::string> read_time(const std::string& text);

}  // namespace wardlock::cli
