#include "sigma/lint.h"
