// Writes every page of api/account as it looks with made-up values, for a browser to look at.
//
// usage: wardlock_page_samples SAMPLES.json FOLDER

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "api/account/page_files.h"
#include "api/account/pages.h"
#include "authn/otp/enrolment.h"
#include "base/secret.h"
#include "codec/json.h"
#include "page/protection.h"

namespace wardlock {
namespace {

page::Model model_of(const boost::json::object& object) {
  page::Model model;
  for (const auto& [name, value] : object) {
    if (value.is_bool()) {
      model.set(std::string(name), value.get_bool());
    } else if (value.is_string()) {
      model.set(std::string(name), std::string(value.get_string()));
    } else if (value.is_array()) {
      std::vector<page::Model> items;
      for (const auto& each : value.get_array()) items.push_back(model_of(each.get_object()));
      model.set(std::string(name), std::move(items));
    }
  }
  return model;
}

Result<void> write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) return fail(ErrorCode::kUnavailable, path.string() + " cannot be written");
  return {};
}

/// Each sample has `template`, and what the template shows.
Result<void> write_all(const boost::json::object& samples, const std::filesystem::path& folder) {
  const account::Pages pages = TRY(account::Pages::build());
  const boost::json::object& common = samples.at("common").get_object();
  for (const auto& [name, sample] : samples.at("pages").get_object()) {
    page::Model model = model_of(common);
    for (auto& [key, value] : model_of(sample.get_object()).values) {
      model.values.insert_or_assign(key, std::move(value));
    }
    model.set("assets", pages.version());
    if (sample.get_object().contains("qr_of")) {
      const Secret uri(std::string_view(sample.at("qr_of").get_string()));
      model.set("qr", page::Markup::trusted(std::string(authn::qr_svg(uri).reveal())));
    }
    const std::string html =
        TRY(pages.templates().render(sample.at("template").get_string(), model));
    TRY_VOID(write(folder / fmt::format("{}.html", std::string_view(name)), html));
  }
  std::filesystem::create_directories(folder / "assets");
  for (const account::PageFile& file : account::page_files()) {
    if (file.name.ends_with(".html") || file.name.starts_with("words.")) continue;
    TRY_VOID(write(folder / "assets" / file.name, file.text));
  }
  return write(folder / "policy.txt", page::kContentSecurityPolicy);
}

Result<void> run(const std::string& samples, const std::string& folder) {
  std::ifstream file(samples, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto json = codec::parse_json(text);
  if (!json || !json->is_object()) return invalid(samples + " is no JSON object");
  return write_all(json->get_object(), folder);
}

}  // namespace
}  // namespace wardlock

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: wardlock_page_samples SAMPLES.json FOLDER\n";
    return 2;
  }
  const auto done = wardlock::run(arguments[1], arguments[2]);
  if (done) return 0;
  std::cerr << done.error().message << "\n";
  return 1;
}
