#include "sigma/pipeline.h"
