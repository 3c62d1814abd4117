#include "sigma/transformation.h"
