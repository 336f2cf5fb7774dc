// Threads that do one job together, again and again, with little time between two of them.
//
// Waking a sleeping thread takes longer than a cycle of most chips. So a thread that waits looks for its work for a
// while before it gives its processor away, and sleeps only if no work comes at all. Where processors are scarce, the
// caller does not wait for who has not begun: it takes over their share.

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

#include <unistd.h>

namespace {

class Team {
public:
    // `work(i)` is share i of the work, 0 <= i < size, the same thread's more often than not. It must not throw.
    Team(unsigned size, std::function<void(unsigned)> work)
        : size_(size), work_(std::move(work)), shares_(size), patience_(std::thread::hardware_concurrency() < size ? 0 : 2000) {
        // Signals are the caller's.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            threads_.reserve(size - 1);
            for (unsigned i = 1; i < size; i++) threads_.emplace_back([this, i] { serve(i); });
        } catch (...) {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            dismiss();
            throw;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    ~Team() { dismiss(); }

    // Whether there are others. A process that was forked has the team of its parent, but none of its threads: it must
    // neither work with it nor destroy it, which would wait for them.
    bool complete() const { return getpid() == home_; }

    // All shares, done when this returns; only if the team is complete.
    void work_together() {
        left_.store(size_, std::memory_order_relaxed);
        const uint64_t number = call();
        for (unsigned i = 0; i < size_; i++) take(i, number);
        for (unsigned tries = 0; left_.load(std::memory_order_acquire); tries++) pause(tries);
    }

private:
    const unsigned size_;
    const std::function<void(unsigned)> work_;
    struct alignas(64) Share {
        std::atomic<uint64_t> taken{0};  // at how many calls
    };
    std::vector<Share> shares_;
    const unsigned patience_;  // looks at what is waited for before the processor is given away
    const pid_t home_ = getpid();
    std::vector<std::thread> threads_;
    std::atomic<bool> over_{false};
    std::mutex mutex_;
    std::condition_variable called_;
    // Apart from each other, so that who looks at one does not hinder who writes the other.
    alignas(64) std::atomic<uint64_t> calls_{0};
    alignas(64) std::atomic<unsigned> left_{0};
    alignas(64) std::atomic<unsigned> asleep_{0};

    uint64_t call() {
        // In one order with the two accesses in `await`: either the sleeper is seen here, or the call there.
        const uint64_t number = calls_.fetch_add(1, std::memory_order_seq_cst) + 1;
        if (asleep_.load(std::memory_order_seq_cst)) {
            const std::lock_guard<std::mutex> lock(mutex_);
            called_.notify_all();
        }
        return number;
    }

    // Do a share, unless somebody else does it or this call is over.
    void take(unsigned i, uint64_t number) {
        uint64_t before = shares_[i].taken.load(std::memory_order_relaxed);
        if (before >= number || !shares_[i].taken.compare_exchange_strong(before, number, std::memory_order_acquire)) return;
        work_(i);
        left_.fetch_sub(1, std::memory_order_release);
    }

    void dismiss() {
        over_.store(true, std::memory_order_relaxed);  // the call makes it known
        call();
        for (std::thread &thread : threads_) thread.join();
    }

    void serve(unsigned i) {
        for (uint64_t number = 0;;) {
            number = await(number);
            if (over_.load(std::memory_order_relaxed)) return;
            take(i, number);
        }
    }

    // Wait for another call than that of this number; returns the number of the last one.
    uint64_t await(uint64_t number) {
        for (unsigned tries = 0; tries < patience_ + 100; tries++) {
            const uint64_t last = calls_.load(std::memory_order_acquire);
            if (last != number) return last;
            pause(tries);
        }
        std::unique_lock<std::mutex> lock(mutex_);
        asleep_.fetch_add(1, std::memory_order_seq_cst);
        called_.wait(lock, [&] { return calls_.load(std::memory_order_seq_cst) != number; });
        asleep_.fetch_sub(1, std::memory_order_relaxed);
        return calls_.load(std::memory_order_acquire);
    }

    void pause(unsigned tries) const {
        if (tries >= patience_) {
            std::this_thread::yield();
        } else {
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#elif defined(__aarch64__)
            asm volatile("yield");
#endif
        }
    }
};

}  // namespace

