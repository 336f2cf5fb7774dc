// Bytes as bits, each of `rate` cycles, on the lines rx and tx.
static void cycle(Board &b) {
    // What the board sends is sampled in the middle of each bit.
    bool tx = b.top.p_tx.get<bool>();
    if (!b.receiving && !tx) {
        b.receiving = 10;
        b.receive_phase = b.rate / 2;
        b.bits = 0;
    }
    if (b.receiving) {
        if (b.receive_phase == 0) {
            b.bits |= unsigned(tx) << (10 - b.receiving);
            b.receive_phase = b.rate;
            if (!--b.receiving) b.out.push_back(uint8_t(b.bits >> 1));
        }
        b.receive_phase--;
    }
    if (!b.sending && !b.in.empty()) {
        b.byte = unsigned(b.in.front()) << 1 | 0x200;
        b.in.pop_front();
        b.sending = 10;
        b.send_phase = 0;
    }
    if (b.sending) {
        if (b.send_phase == 0) {
            b.line = b.byte & 1;
            b.byte >>= 1;
        }
        if (++b.send_phase == b.rate) {
            b.send_phase = 0;
            b.sending--;
        }
    } else {
        b.line = true;
    }
    b.top.p_rx.set<bool>(b.line);
    b.clock();
}
