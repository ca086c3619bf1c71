#include "CAdderCore.h"
