extern "C" {
void *board_new(unsigned rate) {
    auto *b = new Board;
    b->rate = rate;
    b->top.step();
    return b;
}
void board_free(void *p) { delete static_cast<Board *>(p); }
void board_give(void *p, const uint8_t *data, size_t n) {
    auto &b = *static_cast<Board *>(p);
    b.in.insert(b.in.end(), data, data + n);
}
size_t board_waiting(void *p) { return static_cast<Board *>(p)->in.size(); }
size_t board_run(void *p, uint64_t cycles, size_t enough) {
    auto &b = *static_cast<Board *>(p);
    while (cycles-- && b.out.size() < enough) cycle(b);
    return b.out.size();
}
void board_take(void *p, uint8_t *data) {
    auto &b = *static_cast<Board *>(p);
    for (auto c : b.out) *data++ = c;
    b.out.clear();
}
uint64_t board_cycles(void *p) { return static_cast<Board *>(p)->cycle; }
}
