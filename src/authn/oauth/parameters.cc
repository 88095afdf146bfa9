#include "authn/oauth/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "net/query_string.h"

namespace wardlock::oauth {
namespace {

bool may_come_again(std::string_view name) { return name == "resource" || name == "audience"; }

/// Those that hold a JWT, or several.
bool is_long(std::string_view name) {
  return name == "client_assertion" || name == "subject_token" || name == "actor_token" ||
         name == "token" || name == "id_token_hint";
}

}  // namespace

Answer<Parameters> Parameters::read(std::string_view form) {
  if (form.size() > kMostBytes) return refuse(Fault::kInvalidRequest, "the request is too long");
  const auto read = net::read_query_string(form);
  if (!read) return refuse(Fault::kInvalidRequest, descriptive(read.error().message));
  Parameters parameters;
  for (const net::QueryParameter& each : *read) {
    if (!is_long(each.name) && each.value.size() > kMostValueBytes) {
      return refuse(Fault::kInvalidRequest,
                    fmt::format("the parameter '{}' is too long", descriptive(each.name)));
    }
    const auto is_it = [&](const auto& other) { return other.first == each.name; };
    if (!may_come_again(each.name) && std::ranges::any_of(parameters.all_, is_it)) {
      return refuse(Fault::kInvalidRequest,
                    fmt::format("the parameter '{}' comes twice", descriptive(each.name)));
    }
    parameters.all_.emplace_back(each.name, each.value);
  }
  return parameters;
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  for (const auto& [each, value] : all_) {
    if (each == name && !value.empty()) return value;
  }
  return std::nullopt;
}

Answer<std::string_view> Parameters::need(std::string_view name) const {
  if (const auto value = find(name)) return *value;
  return refuse(Fault::kInvalidRequest, fmt::format("the parameter '{}' is missing", name));
}

std::vector<std::string> Parameters::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [each, value] : all_) {
    if (each == name && !value.empty()) values.push_back(value);
  }
  return values;
}

void Parameters::set(std::string_view name, std::string_view value) {
  remove(name);
  all_.emplace_back(name, value);
}

void Parameters::remove(std::string_view name) {
  std::erase_if(all_, [&](const auto& each) { return each.first == name; });
}

std::string Parameters::form() const {
  std::string out;
  for (const auto& [name, value] : all_) {
    if (!out.empty()) out += '&';
    out += net::percent_encoded(name) + '=' + net::percent_encoded(value);
  }
  return out;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!word.empty() && std::ranges::find(words, word) == words.end())
      words.push_back(std::move(word));
  }
  return words;
}

std::string join_words(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace wardlock::oauth
