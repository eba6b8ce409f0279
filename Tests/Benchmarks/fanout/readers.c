// Readers of one stream by the thousand, and a publisher of lines: the load generator of fanout.py.
//
//   readers ws|nats PORT TARGET READERS STALLED SECONDS
//       opens READERS connections, and STALLED more that never read. Prints "open" when all are,
//       waits for a line on standard input, then measures for SECONDS and prints one line of JSON.
//   readers publish-ws|publish-nats PORT TARGET RATE SECONDS LINES
//       sends RATE lines a second, each in a message of its own, or LINES of them in each.
//
// A line is "2026-11-24T18:00:00.123456789Z line 0000000042 …\n": when it was printed, and its
// number. Each reader's numbers must go up by one. One thread, epoll; a line costs some 50 ns, so
// that what is measured is the server.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 20, BUCKETS = 200000, BUCKET_NS = 100000, STAMP = 30 };

struct reader {
    int fd;
    long next;             // The number that must come next; -1 before the first line.
    unsigned char *rest;   // Bytes of a frame that is not complete.
    size_t rest_size, rest_room;
};

static int is_nats;
static int64_t begin_ns;  // What comes from here on is measured; 0 before.
static uint64_t buckets[BUCKETS];
static long lines, frames, bytes, lost, repeated, closed, malformed;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long digits(const unsigned char *text, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) value = value * 10 + (text[i] - '0');
    return value;
}

// Nanoseconds since 1970 of an RFC 3339 time with nine digits. The minute is looked up once.
static int64_t stamp_ns(const unsigned char *text) {
    static unsigned char minute[17];
    static int64_t minute_ns;
    if (memcmp(minute, text, 17) != 0) {
        struct tm tm = {
            .tm_year = digits(text, 4) - 1900, .tm_mon = digits(text + 5, 2) - 1,
            .tm_mday = digits(text + 8, 2), .tm_hour = digits(text + 11, 2),
            .tm_min = digits(text + 14, 2)};
        minute_ns = timegm(&tm) * 1000000000LL;
        memcpy(minute, text, 17);
    }
    return minute_ns + digits(text + 17, 2) * 1000000000LL + digits(text + 20, 9);
}

static void take_line(struct reader *reader, const unsigned char *line, size_t size, int64_t now) {
    if (size < STAMP + 17 || memcmp(line + STAMP, " line ", 6) != 0) {
        malformed++;
        return;
    }
    long number = digits(line + STAMP + 6, 10);
    if (reader->next >= 0 && number > reader->next) lost += number - reader->next;
    if (reader->next >= 0 && number < reader->next) repeated++;
    reader->next = number + 1;
    if (begin_ns == 0) return;
    lines++;
    bytes += size + 1;
    int64_t bucket = (now - stamp_ns(line)) / BUCKET_NS;
    buckets[bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket]++;
}

static void take_text(struct reader *reader, const unsigned char *text, size_t size, int64_t now) {
    frames += begin_ns != 0;
    while (size > 0) {
        const unsigned char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        take_line(reader, text, length, now);
        size_t step = length + (end ? 1 : 0);
        text += step;
        size -= step;
    }
}

static void send_all(int fd, const void *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return;  // Gone; the next read tells.
        data = (const char *)data + sent;
        size -= sent;
    }
}

// Takes one WebSocket frame; the bytes it took, 0 where it is not complete, -1 at the end.
static ssize_t take_frame(struct reader *reader, const unsigned char *data, size_t size,
                          int64_t now) {
    if (size < 2) return 0;
    size_t header = 2, length = data[1] & 0x7F;
    if (length == 126) {
        if (size < 4) return 0;
        length = (size_t)data[2] << 8 | data[3];
        header = 4;
    } else if (length == 127) {
        if (size < 10) return 0;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | data[i];
        header = 10;
    }
    if (size < header + length) return 0;
    switch (data[0] & 0x0F) {
        case 1: case 2: take_text(reader, data + header, length, now); break;
        case 8: return -1;
        case 9: send_all(reader->fd, "\x8A\x80\0\0\0\0", 6); break;  // An empty pong.
        default: break;
    }
    return header + length;
}

// The same for one protocol line of NATS, with its message.
static ssize_t take_nats(struct reader *reader, const unsigned char *data, size_t size,
                         int64_t now) {
    const unsigned char *end = memchr(data, '\n', size);
    if (!end) return 0;
    size_t header = end - data + 1;
    if (memcmp(data, "MSG ", 4) != 0) {
        if (memcmp(data, "PING", 4) == 0) send_all(reader->fd, "PONG\r\n", 6);
        if (memcmp(data, "-ERR", 4) == 0) return -1;
        return header;
    }
    const unsigned char *digit = end - 2;
    while (*digit >= '0' && *digit <= '9') digit--;
    size_t length = digits(digit + 1, end - 2 - digit);
    if (size < header + length + 2) return 0;
    take_text(reader, data + header, length, now);
    return header + length + 2;
}

// Takes what there is; 0 when the connection is over.
static int read_some(struct reader *reader) {
    static unsigned char buffer[BUFFER];
    size_t have = reader->rest_size;
    if (have > sizeof buffer / 2) die("a frame of more than 512 KiB");
    memcpy(buffer, reader->rest, have);
    ssize_t got = recv(reader->fd, buffer + have, sizeof buffer - have, MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return 0;
    size_t size = have + got, taken = 0;
    int64_t now = now_ns();
    for (;;) {
        ssize_t step = is_nats ? take_nats(reader, buffer + taken, size - taken, now)
                               : take_frame(reader, buffer + taken, size - taken, now);
        if (step < 0) return 0;
        if (step == 0) break;
        taken += step;
    }
    reader->rest_size = size - taken;
    if (reader->rest_size > reader->rest_room) {
        reader->rest_room = reader->rest_size + 4096;
        reader->rest = realloc(reader->rest, reader->rest_room);
        if (!reader->rest) die("realloc");
    }
    memcpy(reader->rest, buffer + taken, reader->rest_size);
    return 1;
}

static int dial(int port, int receive_bytes) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    if (receive_bytes) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

// Reads byte by byte up to `end`, so that nothing behind it is taken.
static void read_until(int fd, const char *end, const char *begins) {
    char text[8192];
    size_t size = 0, length = strlen(end);
    while (size < sizeof text - 1 && recv(fd, text + size, 1, 0) == 1) {
        text[++size] = 0;
        if (size >= length && memcmp(text + size - length, end, length) == 0) {
            if (strncmp(text, begins, strlen(begins)) == 0) return;
            break;
        }
    }
    fprintf(stderr, "unexpected answer: %s\n", text);
    exit(1);
}

static int open_reader(int port, const char *target, int receive_bytes) {
    int fd = dial(port, receive_bytes);
    char text[1024];
    int size;
    if (is_nats) {
        read_until(fd, "\r\n", "INFO");
        size = snprintf(text, sizeof text,
                        "CONNECT {\"verbose\":false}\r\nSUB %s 1\r\nPING\r\n", target);
        send_all(fd, text, size);
        read_until(fd, "PONG\r\n", "PONG");
    } else {
        size = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", target, port);
        send_all(fd, text, size);
        read_until(fd, "\r\n\r\n", "HTTP/1.1 101");
    }
    return fd;
}

static double percentile(double part) {
    uint64_t wanted = lines * part, sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
        sum += buckets[i];
        if (sum > wanted) return i * (BUCKET_NS / 1e6);
    }
    return 0;
}

static void read_all(int port, const char *target, int count, int stalled, int seconds) {
    struct reader *readers = calloc(count, sizeof *readers);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (!readers || poll < 0) die("epoll_create1");
    for (int i = 0; i < count; i++) {
        readers[i] = (struct reader){.fd = open_reader(port, target, 0), .next = -1};
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &readers[i]};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, readers[i].fd, &event) != 0) die("epoll_ctl");
    }
    for (int i = 0; i < stalled; i++) open_reader(port, target, 4096);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) die("epoll_ctl");
    printf("open\n");
    fflush(stdout);
    int64_t end_ns = INT64_MAX;
    struct epoll_event events[512];
    while (now_ns() < end_ns) {
        int ready = epoll_wait(poll, events, 512, 100);
        for (int i = 0; i < ready; i++) {
            struct reader *reader = events[i].data.ptr;
            if (!reader) {
                epoll_ctl(poll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
                begin_ns = now_ns();
                end_ns = begin_ns + seconds * 1000000000LL;
            } else if (!read_some(reader)) {
                epoll_ctl(poll, EPOLL_CTL_DEL, reader->fd, NULL);
                closed++;
            }
        }
    }
    long least = -1, most = -1;
    for (int i = 0; i < count; i++) {
        if (least < 0 || readers[i].next < least) least = readers[i].next;
        if (readers[i].next > most) most = readers[i].next;
    }
    printf("{\"lines\":%ld,\"frames\":%ld,\"bytes\":%ld,\"lost\":%ld,\"repeated\":%ld,"
           "\"malformed\":%ld,\"closed\":%ld,\"behind\":%ld,\"p50\":%.1f,\"p99\":%.1f,"
           "\"p999\":%.1f,\"max\":%.1f}\n",
           lines, frames, bytes, lost, repeated, malformed, closed, most - least,
           percentile(0.5), percentile(0.99), percentile(0.999), percentile(0.9999999));
}

static size_t write_line(char *text, long number) {
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t size = strftime(text, 64, "%Y-%m-%dT%H:%M:%S", &tm);
    size += sprintf(text + size, ".%09ldZ line %010ld ", now.tv_nsec, number);
    while (size < 110) text[size] = 'a' + (number + size) % 26, size++;
    return size;
}

// A whole message of `size` bytes at `text`, framed for its server; masked with zeros for WebSocket.
static void send_message(int fd, const char *target, const char *text, size_t size) {
    static char out[BUFFER];
    size_t head;
    if (is_nats) {
        head = sprintf(out, "PUB %s %zu\r\n", target, size);
    } else {
        unsigned char frame[8] = {0x81, 0x80 | 126, size >> 8, size & 0xFF, 0, 0, 0, 0};
        memcpy(out, frame, head = 8);
        if (size < 126) {
            out[1] = 0x80 | size;
            memset(out + 2, 0, 4);
            head = 6;
        }
    }
    memcpy(out + head, text, size);
    if (is_nats) memcpy(out + head + size, "\r\n", 2);
    send_all(fd, out, head + size + (is_nats ? 2 : 0));
}

static void publish(int port, const char *target, double rate, int seconds, int batch) {
    int fd;
    if (is_nats) {
        fd = dial(port, 0);
        read_until(fd, "\r\n", "INFO");
        send_all(fd, "CONNECT {\"verbose\":false}\r\n", 27);
    } else {
        fd = open_reader(port, target, 0);
    }
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    static char text[60000], answers[65536];
    long total = rate * seconds;
    for (long number = 0; number + batch <= total; number += batch) {
        size_t size = 0;
        // As a program that gathers lines would: each has the time at which it was printed.
        for (int i = 0; i < batch; i++) {
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
            due.tv_nsec += 1000000000L / rate;
            if (due.tv_nsec >= 1000000000L) due.tv_sec++, due.tv_nsec -= 1000000000L;
            if (i > 0) text[size++] = '\n';
            size += write_line(text + size, number + i);
        }
        send_message(fd, target, text, size);
        while (recv(fd, answers, sizeof answers, MSG_DONTWAIT) > 0) {}
    }
}

int main(int count, char **values) {
    if (count != 7) {
        fprintf(stderr, "see the top of readers.c\n");
        return 2;
    }
    is_nats = strstr(values[1], "nats") != NULL;
    if (strncmp(values[1], "publish", 7) == 0) {
        publish(atoi(values[2]), values[3], atof(values[4]), atoi(values[5]), atoi(values[6]));
    } else {
        read_all(atoi(values[2]), values[3], atoi(values[4]), atoi(values[5]), atoi(values[6]));
    }
    return 0;
}
