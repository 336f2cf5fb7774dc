// A board under Verilator, as a library: its time in picoseconds, and bytes through its pins at some bits in a second.
#include "Vboard.h"
#include "verilated.h"

#include <cstdint>
#include <deque>
#include <vector>

struct Line {
    VerilatedContext context;
    Vboard board{&context};
    double bit;
    double now = 0;
    // To the board: when the next bit begins, and the bits that are left of a byte with its start and stop.
    std::deque<uint8_t> in;
    double next = 0;
    unsigned bits = 0, left = 0;
    // From it: when the next bit is in its middle.
    std::vector<uint8_t> out;
    double middle = 0;
    unsigned seen = 0, awaited = 0, broken = 0;

    explicit Line(double baud) : bit(1e12 / baud) {
        board.rx = 1;
        board.powered = 1;
        board.eval();
    }
    ~Line() { board.final(); }

    // The line to the board has the same value until `next`.
    void drive() {
        if (!left && in.empty()) return;
        if (!left) {
            bits = in.front() << 1 | 0x200;
            in.pop_front();
            left = 10;
        }
        board.rx = bits & 1;
        bits >>= 1;
        left--;
        next += bit;
    }
    void look() {
        if (!awaited) {
            if (board.tx) return;
            awaited = 10;
            seen = 0;
            middle = now + bit / 2;
        }
        if (now < middle) return;
        seen |= unsigned(board.tx) << (10 - awaited);
        middle += bit;
        if (--awaited) return;
        if (seen & 1 || !(seen & 0x200)) broken++;
        out.push_back(uint8_t(seen >> 1));
    }
    void run(double until) {
        while (now < until) {
            double event = until;
            if (board.eventsPending() && double(board.nextTimeSlot()) < event) event = double(board.nextTimeSlot());
            bool giving = left || !in.empty();
            if (!giving && next < now) next = now;
            if (giving && next < event) event = next;
            if (awaited && middle < event) event = middle;
            now = event;
            context.time(uint64_t(now));
            if (giving && next <= now) drive();
            board.eval();
            look();
        }
    }
};

extern "C" {
void *make(double baud) { return new Line(baud); }
void drop(void *p) { delete static_cast<Line *>(p); }
void give(void *p, const uint8_t *data, size_t n) {
    auto &in = static_cast<Line *>(p)->in;
    in.insert(in.end(), data, data + n);
}
size_t left(void *p) { return static_cast<Line *>(p)->in.size(); }
size_t run(void *p, double picoseconds, bool button, bool powered) {
    auto &line = *static_cast<Line *>(p);
    line.board.button = button;
    line.board.powered = powered;
    line.run(line.now + picoseconds);
    return line.out.size();
}
void take(void *p, uint8_t *data) {
    auto &out = static_cast<Line *>(p)->out;
    for (auto byte : out) *data++ = byte;
    out.clear();
}
unsigned lights(void *p) { return static_cast<Line *>(p)->board.lights; }
unsigned broken(void *p) { return static_cast<Line *>(p)->broken; }
}
