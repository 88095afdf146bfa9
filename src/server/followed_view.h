#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "administration/policy_view.h"
#include "server/directory_view.h"

namespace wardlock::server {

/// What the policies of a tenant see, as this process follows the directory.
class FollowedView final : public administration::PolicyView {
 public:
  FollowedView(const DirectoryView& view, std::int64_t now) : view_(view), now_(now) {}

  Result<directory::SeenThing> of(std::string_view id) override { return view_.explain(id, now_); }
  Result<std::vector<directory::ToldAttribute>> told_attributes() override {
    return view_.told_attributes();
  }
  Result<void> check_told(const directory::Thing& thing, std::string_view source,
                          std::string_view attribute, const codec::Json& value) override {
    return view_.check_told(thing, source, attribute, value);
  }

 private:
  const DirectoryView& view_;
  std::int64_t now_;
};

}  // namespace wardlock::server
