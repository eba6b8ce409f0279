#ifndef PODWIRE_CPCRE2_H
#define PODWIRE_CPCRE2_H

// Bytes are what is searched; this also gives the generic names (`pcre2_match`) their meaning.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stddef.h>

/// `memmem` is an extension of GNU, which the C library shows only to C that asks for it.
extern void *memmem(const void *text, size_t textBytes, const void *needle, size_t needleBytes);

static inline const void *podwire_find(
    const void *text, size_t textBytes, const void *needle, size_t needleBytes) {
    return memmem(text, textBytes, needle, needleBytes);
}

#endif
