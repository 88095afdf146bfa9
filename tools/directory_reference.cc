// Prints the tables of docs/formats/directory.md, or with an argument that of docs/lifecycle.md;
// see directory_reference.py.
#include <cstdio>

#include "directory/lifecycle/finding_kind.h"
#include "directory/model/reference.h"

int main(int count, char**) {
  const std::string text = count > 1 ? wardlock::directory::finding_reference()
                                     : wardlock::directory::directory_reference();
  std::fputs(text.c_str(), stdout);
}
