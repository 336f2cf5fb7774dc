// The packets of a chip: created, offered at their sources, booked and checked where they arrive.

namespace {

inline void Chip::set_ready(const uint8_t *pattern, int64_t period) {
    const size_t tiles = nodes_.size() * node::members;
    ready_.resize(tiles * period);
    for (size_t tile = 0; tile < tiles; tile++) {
        std::copy_n(pattern + tile * period, period, ready_.begin() + seat_of(tile) * period);
    }
    period_ = period;
}

// With one tile in a node, seats are numbered as tiles are.
inline uint32_t Chip::seat_of(int64_t tile) const {
    if (node::members == 1) return uint32_t(tile);
    const int64_t row = tile / cols_, col = tile % cols_, side = node::side;
    return uint32_t((row / side * (cols_ / side) + col / side) * node::members + row % side * side + col % side);
}

inline int64_t Chip::tile_at(uint32_t seat) const {
    if (node::members == 1) return seat;
    const int64_t i = seat / node::members, k = seat % node::members, side = node::side, cols = cols_ / side;
    return (i / cols * side + k / side) * cols_ + i % cols * side + k % side;
}

inline void Chip::inject(size_t n, const int64_t *cycle, const int64_t *source, const int64_t *destination,
            const int64_t *neuron, const int64_t *stamp, const int64_t *key, const int64_t *more) {
    fresh_.clear();
    for (size_t i = 0; i < n; i++) {
        admit(cycle[i], source[i], destination[i], neuron[i], stamp[i], key[i], more[i] != 0);
    }
    queue_fresh();
}

// Take a packet, or with `more` another target of the last one; `queue_fresh` has to follow.
inline void Chip::admit(int64_t cycle, int64_t source, int64_t destination, int64_t neuron, int64_t stamp, int64_t key,
                        bool more) {
    Packet packet{};
    packet.tag = count++;
    packet.created = cycle;
    packet.injected = packet.delivered = -1;
    packet.neuron = neuron;
    packet.stamp = stamp;
    packet.source = seat_of(source);
    packet.destination = seat_of(destination);
    packet.next = nobody;
    packet.key = key;
    uint32_t number;
    if (free_.empty()) {
        number = uint32_t(packets_.size());
        packets_.push_back(packet);
    } else {
        number = free_.back();
        free_.pop_back();
        packets_[number] = packet;
    }
    if (more) {
        packets_[last_].another = number;
        packets_[fresh_.back()].missing++;
    } else {
        fresh_.push_back(number);
    }
    last_ = number;
}

// Put the packets that were admitted in order, behind those of the same cycle that are there already.
inline void Chip::queue_fresh() {
    // Ordered by creation; within a cycle the order given stays.
    auto earlier = [this](uint32_t a, uint32_t b) { return packets_[a].created < packets_[b].created; };
    if (!std::is_sorted(fresh_.begin(), fresh_.end(), earlier)) {
        std::stable_sort(fresh_.begin(), fresh_.end(), earlier);
    }
    std::vector<uint32_t> merged;
    merged.reserve(future_.size() - created_ + fresh_.size());
    std::merge(future_.begin() + created_, future_.end(), fresh_.begin(), fresh_.end(), std::back_inserter(merged),
               earlier);
    future_.swap(merged);
    created_ = 0;
    fresh_.clear();
}

inline void Chip::offer_later(uint32_t seat) {
    Queue &queue = queue_of(seat);
    if (!queue.stale) {
        queue.stale = true;
        stale_.push_back(seat);
    }
}

inline void Chip::create() {
    while (created_ < future_.size() && packets_[future_[created_]].created <= cycle) {
        const uint32_t number = future_[created_++];
        Queue &queue = queue_of(packets_[number].source);
        if (queue.front == nobody) {
            queue.front = number;
            offer_later(packets_[number].source);
        } else {
            packets_[queue.back].next = number;
        }
        queue.back = number;
        waiting_++;
    }
}

inline void Chip::offer() {
    for (const uint32_t seat : stale_) {
        const uint32_t i = seat / node::members, k = seat % node::members;
        node::Inputs &in = nodes_[i].in;
        Queue &queue = nodes_[i].queue[k];
        queue.stale = false;
        in.spike[k] = {};
        in.spike_valid[k].data[0] = queue.front != nobody;
        if (queue.front != nobody) {
            const Packet &packet = packets_[queue.front];
            const node::Inputs &to = nodes_[packet.destination / node::members].in;
            set_field(in.spike[k], node::spike_row, field(to.here, node::here_row));
            set_field(in.spike[k], node::spike_col, field(to.here, node::here_col));
            set_field(in.spike[k], node::spike_member, packet.destination % node::members);
            set_field(in.spike[k], node::spike_key, uint64_t(packet.key));
            set_field(in.spike[k], node::spike_neuron, uint64_t(packet.neuron));
            set_field(in.spike[k], node::spike_stamp, uint64_t(packet.stamp));
            set_field(in.spike[k], node::spike_tag, queue.front);
        }
        if (in_groups_) groups_->offer(i, k, in);
        wake(awake_, i);
    }
    stale_.clear();
}

inline void Chip::book(const Event &event) {
    if (event.dropped && fault.empty()) {
        fault = "cycle " + std::to_string(cycle) + ": node " + std::to_string(event.seat / node::members) +
                " dropped a packet to nowhere, or of an unknown key";
    }
    if (event.sent) {
        Queue &queue = queue_of(event.seat);
        Packet &packet = packets_[queue.front];
        for (uint32_t k = queue.front; k != nobody; k = packets_[k].another) packets_[k].injected = cycle;
        queue.front = packet.next;
        waiting_--;
        inside_ += packet.missing;
        offer_later(event.seat);
    }
    if (event.received) arrive(event.seat, event.flit);
}

// Book an arriving flit, having compared it with what was sent.
inline void Chip::arrive(uint32_t seat, const value<node::arrival_width> &flit) {
    const uint64_t sent = field(flit, node::arrival_tag);
    const bool known = sent < packets_.size() && packets_[sent].injected >= 0;
    uint64_t number = sent;
    for (uint32_t k = known ? uint32_t(sent) : nobody; k != nobody; k = packets_[k].another) {
        if (packets_[k].destination == seat) number = k;
    }
    Packet nothing{};
    Packet &packet = known ? packets_[number] : nothing;
    const bool first = field(flit, node::arrival_first), last = field(flit, node::arrival_last);
    bool good = known && packet.destination == seat && field(flit, node::arrival_neuron) == uint64_t(packet.neuron) &&
                first == (packet.arrived == 0) && last == (packet.arrived == node::flits - 1);
    if (node::flits > 1 && packet.arrived) {
        good = good && field(flit, node::arrival_index) == packet.arrived &&
               field(flit, node::arrival_stamp) == sent_stamp(packet);
    }
    if (!good) {
        complain(seat, flit, known ? &packet : nullptr);
        return;
    }
    if (first) packet.delivered = cycle;
    packet.arrived++;
    if (!last) return;
    log.push_back({packet.tag, tile_at(packet.source), tile_at(packet.destination), packet.neuron, packet.stamp,
                   packet.created, packet.injected, packet.delivered, cycle});
    delivered++;
    inside_--;
    if (--packets_[sent].missing) return;
    for (uint32_t k = uint32_t(sent); k != nobody; k = packets_[k].another) {
        packets_[k].injected = -1;
        if (recycle_) free_.push_back(k);
    }
}

inline void Chip::complain(uint32_t seat, const value<node::arrival_width> &flit, const Packet *packet) {
    if (!fault.empty()) return;
    auto text = [](const char *name, uint64_t number) { return std::string(name) + " " + std::to_string(number); };
    fault = text("cycle", uint64_t(cycle)) + ": a flit arrived at " + text("tile", uint64_t(tile_at(seat))) + " as " +
            text("neuron", field(flit, node::arrival_neuron)) + ", " + text("first", field(flit, node::arrival_first)) +
            ", " + text("last", field(flit, node::arrival_last)) + ", " +
            text("index", field(flit, node::arrival_index)) + ", " +
            text("stamp", field(flit, node::arrival_stamp)) + ", but ";
    if (packet) {
        fault += text("packet", uint64_t(packet->tag)) + " was sent to " + text("tile", uint64_t(tile_at(packet->destination))) +
                 " as " + text("neuron", uint64_t(packet->neuron)) + ", " + text("stamp", sent_stamp(*packet)) + ", and " +
                 std::to_string(packet->arrived) + " of its flits had arrived";
    } else {
        fault += "no such packet is on its way";
    }
}

}  // namespace
