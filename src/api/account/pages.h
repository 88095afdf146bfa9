#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"
#include "page/template.h"

namespace wardlock::account {

/// All that the pages are made of: templates, words, style and script, as they were built in.
/// Immutable, so thread-safe.
class Pages {
 public:
  /// Error: a template is none, or uses what is not there.
  static Result<Pages> build();

  const page::TemplateSet& templates() const { return templates_; }
  const page::Words& words() const { return templates_.words(); }
  /// A word that changes with style and script, so that browsers may keep them for ever.
  const std::string& version() const { return version_; }

  /// Answers for a file of style, script or picture. False: there is none of that path, which is
  /// without the tenant's base path.
  bool answer_asset(const net::HttpRequest& request, net::HttpResponse& response) const;

 private:
  struct Asset {
    std::string_view text;
    std::string_view type;
  };

  Pages(page::TemplateSet templates, std::map<std::string, Asset, std::less<>> assets);

  page::TemplateSet templates_;
  std::map<std::string, Asset, std::less<>> assets_;  ///< by path
  std::string version_;
};

inline constexpr std::string_view kAssetsPrefix = "/assets/";

}  // namespace wardlock::account
