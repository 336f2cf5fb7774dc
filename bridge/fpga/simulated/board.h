// A circuit with bytes to it and from it, as C functions; what moves them, `cycle`, stands between this and board.cc.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

struct Board {
    cxxrtl_design::p_top top;
    std::deque<uint8_t> in;
    std::vector<uint8_t> out;
    uint64_t cycle = 0;
    unsigned rate = 1;
    unsigned sending = 0, send_phase = 0, receiving = 0, receive_phase = 0, byte = 0, bits = 0;
    bool line = true;

    void clock() {
        top.p_clk.set<bool>(true);
        top.step();
        top.p_clk.set<bool>(false);
        top.step();
        cycle++;
    }
};
