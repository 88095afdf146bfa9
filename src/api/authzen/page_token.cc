#include "api/authzen/page_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <vector>

#include "base/check.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"

namespace wardlock::authzen {
namespace {

using boost::json::object;
using Json = boost::json::value;

/// A token holds as many of these as it needs: its length must not tell that of an id.
constexpr std::size_t kTokenBlock = 64;

/// The same text for the same value, whatever the order of its members.
void write_sorted(const Json& json, std::string& out) {
  if (const object* members = json.if_object()) {
    std::vector<const boost::json::key_value_pair*> sorted;
    for (const auto& member : *members) sorted.push_back(&member);
    std::ranges::sort(sorted, {}, [](const auto* member) { return member->key(); });
    out += '{';
    for (const auto* member : sorted) {
      out += boost::json::serialize(member->key()) + ":";
      write_sorted(member->value(), out);
      out += ',';
    }
    out += '}';
  } else if (const boost::json::array* list = json.if_array()) {
    out += '[';
    for (const Json& item : *list) {
      write_sorted(item, out);
      out += ',';
    }
    out += ']';
  } else {
    out += boost::json::serialize(json);
  }
}

}  // namespace

std::string identify_search(const object& request, Gap gap, const Surroundings& surroundings) {
  std::string text = fmt::format("{} {} {}\n", static_cast<int>(gap), surroundings.base_path,
                                 surroundings.caller.id);
  for (const std::string_view key : {"subject", "action", "resource", "context", "options"}) {
    const Json* value = find_member(request, key);
    text += fmt::format("{}:", key);
    if (value != nullptr) write_sorted(*value, text);
    text += '\n';
  }
  crypto::Sha256 digest;
  digest.update(text);
  return crypto::to_hex(digest.finish());
}

std::string seal_rest(const search::Rest& rest, std::string_view search,
                      const crypto::SealingKey& key) {
  std::string text = rest.after ? "+" + *rest.after : "-";
  text.insert(0, kTokenBlock - text.size() % kTokenBlock, ' ');
  const std::string sealed = key.seal(text, search);
  return codec::to_base64url({reinterpret_cast<const std::uint8_t*>(sealed.data()), sealed.size()});
}

Result<search::Rest> open_rest(std::string_view token, std::string_view search,
                               const crypto::SealingKey& key) {
  const auto sealed = codec::from_base64url(token);
  const auto text = sealed ? key.open(*sealed, search) : std::nullopt;
  if (!text) {
    return invalid(
        "`page.token` is not of this search: it belongs to another question or caller, or the "
        "server has started anew; search from the beginning, without it");
  }
  const std::size_t begin = text->find_first_not_of(' ');
  CHECK(begin != std::string::npos);  // it is our own
  if ((*text)[begin] == '-') return search::Rest{};
  return search::Rest{.after = text->substr(begin + 1)};
}

}  // namespace wardlock::authzen
