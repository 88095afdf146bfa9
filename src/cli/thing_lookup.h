#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin_client.h"
#include "directory/model/schema.h"

namespace wardlock::cli {

/// The word for a kind at the command line: `user`, `device-model`.
std::string word_for(const directory::Schema& schema);

/// What a thing is called, for people; its id where it has no name.
std::string name_of(const codec::Json& thing);

/// A text of the thing or of its attributes; empty: it has none.
std::string text_of(const codec::Json& thing, std::string_view member);
std::string attribute_of(const codec::Json& thing, std::string_view attribute);

/// The one that a person means by a word: its id, an identifier of it (user name, serial number,
/// asset tag, e-mail address), or its name; `MODEL/SERIAL` where it is one's only within another,
/// with `%2F` for a `/` in one of the two, as in keys; `device:P-1` where it could be of several
/// kinds. An identifier is meant before a name. Errors: kNotFound, with what is near;
/// kInvalidArgument, it could be several, with their ids.
Result<codec::Json> find_thing(AdminClient& client, const directory::Schema& schema,
                               const std::string& word);
/// The same among several kinds.
Result<codec::Json> find_thing(AdminClient& client, directory::Kinds kinds,
                               const std::string& word);

}  // namespace wardlock::cli
