#ifndef PODWIRE_CWEBSOCKETS_SHIM_H
#define PODWIRE_CWEBSOCKETS_SHIM_H

// uv.h first and by name: libwebsockets includes it only where it was built with libuv.
#include <uv.h>
#include <libwebsockets.h>

#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

// A macro that stands for an enumerator: Swift imports neither.
static inline int podwire_write_raw(struct lws *wsi, unsigned char *bytes, size_t count) {
    return lws_write(wsi, bytes, count, LWS_WRITE_RAW);
}

// The two below are declared only with _GNU_SOURCE, which Swift's C modules do not define.

extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

static inline int podwire_accept(int socket, struct sockaddr *address, socklen_t *length) {
    return accept4(socket, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// Of struct tcp_info: glibc's ends before the field, and the kernel's header cannot be included
// beside glibc's, which libuv brings. The place is part of the kernel's ABI. 0 where it has none.
static inline unsigned long long podwire_acknowledged_bytes(int socket) {
    enum { place = 120 };
    unsigned char info[256];
    unsigned long long bytes = 0;
    socklen_t length = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, info, &length) != 0) return 0;
    if (length >= place + sizeof bytes) memcpy(&bytes, info + place, sizeof bytes);
    return bytes;
}

extern int pthread_setname_np(pthread_t thread, const char *name);

static inline int podwire_name_thread(const char *name) {
    return pthread_setname_np(pthread_self(), name);
}

#endif
