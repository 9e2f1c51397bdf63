extern "C" {
#include "cjson.h"
}
int cjson_placeholder(void) { return 0; }
