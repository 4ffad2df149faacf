// Put in front of the source of ssh2's addon. The class that Node has for objects like its ciphers takes a hook back in
// its destructor, and ends the whole process when the collector comes while no JavaScript runs, as it does when bytes
// arrive from a socket. The class of the same use in nan has no such hook.
#include <nan.h>
#define ObjectWrap Nan::ObjectWrap
