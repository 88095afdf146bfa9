#include "directory/identifier/look_alike.h"

#include <unicode/uspoof.h>

#include <cstdint>
#include <memory>

namespace wardlock::directory {
namespace {

using Checker = std::unique_ptr<USpoofChecker, decltype(&uspoof_close)>;

Checker open_checker() {
  UErrorCode status = U_ZERO_ERROR;
  return {uspoof_open(&status), &uspoof_close};
}

}  // namespace

std::string look_alike_skeleton(std::string_view text) {
  const Checker checker = open_checker();
  const auto size = static_cast<std::int32_t>(text.size());
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t needed =
      uspoof_getSkeletonUTF8(checker.get(), 0, text.data(), size, nullptr, 0, &status);
  if (status != U_BUFFER_OVERFLOW_ERROR) return {};
  std::string skeleton(static_cast<std::size_t>(needed), '\0');
  status = U_ZERO_ERROR;
  uspoof_getSkeletonUTF8(checker.get(), 0, text.data(), size, skeleton.data(), needed, &status);
  return skeleton;
}

bool mixes_scripts(std::string_view text) {
  const Checker checker = open_checker();
  UErrorCode status = U_ZERO_ERROR;
  uspoof_setRestrictionLevel(checker.get(), USPOOF_HIGHLY_RESTRICTIVE);
  uspoof_setChecks(checker.get(), USPOOF_RESTRICTION_LEVEL, &status);
  const std::int32_t found = uspoof_check2UTF8(
      checker.get(), text.data(), static_cast<std::int32_t>(text.size()), nullptr, &status);
  return U_FAILURE(status) != 0 || found != 0;
}

}  // namespace wardlock::directory
