#include "cedar/extension/extension.h"
