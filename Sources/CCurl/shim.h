// What Swift cannot call by itself: libcurl's variadic setters and getters, one typed shim for
// each kind of argument (a wrong kind is then a compile error), and the kernel headers that the
// Glibc module leaves out. Everything else is used from <curl/curl.h> as it is.
#ifndef PODWIRE_CCURL_SHIM_H
#define PODWIRE_CCURL_SHIM_H

#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// prctl is variadic, and pthread_setname_np is hidden from Swift; names the calling thread.
static inline void podwire_name_thread(const char *name) {
    prctl(PR_SET_NAME, name);
}

// curl_easy_setopt is variadic; `long` options.
static inline CURLcode podwire_easy_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt is variadic; `curl_off_t` options.
static inline CURLcode podwire_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt is variadic; strings, which libcurl copies.
static inline CURLcode podwire_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt is variadic; object pointers (callback arguments, lists, buffers, the share).
static inline CURLcode podwire_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt is variadic; a block of memory that libcurl does not copy
// (CURL_BLOB_NOCOPY): it must outlive the easy handle.
static inline CURLcode podwire_easy_set_blob(
    CURL *easy, CURLoption option, void *bytes, size_t count) {
    struct curl_blob blob = {bytes, count, CURL_BLOB_NOCOPY};
    return curl_easy_setopt(easy, option, &blob);
}

// curl_easy_setopt is variadic; CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode podwire_easy_set_receiver(
    CURL *easy, CURLoption option, curl_write_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

// curl_easy_setopt is variadic; the callback that opens a socket.
static inline CURLcode podwire_easy_set_socket_opener(
    CURL *easy, curl_opensocket_callback callback, void *argument) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
    return code ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, argument);
}

// curl_easy_setopt is variadic; the callback that closes a socket.
static inline CURLcode podwire_easy_set_socket_closer(
    CURL *easy, curl_closesocket_callback callback, void *argument) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callback);
    return code ? code : curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, argument);
}

// curl_easy_getinfo is variadic; the pointer given as CURLOPT_PRIVATE.
static inline void *podwire_easy_private(CURL *easy) {
    char *value = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) ? NULL : (void *)value;
}

// curl_easy_setopt is variadic; the callback between connecting and asking.
static inline CURLcode podwire_easy_set_prerequest(
    CURL *easy, curl_prereq_callback callback, void *argument) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
    return code ? code : curl_easy_setopt(easy, CURLOPT_PREREQDATA, argument);
}

// curl_multi_setopt is variadic; `long` options.
static inline CURLMcode podwire_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// curl_multi_setopt is variadic; the callback that says which sockets to watch.
static inline CURLMcode podwire_multi_set_socket_callback(
    CURLM *multi, curl_socket_callback callback, void *argument) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, argument);
}

// curl_multi_setopt is variadic; the callback that says when to call again.
static inline CURLMcode podwire_multi_set_timer_callback(
    CURLM *multi, curl_multi_timer_callback callback, void *argument) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, argument);
}

// curl_share_setopt is variadic; adds one kind of data to a share.
static inline CURLSHcode podwire_share_add(CURLSH *share, curl_lock_data kind) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, kind);
}

// CURLMsg keeps its result in an anonymous union; the result of a CURLMSG_DONE.
static inline CURLcode podwire_message_result(const CURLMsg *message) {
    return message->data.result;
}

#endif
