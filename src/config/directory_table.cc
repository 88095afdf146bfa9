#include "config/directory_table.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {

constinit const Setting kSecretKey[kSecretKeySettings] = {
    {.name = "file",
     .kind = Kind::kPath,
     .about = "64 hexadecimal digits and a newline, for its owner alone (0600); with `token`, the "
              "key as the token sealed it. The first of the list is made where it is not there and "
              "the database is an SQLite file"},
    {.name = "variable",
     .kind = Kind::kText,
     .about = "An environment variable with 64 hexadecimal digits, instead of a file",
     .pattern = "[A-Za-z_][A-Za-z0-9_]{0,127}",
     .form = "the name of an environment variable"},
    {.name = "module",
     .kind = Kind::kPath,
     .about = "The PKCS#11 library of a token that opens the file"},
    {.name = "token", .kind = Kind::kText, .about = "The token's label"},
    {.name = "key",
     .kind = Kind::kText,
     .about = "The label of an AES key in the token, which encrypts and decrypts by AES-GCM"},
    {.name = "pin_file",
     .kind = Kind::kPath,
     .about = "A file whose first line is the token's PIN (0600)"},
};

}  // namespace wardlock::config
