#include "storage/postgresql_url.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <ranges>
#include <string_view>

#include "base/utf8.h"

namespace wardlock::storage {
namespace {

struct Free {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

std::string_view value_of(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (keyword == option->keyword) return option->val == nullptr ? "" : option->val;
  }
  return "";
}

bool is_local(std::string_view host) {
  return host.empty() || host.starts_with('/') || host == "localhost" || host == "127.0.0.1" ||
         host == "::1";
}

bool are_all_local(std::string_view hosts) {
  return std::ranges::all_of(hosts | std::views::split(','), [](const auto& host) {
    return is_local(std::string_view(host.begin(), host.end()));
  });
}

}  // namespace

Result<PostgresqlUrl> parse_postgresql_url(const std::string& url) {
  char* message = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &message));
  // The message repeats parts of the URL, which may be the password.
  PQfreemem(message);
  if (options == nullptr) {
    return invalid(
        "the URL of the database is none that PostgreSQL's library takes; write "
        "`postgresql://USER@HOST/NAME`, with `%` and two digits for special characters");
  }
  // What the URL leaves open, libpq takes from the environment, and from a file of services.
  const Options defaults(PQconndefaults());
  const auto effective = [&](std::string_view keyword) {
    const std::string_view own = value_of(options, keyword);
    return own.empty() && defaults != nullptr ? value_of(defaults, keyword) : own;
  };
  const std::string_view host = effective("host"), port = value_of(options, "port");
  PostgresqlUrl parsed;
  parsed.name = printable(fmt::format("postgresql://{}{}{}/{}", host, port.empty() ? "" : ":", port,
                                      value_of(options, "dbname")));
  parsed.is_on_this_machine = defaults != nullptr && effective("service").empty() &&
                              are_all_local(host) && are_all_local(effective("hostaddr"));
  return parsed;
}

}  // namespace wardlock::storage
