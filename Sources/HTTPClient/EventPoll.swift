import CCurl
import Glibc

/// The curl thread's epoll: which descriptors are watched, and for whom.
///
/// Used on the curl thread alone, after `init`. Events are told apart by registration, not by
/// descriptor, so that one that was closed and opened again in the meantime gets no stale event.
@safe final class EventPoll {
    typealias Instant = ContinuousClock.Instant

    /// What has become ready.
    struct Event {
        let descriptor: Int32
        /// Nil for the command queue.
        let multi: CurlMulti?
        let isReadable: Bool
        let isWritable: Bool
        let hasFailed: Bool
    }

    private struct Registration {
        let serial: UInt32
        let multi: CurlMulti?
        var interest: UInt32
        var isMuted = false
    }

    private static let batch = 256
    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private var registrations: [Int32: Registration] = [:]
    private var serial: UInt32 = 0
    private var muted: [(descriptor: Int32, serial: UInt32)] = []

    init() throws(HTTPClientError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        unsafe events = .allocate(capacity: Self.batch)
        guard descriptor >= 0 else {
            throw HTTPClientError(systemCall: "epoll_create1", errno: errno)
        }
    }

    deinit {
        unsafe events.deallocate()
        // Nothing can be done about a failure to close, and nothing is lost by it.
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Watches a descriptor, or changes what it is watched for.
    func watch(_ target: Int32, reading: Bool, writing: Bool, for multi: CurlMulti?) {
        let interest =
            (reading ? EPOLLIN.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0)
        if var known = registrations[target] {
            known.interest = interest
            known.isMuted = false
            registrations[target] = known
            control(EPOLL_CTL_MOD, target, known)
        } else {
            serial &+= 1
            let new = Registration(serial: serial, multi: multi, interest: interest)
            registrations[target] = new
            control(EPOLL_CTL_ADD, target, new)
        }
    }

    /// Forgets a descriptor, before or after it is closed.
    func forget(_ target: Int32) {
        guard let known = registrations.removeValue(forKey: target) else { return }
        control(EPOLL_CTL_DEL, target, known)
    }

    /// Does not report a descriptor as readable until ``unmuteAll()``.
    func mute(_ target: Int32) {
        guard var known = registrations[target], !known.isMuted else { return }
        known.isMuted = true
        registrations[target] = known
        muted.append((target, known.serial))
        control(EPOLL_CTL_MOD, target, known)
    }

    /// Whether a descriptor is muted.
    var hasMuted: Bool { !muted.isEmpty }

    /// Takes back every ``mute(_:)``.
    func unmuteAll() {
        for (target, serial) in muted {
            guard var known = registrations[target], known.serial == serial, known.isMuted else {
                continue
            }
            known.isMuted = false
            registrations[target] = known
            control(EPOLL_CTL_MOD, target, known)
        }
        muted.removeAll(keepingCapacity: true)
    }

    /// Waits for events until a time (nil: until there is one), and hands on each that still has
    /// its registration when its turn comes.
    func wait(until deadline: Instant?, _ body: (Event) -> Void) {
        let count = unsafe epoll_wait(descriptor, events, Int32(Self.batch), timeout(deadline))
        guard count > 0 else { return }  // time is up, or a signal
        for position in 0..<Int(count) {
            let event = unsafe events[position]
            let target = Int32(truncatingIfNeeded: unsafe event.data.u64 & 0xffff_ffff)
            let serial = UInt32(truncatingIfNeeded: unsafe event.data.u64 >> 32)
            guard let known = registrations[target], known.serial == serial else { continue }
            body(
                Event(
                    descriptor: target, multi: known.multi,
                    isReadable: unsafe event.events & (EPOLLIN.rawValue | EPOLLHUP.rawValue) != 0,
                    isWritable: unsafe event.events & EPOLLOUT.rawValue != 0,
                    hasFailed: unsafe event.events & EPOLLERR.rawValue != 0))
        }
    }

    /// Milliseconds for epoll, rounded up: waking before the time would only mean waiting again.
    private func timeout(_ deadline: Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let rest = deadline - .now
        guard rest > .zero else { return 0 }
        let milliseconds =
            rest.components.seconds.multipliedReportingOverflow(by: 1_000).partialValue
            + rest.components.attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: milliseconds)
    }

    private func control(_ operation: Int32, _ target: Int32, _ registration: Registration) {
        let readable: UInt32 = registration.isMuted ? ~EPOLLIN.rawValue : ~0
        var event = unsafe epoll_event()
        unsafe event.events = registration.interest & readable
        unsafe event.data.u64 =
            UInt64(registration.serial) << 32 | UInt64(UInt32(bitPattern: target))
        // Removing fails when the descriptor is closed already: then the kernel has forgotten it.
        // Adding fails when it was closed and opened again without libcurl's notice: then its
        // registration is replaced.
        let result = unsafe epoll_ctl(descriptor, operation, target, &event)
        if result < 0, operation == EPOLL_CTL_ADD, errno == EEXIST {
            _ = unsafe epoll_ctl(descriptor, EPOLL_CTL_MOD, target, &event)
        } else if result < 0, operation == EPOLL_CTL_MOD, errno == ENOENT {
            _ = unsafe epoll_ctl(descriptor, EPOLL_CTL_ADD, target, &event)
        }
    }
}
