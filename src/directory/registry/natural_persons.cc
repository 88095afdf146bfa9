#include "directory/registry/natural_persons.h"

#include <fmt/format.h>

#include "directory/registry/relation_rows.h"

namespace wardlock::directory {

Result<NaturalPersons> NaturalPersons::read(storage::Work& work, std::string_view tenant,
                                            std::int64_t now) {
  static const std::string sql = fmt::format(
      "SELECT subject, object FROM relation WHERE tenant = $1 AND kind = 'accountOf' AND {}",
      fmt::format(kNotEnded, "$2"));
  const storage::Rows rows = TRY(work.query(sql, tenant, now));
  NaturalPersons persons;
  for (const storage::Row row : rows) {
    persons.main_of_.emplace(std::string(row.text(0)), std::string(row.text(1)));
  }
  return persons;
}

std::string_view NaturalPersons::of(std::string_view account) const {
  const auto main = main_of_.find(account);
  return main == main_of_.end() ? account : std::string_view(main->second);
}

std::vector<std::string> NaturalPersons::accounts_of(std::string_view account) const {
  const std::string_view person = of(account);
  std::vector<std::string> accounts = {std::string(person)};
  for (const auto& [other, main] : main_of_) {
    if (main == person) accounts.push_back(other);
  }
  return accounts;
}

}  // namespace wardlock::directory
