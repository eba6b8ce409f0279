#ifndef PODWIRE_CTLS_SHIM_H
#define PODWIRE_CTLS_SHIM_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// A macro with a cast in it, which Swift does not import.
static inline uint64_t podwire_ssl_no_renegotiation(void) {
    return SSL_OP_NO_RENEGOTIATION;
}

// Macros with casts: whether a PEM reader stopped because there is nothing more to read.
static inline int podwire_is_pem_end(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

#endif
