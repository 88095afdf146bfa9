#include "x509/pem.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

#include "base/check.h"

namespace wardlock::x509 {
namespace {

struct FreeMemory {
  void operator()(char* text) const { OPENSSL_free(text); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <typename T>
using Freed = std::unique_ptr<T, FreeMemory>;

}  // namespace

Result<std::vector<std::string>> read_pem(std::string_view text, std::string_view label) {
  if (text.find("-----BEGIN ") == std::string_view::npos) {
    return std::vector<std::string>{std::string(text)};
  }
  const Freed<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio);
  std::vector<std::string> blocks;
  while (true) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* bytes = nullptr;
    long size = 0;
    const int is_read = PEM_read_bio(bio.get(), &name, &header, &bytes, &size);
    const Freed<char> owned_name(name);
    const Freed<char> owned_header(header);
    const Freed<unsigned char> owned_bytes(bytes);
    if (is_read != 1) break;
    if (std::string_view(name) != label) continue;
    if (*header != '\0') return invalid("a block of PEM is encrypted");
    blocks.emplace_back(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  const auto reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (reason != PEM_R_NO_START_LINE) return invalid("a block of PEM is malformed");
  if (blocks.empty()) return invalid(fmt::format("there is no `{}` in PEM", label));
  return blocks;
}

}  // namespace wardlock::x509
