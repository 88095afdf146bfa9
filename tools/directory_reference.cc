// Prints the tables of docs/formats/directory.md; see directory_reference.py.
#include <cstdio>

#include "directory/model/reference.h"

int main() { std::fputs(wardlock::directory::directory_reference().c_str(), stdout); }
