#ifndef PODWIRE_LIBFUZZER_H
#define PODWIRE_LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer has a library entry for programs with a main of their own, and no header that declares
   it. It takes its options out of the arguments and calls `input` until it is told to end. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*input)(const uint8_t *data, size_t size));

#endif
