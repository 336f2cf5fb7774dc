// A chip: its packets, and its nodes in a mesh, evaluated one by one where they can change, or in groups.

namespace {

constexpr int64_t forever = INT64_MAX;
// Nodes evaluated in the last cycle from which on the next is shared among threads. Calling them takes as long as the
// evaluation of a few nodes; the results do not depend on it.
#ifndef WORTH_SHARING
#define WORTH_SHARING 32
#endif
constexpr int64_t worth_sharing = WORTH_SHARING;
// Cycles after which it is looked again whether nodes are to be evaluated in groups, and nodes with something to do from
// which on a group is worth while. The results do not depend on either.
#ifndef CHOOSE_AFTER
#define CHOOSE_AFTER 64
#endif
#ifndef WORTH_GROUPING
#define WORTH_GROUPING grouping.even
#endif

// A packet from injection to complete delivery.
struct Packet {
    int64_t tag, created, injected = -1, delivered = -1;
    int64_t neuron, stamp;
    uint32_t source, destination;  // seats: a tile's number in its node, plus that of the node × `members`
    uint32_t next = nobody;
    uint32_t arrived = 0;  // flits
    int64_t key = 0;
    // A packet to several tiles is one for each of them: only the first is sent, and its number is on the wire.
    uint32_t another = nobody;  // target
    uint32_t missing = 1;       // of the first: targets to be delivered to
};

// Outputs of a node that have changed: one bit for each link.
struct Change {
    uint32_t node;
    uint32_t wires;
};

// One of these links, if it leads into another band.
struct Crossing {
    uint32_t node;
    uint32_t link;
};

// Nodes that one thread evaluates, with what comes of it until all threads are done. Whole words of the sets of nodes,
// so that threads share none. The lists have room for all that can happen in a cycle: they never grow.
struct alignas(64) Band {
    size_t first, last;  // words, the last one excluded
    std::vector<Event> events;
    std::vector<Change> changes;
    std::vector<Crossing> abroad;
    int64_t busy;
    size_t first_group, last_group;  // the last one excluded: where nodes are evaluated in groups

    bool holds(uint32_t i) const { return i / 64 >= first && i / 64 < last; }
};

struct Delivery {
    int64_t tag, source, destination, neuron, stamp, created, injected, delivered, completed;
};

class Chip {
public:
    int64_t cycle = 0;
    int64_t count = 0;      // packets ever given
    int64_t delivered = 0;  // of these, complete
    int64_t evaluations = 0;
    std::string fault;
    std::vector<Delivery> log;

    // Rows and columns of tiles. With `recycle`, a packet's number in the circuit is used again after its delivery; otherwise it is its tag.
    // As many threads evaluate nodes, if the mesh has enough of them; what comes of it does not depend on their number.
    Chip(int rows, int cols, bool recycle, unsigned threads)
        : recycle_(recycle), cols_(cols), nodes_(size_t(rows) * cols / node::members), awake_((nodes_.size() + 63) / 64),
          next_(awake_.size()), seen_(nodes_.size() * node::counters), totals_(nodes_.size() * node::counters) {
        rows /= node::side;
        cols /= node::side;
        for (int row = 0; row < rows; row++) {
            for (int col = 0; col < cols; col++) {
                Node &t = nodes_[size_t(row) * cols + col];
                set_field(t.in.here, node::here_row, row);
                set_field(t.in.here, node::here_col, col);
                set_field(t.in.here, node::here_last_row, rows - 1);
                set_field(t.in.here, node::here_last_col, cols - 1);
                for (auto &ready : t.in.arrival_ready) ready.data[0] = 1;
                for (size_t link = 0; link < node::links; link++) {
                    int r = row + node::step_row[link], c = col + node::step_col[link];
                    if (node::torus) {
                        r = (r + rows) % rows;
                        c = (c + cols) % cols;
                    }
                    const bool inside = r >= 0 && r < rows && c >= 0 && c < cols && (r != row || c != col);
                    t.neighbour[link] = inside ? uint32_t(r * cols + c) : nobody;
                }
            }
        }
        cut(threads);
        begin();
    }

    ~Chip() {
        if (team_ && !team_->complete()) (void)team_.release();
    }

    // Back-pressure: whether each tile takes an arrival in cycles 0, 1, ... modulo the period.
    void set_ready(const uint8_t *pattern, int64_t period) {
        const size_t tiles = nodes_.size() * node::members;
        ready_.resize(tiles * period);
        for (size_t tile = 0; tile < tiles; tile++) {
            std::copy_n(pattern + tile * period, period, ready_.begin() + seat_of(tile) * period);
        }
        period_ = period;
    }

    // Write an entry of a router's table.
    void configure(int64_t i, bool hub, int64_t key, int64_t ports) {
        node::configure(nodes_[i].state, nodes_[i].in, hub, uint64_t(key), uint64_t(ports));
        node::settle(nodes_[i].state, nodes_[i].in, nodes_[i].out);
    }

    void inject(size_t n, const int64_t *cycle, const int64_t *source, const int64_t *destination,
                const int64_t *neuron, const int64_t *stamp, const int64_t *key, const int64_t *more) {
        std::vector<uint32_t> fresh;
        fresh.reserve(n);
        uint32_t before = nobody;
        for (size_t i = 0; i < n; i++) {
            Packet packet{};
            packet.tag = count++;
            packet.created = cycle[i];
            packet.injected = packet.delivered = -1;
            packet.neuron = neuron[i];
            packet.stamp = stamp[i];
            packet.source = seat_of(source[i]);
            packet.destination = seat_of(destination[i]);
            packet.next = nobody;
            packet.key = key[i];
            uint32_t number;
            if (free_.empty()) {
                number = uint32_t(packets_.size());
                packets_.push_back(packet);
            } else {
                number = free_.back();
                free_.pop_back();
                packets_[number] = packet;
            }
            if (more[i]) {
                packets_[before].another = number;
                packets_[fresh.back()].missing++;
            } else {
                fresh.push_back(number);
            }
            before = number;
        }
        // Ordered by creation; within a cycle the order given stays.
        auto earlier = [this](uint32_t a, uint32_t b) { return packets_[a].created < packets_[b].created; };
        if (!std::is_sorted(fresh.begin(), fresh.end(), earlier)) {
            std::stable_sort(fresh.begin(), fresh.end(), earlier);
        }
        std::vector<uint32_t> merged;
        merged.reserve(future_.size() - created_ + fresh.size());
        std::merge(future_.begin() + created_, future_.end(), fresh.begin(), fresh.end(), std::back_inserter(merged),
                   earlier);
        future_.swap(merged);
        created_ = 0;
    }

    // Keep what is to be seen of some nodes from a cycle on, before another.
    void watch(std::vector<uint32_t> nodes, int64_t from, int64_t to) {
        watched_ = std::move(nodes);
        watch_from_ = from;
        watch_to_ = to;
    }

    std::vector<int64_t> seen_cycles;
    std::vector<uint64_t> seen_words;  // node::probe_words for each watched node, cycle by cycle

    // Simulate the cycles before `until`, or until nothing is left to deliver, for about so many milliseconds.
    int run(int64_t until, bool stop_when_empty, int milliseconds) {
        using clock = std::chrono::steady_clock;
        const auto deadline = clock::now() + std::chrono::milliseconds(milliseconds);
        const bool together = team_ && team_->complete();
        for (unsigned round = 1; cycle < until; round++) {
            if (!fault.empty()) return faulty;
            if (stop_when_empty && delivered == count) return done;
            if (!inside_ && !waiting_ && !settling()) {
                const int64_t upcoming = created_ < future_.size() ? packets_[future_[created_]].created : forever;
                const int64_t idle_from = cycle;
                const bool over = upcoming >= until;
                if (!over) cycle = std::max(cycle, upcoming);
                else if (until != forever) cycle = until;
                look_at_rest(idle_from);
                if (over) return done;
            }
            if (!one_cycle(together) && !period_ && watched_.empty()) {
                // All nodes sleep with packets inside: until the next packet is created, nothing will change.
                const int64_t upcoming = created_ < future_.size() ? packets_[future_[created_]].created : forever;
                if (upcoming == forever && until == forever && delivered != count) return stuck;
                if (inside_ || waiting_) cycle = std::max(cycle, std::min(upcoming, until));
            }
            if (seen_words.size() > seen_enough) return fault.empty() ? unfinished : faulty;
            if (round % 64 == 0 && clock::now() >= deadline) return fault.empty() ? unfinished : faulty;
        }
        return fault.empty() ? done : faulty;
    }

    // What each counter of each node has counted, whatever its width.
    const std::vector<uint64_t> &totals() {
        read_counters();
        return totals_;
    }

    enum { done, unfinished, faulty, stuck };

private:
    const bool recycle_;
    const int64_t cols_;  // of tiles
    std::vector<Node> nodes_;
    std::vector<uint64_t> awake_, next_;  // nodes to be evaluated in this cycle and in the next, one bit each
    std::vector<uint64_t> seen_, totals_;
    int64_t counted_ = 0;  // evaluated cycles since the counters were read
    std::vector<uint8_t> ready_;
    int64_t period_ = 0;

    std::vector<Packet> packets_;
    std::vector<uint32_t> free_;
    std::vector<uint32_t> future_;  // by creation; those from created_ on are still to be created
    size_t created_ = 0;
    std::vector<uint32_t> stale_;  // seats that do not offer the front of their queue
    std::vector<uint32_t> watched_;
    int64_t watch_from_ = 0, watch_to_ = 0;
    bool rest_seen_ = false;  // since something last moved
    static constexpr size_t seen_enough = size_t(1) << 21;
    int64_t waiting_ = 0;          // packets in source queues
    int64_t inside_ = 0;           // packets in the network

    const bool spread_ = nodes_.size() * sizeof(Node) > size_t(1) << 20;  // do not fit into a processor's own cache
    std::vector<Band> bands_;
    int64_t busy_ = 0;            // nodes that had something to do in the last cycle
    std::unique_ptr<Groups> groups_;
    bool in_groups_ = false;      // the groups have the nodes' state
    int64_t watched_cycles_ = 0, watched_busy_ = 0;  // since the last choice
    std::unique_ptr<Team> team_;  // last, for its threads use all the rest

    void cut(unsigned threads) {
        const size_t count = std::max<size_t>(1, std::min<size_t>(threads, awake_.size()));
        const size_t groups = (nodes_.size() + group_size - 1) / group_size;
        bands_.resize(count);
        for (size_t k = 0; k < count; k++) {
            Band &band = bands_[k];
            band.first = awake_.size() * k / count;
            band.last = awake_.size() * (k + 1) / count;
            band.first_group = groups * k / count;
            band.last_group = groups * (k + 1) / count;
            const size_t low = band.first * 64, high = std::min(band.last * 64, nodes_.size());
            band.events.reserve(std::max(high - low, (band.last_group - band.first_group) * group_size) * node::members);
            band.changes.reserve(high - low);
            size_t outward = 0;
            for (size_t i = low; i < high; i++) {
                for (const uint32_t other : nodes_[i].neighbour) outward += other != nobody && !band.holds(other);
            }
            band.abroad.reserve(outward);
        }
        if (count > 1) team_ = std::make_unique<Team>(unsigned(count), [this](unsigned k) { evaluate_band(bands_[k]); });
    }

    // Everything follows from the registers.
    void begin() {
        for (Node &t : nodes_) node::settle(t.state, t.in, t.out);
        for (uint32_t i = 0; i < nodes_.size(); i++) publish(bands_[0], {i, node::everything});
        publish_abroad();
        std::fill(next_.begin(), next_.end(), 0);
        for (uint32_t i = 0; i < nodes_.size(); i++) wake(awake_, i);
    }

    // Now and then: evaluate the nodes one by one or in groups, whichever takes less time if the traffic stays as it is.
    void choose() {
        watched_busy_ += busy_;
        if (++watched_cycles_ < CHOOSE_AFTER) return;
        const int64_t busy = watched_busy_ / watched_cycles_;
        watched_busy_ = watched_cycles_ = 0;
        if (!grouping.make) return;
        const size_t groups = (nodes_.size() + group_size - 1) / group_size;
        const int64_t even = int64_t(WORTH_GROUPING * groups);
        // Fewer nodes change than are evaluated one by one; and what has been chosen is not given up for nothing.
        if (!in_groups_ && busy > even && watched_.empty()) {
            if (!groups_) groups_ = grouping.make(nodes_);
            groups_->load(nodes_);
            in_groups_ = true;
        } else if (in_groups_ && busy < even / 2) {
            groups_->store(nodes_);
            in_groups_ = false;
            begin();
        }
    }

    static void wake(std::vector<uint64_t> &set, uint32_t i) { set[i / 64] |= uint64_t(1) << (i % 64); }

    // With one tile in a node, seats are numbered as tiles are.
    uint32_t seat_of(int64_t tile) const {
        if (node::members == 1) return uint32_t(tile);
        const int64_t row = tile / cols_, col = tile % cols_, side = node::side;
        return uint32_t((row / side * (cols_ / side) + col / side) * node::members + row % side * side + col % side);
    }

    int64_t tile_at(uint32_t seat) const {
        if (node::members == 1) return seat;
        const int64_t i = seat / node::members, k = seat % node::members, side = node::side, cols = cols_ / side;
        return (i / cols * side + k / side) * cols_ + i % cols * side + k % side;
    }

    Queue &queue_of(uint32_t seat) { return nodes_[seat / node::members].queue[seat % node::members]; }

    void offer_later(uint32_t seat) {
        Queue &queue = queue_of(seat);
        if (!queue.stale) {
            queue.stale = true;
            stale_.push_back(seat);
        }
    }

    void create() {
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

    void offer() {
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

    void press_back(const Band &band) {
        const size_t phase = size_t(cycle % period_), end = std::min(band.last * 64, nodes_.size());
        for (size_t seat = band.first * 64 * node::members; seat < end * node::members; seat++) {
            const size_t i = seat / node::members, k = seat % node::members;
            const uint64_t ready = ready_[seat * period_ + phase];
            auto &known = nodes_[i].in.arrival_ready[k].data[0];
            if (known != ready) {
                known = ready;
                if (in_groups_) groups_->set_ready(i, k, ready);
                wake(awake_, uint32_t(i));
            }
        }
    }

    void look(int64_t at) {
        if (watched_.empty() || at < watch_from_ || at >= watch_to_) return;
        seen_cycles.push_back(at);
        size_t end = seen_words.size();
        seen_words.resize(end + watched_.size() * node::probe_words);
        for (const uint32_t i : watched_) {
            node::probe(nodes_[i].state, nodes_[i].in, seen_words.data() + end);
            end += node::probe_words;
        }
    }

    // The first cycle of an idle stretch differs from the last evaluated one; the others do not.
    void look_at_rest(int64_t idle_from) {
        const int64_t first = std::max(idle_from, watch_from_);
        if (watched_.empty() || rest_seen_ || first >= cycle) return;
        rest_seen_ = true;
        look(first);
    }

    // Whether a node changes of itself, without a packet: credits on their way back, estimates that run down.
    bool settling() const {
        if (in_groups_) return busy_ != 0;
        for (size_t word = 0; word < awake_.size(); word++) {
            for (uint64_t left = awake_[word]; left; left &= left - 1) {
                if (nodes_[word * 64 + __builtin_ctzll(left)].out.busy.data[0]) return true;
            }
        }
        return false;
    }

    // Returns whether any node had something to do.
    bool one_cycle(bool together) {
        create();
        offer();
        if (period_ && (in_groups_ || !watched_.empty())) {
            for (Band &band : bands_) press_back(band);
        }
        if (!watched_.empty()) {
            look(cycle);
            rest_seen_ = false;
        }
        if (together && (in_groups_ ? bands_[0].last_group > 0 : busy_ >= worth_sharing)) {
            team_->work_together();
        } else {
            for (Band &band : bands_) evaluate_band(band);
        }
        busy_ = 0;
        for (Band &band : bands_) {
            busy_ += band.busy;
            for (const Event &event : band.events) book(event);
            band.events.clear();
        }
        if (in_groups_) {
            evaluations += int64_t(nodes_.size());
            groups_->turn();
        } else {
            evaluations += busy_;
            publish_abroad();
            awake_.swap(next_);
        }
        cycle++;
        if (++counted_ == node::counter_period) read_counters();
        choose();
        return busy_ != 0;
    }

    // One clock edge of the nodes of a band. Several threads do this at a time, each with another band: nothing here
    // may change anything but the band, its nodes and their words in the sets of nodes.
    void evaluate_band(Band &band) {
        if (in_groups_) {
            band.busy = 0;
            for (size_t g = band.first_group; g < band.last_group; g++) band.busy += groups_->evaluate(g, band.events);
            return;
        }
        if (period_) press_back(band);
        int64_t evaluated = 0;
        for (size_t word = band.first; word < band.last; word++) {
            uint64_t left = awake_[word];
            awake_[word] = 0;
            uint64_t still = 0;
            while (left) {
                const int bit = __builtin_ctzll(left);
                left &= left - 1;
                if (left && spread_) fetch(nodes_[word * 64 + __builtin_ctzll(left)]);
                still |= uint64_t(evaluate(band, uint32_t(word * 64 + bit))) << bit;
                evaluated++;
            }
            next_[word] |= still;
        }
        band.busy = evaluated;
        for (const Change &change : band.changes) publish(band, change);
        band.changes.clear();
    }

    // Have a node brought near while another is evaluated.
    static void fetch(const Node &t) {
        const char *bytes = reinterpret_cast<const char *>(&t);
        for (size_t at = 0; at < sizeof(Node); at += 64) __builtin_prefetch(bytes + at, 1);
    }

    // One clock edge of a node. Returns whether the next one can change something if the inputs stay as they are.
    bool evaluate(Band &band, uint32_t i) {
        Node &t = nodes_[i];
        bool passing = false;
        for (uint32_t k = 0; k < node::members; k++) {
            const bool sent = t.in.spike_valid[k].data[0] & t.out.spike_ready[k].data[0];
            const bool received = t.out.arrival_valid[k].data[0] & t.in.arrival_ready[k].data[0];
            if (!(sent | received)) continue;
            passing = true;
            band.events.push_back({uint32_t(i * node::members + k), sent, received, t.out.arrival[k]});
        }
        // With the same registers and inputs, the next edge will change as little as this one has.
        if (!node::any(node::advance(t.state, t.in))) return passing;
        const uint32_t wires = node::settle(t.state, t.in, t.out);
        if (wires) band.changes.push_back({i, wires});
        // With other registers it may change something, unless the node says that it is idle and nothing is offered to it:
        // what was refused before may be taken now.
        return t.out.busy.data[0] || node::offered(t.in) || node::always_look;
    }

    // Bring changed outputs to the neighbours, for the next cycle; to those in other bands later.
    void publish(Band &band, const Change &change) {
        const Node &t = nodes_[change.node];
        for (size_t link = 0; link < node::links; link++) {
            if (!(change.wires >> link & 1) || t.neighbour[link] == nobody) continue;
            if (band.holds(t.neighbour[link])) {
                connect(t, link);
            } else {
                band.abroad.push_back({change.node, uint32_t(link)});
            }
        }
    }

    void publish_abroad() {
        for (Band &band : bands_) {
            for (const Crossing &crossing : band.abroad) connect(nodes_[crossing.node], crossing.link);
            band.abroad.clear();
        }
    }

    void connect(const Node &t, size_t link) {
        node::Inputs &in = nodes_[t.neighbour[link]].in;
        in.forward[node::opposite[link]] = t.out.forward[link];
        in.backward[node::opposite[link]] = t.out.backward[link];
        wake(next_, t.neighbour[link]);
    }

    void book(const Event &event) {
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

    // What fits on the wire of a packet's time stamp.
    static uint64_t sent_stamp(const Packet &packet) {
        return uint64_t(packet.stamp) & ((uint64_t(1) << node::arrival_stamp.width) - 1);
    }

    // Book an arriving flit, having compared it with what was sent.
    void arrive(uint32_t seat, const value<node::arrival_width> &flit) {
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

    void complain(uint32_t seat, const value<node::arrival_width> &flit, const Packet *packet) {
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

    void read_counters() {
        counted_ = 0;
        if (!node::counters) return;
        if (in_groups_) groups_->store(nodes_);
        uint64_t now[node::counters ? node::counters : 1];
        for (size_t i = 0; i < nodes_.size(); i++) {
            node::inspect(nodes_[i].state, nodes_[i].in, now);
            for (size_t k = 0; k < node::counters; k++) {
                const size_t at = i * node::counters + k;
                totals_[at] += (now[k] - seen_[at]) & node::counter_mask;
                seen_[at] = now[k];
            }
        }
    }
};

// An exception must not cross the C interface: it becomes the fault's text.
template <class Body>
int guarded(Chip *chip, Body body) {
    try {
        return body();
    } catch (const std::exception &error) {
        chip->fault = std::string("out of memory or broken engine: ") + error.what();
        return Chip::faulty;
    }
}

}  // namespace

extern "C" {

Chip *chip_new(int rows, int cols, int recycle, int threads) {
    try {
        return new Chip(rows, cols, recycle != 0, unsigned(threads));
    } catch (const std::exception &) {
        return nullptr;
    }
}

void chip_free(Chip *chip) { delete chip; }

int chip_set_ready(Chip *chip, const uint8_t *pattern, int64_t period) {
    return guarded(chip, [&] { return chip->set_ready(pattern, period), 0; });
}

int chip_configure(Chip *chip, int64_t n, const int64_t *node, const int64_t *hub, const int64_t *key,
                   const int64_t *ports) {
    return guarded(chip, [&] {
        for (int64_t i = 0; i < n; i++) chip->configure(node[i], hub[i] != 0, key[i], ports[i]);
        return 0;
    });
}

int chip_inject(Chip *chip, int64_t n, const int64_t *cycle, const int64_t *source, const int64_t *destination,
                const int64_t *neuron, const int64_t *stamp, const int64_t *key, const int64_t *more) {
    return guarded(
        chip, [&] { return chip->inject(size_t(n), cycle, source, destination, neuron, stamp, key, more), 0; });
}

int chip_run(Chip *chip, int64_t until, int stop_when_empty, int milliseconds) {
    return guarded(chip, [&] { return chip->run(until, stop_when_empty != 0, milliseconds); });
}

// Cycle, packets given, packets delivered, deliveries in the log, evaluations.
void chip_status(const Chip *chip, int64_t *into) {
    into[0] = chip->cycle;
    into[1] = chip->count;
    into[2] = chip->delivered;
    into[3] = int64_t(chip->log.size());
    into[4] = chip->evaluations;
}

// Move the log out: rows of nine numbers.
void chip_take_log(Chip *chip, int64_t *into) {
    static_assert(sizeof(Delivery) == 9 * sizeof(int64_t), "a delivery is nine numbers");
    if (!chip->log.empty()) std::memcpy(into, chip->log.data(), chip->log.size() * sizeof(Delivery));
    chip->log.clear();
}

void chip_counters(Chip *chip, uint64_t *into) {
    const auto &totals = chip->totals();
    if (!totals.empty()) std::memcpy(into, totals.data(), totals.size() * sizeof(uint64_t));
}

int chip_watch(Chip *chip, const int64_t *nodes, int64_t n, int64_t from, int64_t to) {
    return guarded(chip, [&] { return chip->watch(std::vector<uint32_t>(nodes, nodes + n), from, to), 0; });
}

int64_t chip_seen(const Chip *chip) { return int64_t(chip->seen_cycles.size()); }

void chip_take_seen(Chip *chip, int64_t *cycles, uint64_t *words) {
    std::copy(chip->seen_cycles.begin(), chip->seen_cycles.end(), cycles);
    std::copy(chip->seen_words.begin(), chip->seen_words.end(), words);
    chip->seen_cycles.clear();
    chip->seen_words.clear();
}

const char *chip_fault(const Chip *chip) { return chip->fault.c_str(); }

}  // extern "C"
