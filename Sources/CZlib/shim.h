#ifndef PODWIRE_CZLIB_H
#define PODWIRE_CZLIB_H

#include <zlib.h>

// Macros that pass zlib's version and the size of its structure: Swift imports neither.

/// Bits of the window from 24 to 31 make a gzip stream; below 0 raw deflate (RFC 1951).
static inline int podwire_deflate_init(z_streamp stream, int level, int windowBits, int memory) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, memory, Z_DEFAULT_STRATEGY);
}

/// Raw deflate (RFC 1951), without a header.
static inline int podwire_inflate_init(z_streamp stream) {
    return inflateInit2(stream, -15);
}

#endif
