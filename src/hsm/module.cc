#include "hsm/module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace wardlock::hsm {
namespace {

struct Answer {
  CK_RV code;
  ErrorCode error;
  std::string_view words;
};

// Those that tell whoever runs the server what to do; the rest is told by its number.
constexpr auto kAnswers = std::to_array<Answer>({
    {CKR_PIN_INCORRECT, ErrorCode::kPermissionDenied, "the PIN is wrong"},
    {CKR_PIN_LEN_RANGE, ErrorCode::kPermissionDenied, "the PIN is wrong"},
    {CKR_PIN_INVALID, ErrorCode::kPermissionDenied, "the PIN is wrong"},
    {CKR_PIN_LOCKED, ErrorCode::kPermissionDenied,
     "the PIN is locked: unlock it with the vendor's tools"},
    {CKR_PIN_EXPIRED, ErrorCode::kPermissionDenied, "the PIN has expired: give it a new one"},
    {CKR_USER_PIN_NOT_INITIALIZED, ErrorCode::kFailedPrecondition,
     "the token has no PIN yet: initialise it"},
    {CKR_TOKEN_NOT_PRESENT, ErrorCode::kUnavailable, "the token is not there"},
    {CKR_DEVICE_REMOVED, ErrorCode::kUnavailable, "the token was taken out"},
    {CKR_DEVICE_ERROR, ErrorCode::kUnavailable, "the token has a fault"},
    {CKR_DEVICE_MEMORY, ErrorCode::kUnavailable, "the token has no memory left"},
    {CKR_SESSION_HANDLE_INVALID, ErrorCode::kUnavailable, "the token has forgotten us"},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, ErrorCode::kFailedPrecondition,
     "the key may not be used so: to encrypt and decrypt, or to sign"},
    {CKR_KEY_TYPE_INCONSISTENT, ErrorCode::kFailedPrecondition,
     "the key is of another type than what is asked of it"},
    {CKR_MECHANISM_INVALID, ErrorCode::kFailedPrecondition,
     "the token cannot do it: sealing needs CKM_AES_GCM, signing CKM_ECDSA or CKM_EDDSA"},
    {CKR_MECHANISM_PARAM_INVALID, ErrorCode::kFailedPrecondition,
     "the token does not take CKM_AES_GCM or CKM_EDDSA as it is asked for"},
});

}  // namespace

Error error_of(CK_RV code, std::string_view doing) {
  const auto* const answer = std::ranges::find(kAnswers, code, &Answer::code);
  if (answer == kAnswers.end()) {
    return {ErrorCode::kUnavailable, fmt::format("{} failed (PKCS#11 0x{:x})", doing, code)};
  }
  return {answer->error, fmt::format("{} failed: {}", doing, answer->words)};
}

Result<Module> Module::load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the PKCS#11 library `{}` cannot be loaded: {}", path, dlerror()));
  }
  Module module(library, nullptr, false);
  const auto get_functions =
      reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (get_functions == nullptr || get_functions(&module.functions_) != CKR_OK ||
      module.functions_ == nullptr) {
    return invalid(fmt::format("`{}` is no PKCS#11 library", path));
  }
  CK_C_INITIALIZE_ARGS arguments = {};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = module.functions().C_Initialize(&arguments);
  if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return std::unexpected(error_of(code, fmt::format("starting the PKCS#11 library `{}`", path)));
  }
  module.is_ours_ = code == CKR_OK;
  return module;
}

Module::~Module() {
  if (is_ours_) functions_->C_Finalize(nullptr);
  if (library_ != nullptr) dlclose(library_);
}

Module::Module(Module&& other) noexcept
    : library_(std::exchange(other.library_, nullptr)),
      functions_(other.functions_),
      is_ours_(std::exchange(other.is_ours_, false)) {}

Result<CK_SLOT_ID> Module::find_slot(std::string_view label) const {
  CK_ULONG count = 0;
  CK_RV code = functions_->C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (code == CKR_OK) code = functions_->C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (code != CKR_OK) return std::unexpected(error_of(code, "asking for tokens"));
  slots.resize(std::min<std::size_t>(count, slots.size()));
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO token = {};
    if (functions_->C_GetTokenInfo(slot, &token) != CKR_OK) continue;
    // Padded with blanks.
    std::string_view found(reinterpret_cast<const char*>(token.label), sizeof token.label);
    found = found.substr(0, found.find_last_not_of(' ') + 1);
    if (found == label) return slot;
  }
  return fail(ErrorCode::kNotFound, fmt::format("there is no token `{}`", label));
}

}  // namespace wardlock::hsm
