#include "cinotifytools.h"
int cinotify_placeholder(void) { return 0; }
