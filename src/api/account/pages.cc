#include "api/account/pages.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "api/account/page_files.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"
#include "page/protection.h"

namespace wardlock::account {
namespace {

constexpr std::string_view kTemplateEnd = ".html";
constexpr std::string_view kWordsFile = "words.en";
constexpr std::size_t kVersionLetters = 12;

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTypes = {
    {{".css", "text/css; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".svg", "image/svg+xml"}}};

std::string_view type_of(std::string_view name) {
  for (const auto& [end, type] : kTypes) {
    if (name.ends_with(end)) return type;
  }
  return {};
}

}  // namespace

Result<Pages> Pages::build() {
  std::map<std::string, std::string, std::less<>> templates;
  std::map<std::string, Asset, std::less<>> assets;
  page::Words words;
  for (const PageFile& file : page_files()) {
    if (file.name.ends_with(kTemplateEnd)) {
      templates.emplace(file.name.substr(0, file.name.size() - kTemplateEnd.size()), file.text);
    } else if (file.name == kWordsFile) {
      words = TRY(page::Words::read(file.text));
    } else if (const auto type = type_of(file.name); !type.empty()) {
      assets.emplace(fmt::format("{}{}", kAssetsPrefix, file.name),
                     Asset{.text = file.text, .type = type});
    }
  }
  page::TemplateSet set = TRY(page::TemplateSet::build(templates, std::move(words)));
  return Pages(std::move(set), std::move(assets));
}

Pages::Pages(page::TemplateSet templates, std::map<std::string, Asset, std::less<>> assets)
    : templates_(std::move(templates)), assets_(std::move(assets)) {
  crypto::Sha256 hash;
  for (const auto& [path, asset] : assets_) hash.update(asset.text);
  version_ = codec::to_base64url(hash.finish()).substr(0, kVersionLetters);
}

bool Pages::answer_asset(const net::HttpRequest& request, net::HttpResponse& response) const {
  const auto found = assets_.find(request.path);
  if (found == assets_.end()) return false;
  const std::string tag = fmt::format("\"{}\"", version_);
  response.headers.add("ETag", tag);
  response.headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.add("Cache-Control", request.query == "v=" + version_
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  if (request.header("If-None-Match") == tag) {
    response.status = 304;
    return true;
  }
  response.content_type = found->second.type;
  response.body = found->second.text;
  return true;
}

}  // namespace wardlock::account
