// A chip: its packets, and its tiles in a mesh, evaluated one by one where they can change, or in groups.

namespace {

constexpr int64_t forever = INT64_MAX;
// Tiles evaluated in the last cycle from which on the next is shared among threads. Calling them takes as long as the
// evaluation of a few tiles; the results do not depend on it.
#ifndef WORTH_SHARING
#define WORTH_SHARING 32
#endif
constexpr int64_t worth_sharing = WORTH_SHARING;
// Cycles after which it is looked again whether tiles are to be evaluated in groups, and tiles with something to do from
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
    uint32_t source, destination;
    uint32_t next = nobody;
    uint32_t arrived = 0;  // flits
    int64_t key = 0;
    // A packet to several tiles is one for each of them: only the first is sent, and its number is on the wire.
    uint32_t another = nobody;  // target
    uint32_t missing = 1;       // of the first: targets to be delivered to
};

// Outputs of a tile that have changed: one bit for each link.
struct Change {
    uint32_t tile;
    uint32_t wires;
};

// One of these links, if it leads into another band.
struct Crossing {
    uint32_t tile;
    uint32_t link;
};

// Tiles that one thread evaluates, with what comes of it until all threads are done. Whole words of the sets of tiles,
// so that threads share none. The lists have room for all that can happen in a cycle: they never grow.
struct alignas(64) Band {
    size_t first, last;  // words, the last one excluded
    std::vector<Event> events;
    std::vector<Change> changes;
    std::vector<Crossing> abroad;
    int64_t busy;
    size_t first_group, last_group;  // the last one excluded: where tiles are evaluated in groups

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

    // With `recycle`, a packet's number in the circuit is used again after its delivery; otherwise it is its tag.
    // As many threads evaluate tiles, if the mesh has enough of them; what comes of it does not depend on their number.
    Chip(int rows, int cols, bool recycle, unsigned threads)
        : recycle_(recycle), tiles_(size_t(rows) * cols), awake_((tiles_.size() + 63) / 64), next_(awake_.size()),
          seen_(tiles_.size() * tile::counters), totals_(tiles_.size() * tile::counters) {
        for (int row = 0; row < rows; row++) {
            for (int col = 0; col < cols; col++) {
                Tile &t = tiles_[size_t(row) * cols + col];
                set_field(t.in.here, tile::here_row, row);
                set_field(t.in.here, tile::here_col, col);
                set_field(t.in.here, tile::here_last_row, rows - 1);
                set_field(t.in.here, tile::here_last_col, cols - 1);
                t.in.arrival_ready.data[0] = 1;
                for (size_t link = 0; link < tile::links; link++) {
                    int r = row + tile::step_row[link], c = col + tile::step_col[link];
                    if (tile::torus) {
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
        ready_.assign(pattern, pattern + tiles_.size() * period);
        period_ = period;
    }

    // Write an entry of a router's table.
    void configure(int64_t i, int64_t key, int64_t ports) {
        tile::configure(tiles_[i].state, tiles_[i].in, uint64_t(key), uint64_t(ports));
        tile::settle(tiles_[i].state, tiles_[i].in, tiles_[i].out);
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
            packet.source = uint32_t(source[i]);
            packet.destination = uint32_t(destination[i]);
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

    // Keep what is to be seen of some tiles from a cycle on, before another.
    void watch(std::vector<uint32_t> tiles, int64_t from, int64_t to) {
        watched_ = std::move(tiles);
        watch_from_ = from;
        watch_to_ = to;
    }

    std::vector<int64_t> seen_cycles;
    std::vector<uint64_t> seen_words;  // tile::probe_words for each watched tile, cycle by cycle

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
                // All tiles sleep with packets inside: until the next packet is created, nothing will change.
                const int64_t upcoming = created_ < future_.size() ? packets_[future_[created_]].created : forever;
                if (upcoming == forever && until == forever && delivered != count) return stuck;
                if (inside_ || waiting_) cycle = std::max(cycle, std::min(upcoming, until));
            }
            if (seen_words.size() > seen_enough) return fault.empty() ? unfinished : faulty;
            if (round % 64 == 0 && clock::now() >= deadline) return fault.empty() ? unfinished : faulty;
        }
        return fault.empty() ? done : faulty;
    }

    // What each counter of each tile has counted, whatever its width.
    const std::vector<uint64_t> &totals() {
        read_counters();
        return totals_;
    }

    enum { done, unfinished, faulty, stuck };

private:
    const bool recycle_;
    std::vector<Tile> tiles_;
    std::vector<uint64_t> awake_, next_;  // tiles to be evaluated in this cycle and in the next, one bit each
    std::vector<uint64_t> seen_, totals_;
    int64_t counted_ = 0;  // evaluated cycles since the counters were read
    std::vector<uint8_t> ready_;
    int64_t period_ = 0;

    std::vector<Packet> packets_;
    std::vector<uint32_t> free_;
    std::vector<uint32_t> future_;  // by creation; those from created_ on are still to be created
    size_t created_ = 0;
    std::vector<uint32_t> stale_;  // tiles that do not offer the front of their queue
    std::vector<uint32_t> watched_;
    int64_t watch_from_ = 0, watch_to_ = 0;
    bool rest_seen_ = false;  // since something last moved
    static constexpr size_t seen_enough = size_t(1) << 21;
    int64_t waiting_ = 0;          // packets in source queues
    int64_t inside_ = 0;           // packets in the network

    const bool spread_ = tiles_.size() * sizeof(Tile) > size_t(1) << 20;  // do not fit into a processor's own cache
    std::vector<Band> bands_;
    int64_t busy_ = 0;            // tiles that had something to do in the last cycle
    std::unique_ptr<Groups> groups_;
    bool in_groups_ = false;      // the groups have the tiles' state
    int64_t watched_cycles_ = 0, watched_busy_ = 0;  // since the last choice
    std::unique_ptr<Team> team_;  // last, for its threads use all the rest

    void cut(unsigned threads) {
        const size_t count = std::max<size_t>(1, std::min<size_t>(threads, awake_.size()));
        const size_t groups = (tiles_.size() + group_size - 1) / group_size;
        bands_.resize(count);
        for (size_t k = 0; k < count; k++) {
            Band &band = bands_[k];
            band.first = awake_.size() * k / count;
            band.last = awake_.size() * (k + 1) / count;
            band.first_group = groups * k / count;
            band.last_group = groups * (k + 1) / count;
            const size_t low = band.first * 64, high = std::min(band.last * 64, tiles_.size());
            band.events.reserve(std::max(high - low, (band.last_group - band.first_group) * group_size));
            band.changes.reserve(high - low);
            size_t outward = 0;
            for (size_t i = low; i < high; i++) {
                for (const uint32_t other : tiles_[i].neighbour) outward += other != nobody && !band.holds(other);
            }
            band.abroad.reserve(outward);
        }
        if (count > 1) team_ = std::make_unique<Team>(unsigned(count), [this](unsigned k) { evaluate_band(bands_[k]); });
    }

    // Everything follows from the registers.
    void begin() {
        for (Tile &t : tiles_) tile::settle(t.state, t.in, t.out);
        for (uint32_t i = 0; i < tiles_.size(); i++) publish(bands_[0], {i, tile::everything});
        publish_abroad();
        std::fill(next_.begin(), next_.end(), 0);
        for (uint32_t i = 0; i < tiles_.size(); i++) wake(awake_, i);
    }

    // Now and then: evaluate the tiles one by one or in groups, whichever takes less time if the traffic stays as it is.
    void choose() {
        watched_busy_ += busy_;
        if (++watched_cycles_ < CHOOSE_AFTER) return;
        const int64_t busy = watched_busy_ / watched_cycles_;
        watched_busy_ = watched_cycles_ = 0;
        if (!grouping.make) return;
        const size_t groups = (tiles_.size() + group_size - 1) / group_size;
        const int64_t even = int64_t(WORTH_GROUPING * groups);
        // Fewer tiles change than are evaluated one by one; and what has been chosen is not given up for nothing.
        if (!in_groups_ && busy > even && watched_.empty()) {
            if (!groups_) groups_ = grouping.make(tiles_);
            groups_->load(tiles_);
            in_groups_ = true;
        } else if (in_groups_ && busy < even / 2) {
            groups_->store(tiles_);
            in_groups_ = false;
            begin();
        }
    }

    static void wake(std::vector<uint64_t> &set, uint32_t i) { set[i / 64] |= uint64_t(1) << (i % 64); }

    void offer_later(uint32_t i) {
        if (!tiles_[i].stale) {
            tiles_[i].stale = true;
            stale_.push_back(i);
        }
    }

    void create() {
        while (created_ < future_.size() && packets_[future_[created_]].created <= cycle) {
            const uint32_t number = future_[created_++];
            Tile &t = tiles_[packets_[number].source];
            if (t.front == nobody) {
                t.front = number;
                offer_later(packets_[number].source);
            } else {
                packets_[t.back].next = number;
            }
            t.back = number;
            waiting_++;
        }
    }

    void offer() {
        for (const uint32_t i : stale_) {
            Tile &t = tiles_[i];
            t.stale = false;
            t.in.spike = {};
            t.in.spike_valid.data[0] = t.front != nobody;
            if (t.front != nobody) {
                const Packet &packet = packets_[t.front];
                const tile::Inputs &to = tiles_[packet.destination].in;
                set_field(t.in.spike, tile::spike_row, field(to.here, tile::here_row));
                set_field(t.in.spike, tile::spike_col, field(to.here, tile::here_col));
                set_field(t.in.spike, tile::spike_key, uint64_t(packet.key));
                set_field(t.in.spike, tile::spike_neuron, uint64_t(packet.neuron));
                set_field(t.in.spike, tile::spike_stamp, uint64_t(packet.stamp));
                set_field(t.in.spike, tile::spike_tag, t.front);
            }
            if (in_groups_) groups_->offer(i, t.in);
            wake(awake_, i);
        }
        stale_.clear();
    }

    void press_back(const Band &band) {
        const size_t phase = size_t(cycle % period_), end = std::min(band.last * 64, tiles_.size());
        for (size_t i = band.first * 64; i < end; i++) {
            const uint64_t ready = ready_[i * period_ + phase];
            if (tiles_[i].in.arrival_ready.data[0] != ready) {
                tiles_[i].in.arrival_ready.data[0] = ready;
                if (in_groups_) groups_->set_ready(i, ready);
                wake(awake_, uint32_t(i));
            }
        }
    }

    void look(int64_t at) {
        if (watched_.empty() || at < watch_from_ || at >= watch_to_) return;
        seen_cycles.push_back(at);
        size_t end = seen_words.size();
        seen_words.resize(end + watched_.size() * tile::probe_words);
        for (const uint32_t i : watched_) {
            tile::probe(tiles_[i].state, tiles_[i].in, seen_words.data() + end);
            end += tile::probe_words;
        }
    }

    // The first cycle of an idle stretch differs from the last evaluated one; the others do not.
    void look_at_rest(int64_t idle_from) {
        const int64_t first = std::max(idle_from, watch_from_);
        if (watched_.empty() || rest_seen_ || first >= cycle) return;
        rest_seen_ = true;
        look(first);
    }

    // Whether a tile changes of itself, without a packet: credits on their way back, estimates that run down.
    bool settling() const {
        if (in_groups_) return busy_ != 0;
        for (size_t word = 0; word < awake_.size(); word++) {
            for (uint64_t left = awake_[word]; left; left &= left - 1) {
                if (tiles_[word * 64 + __builtin_ctzll(left)].out.busy.data[0]) return true;
            }
        }
        return false;
    }

    // Returns whether any tile had something to do.
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
            evaluations += int64_t(tiles_.size());
            groups_->turn();
        } else {
            evaluations += busy_;
            publish_abroad();
            awake_.swap(next_);
        }
        cycle++;
        if (++counted_ == tile::counter_period) read_counters();
        choose();
        return busy_ != 0;
    }

    // One clock edge of the tiles of a band. Several threads do this at a time, each with another band: nothing here
    // may change anything but the band, its tiles and their words in the sets of tiles.
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
                if (left && spread_) fetch(tiles_[word * 64 + __builtin_ctzll(left)]);
                still |= uint64_t(evaluate(band, uint32_t(word * 64 + bit))) << bit;
                evaluated++;
            }
            next_[word] |= still;
        }
        band.busy = evaluated;
        for (const Change &change : band.changes) publish(band, change);
        band.changes.clear();
    }

    // Have a tile brought near while another is evaluated.
    static void fetch(const Tile &t) {
        const char *bytes = reinterpret_cast<const char *>(&t);
        for (size_t at = 0; at < sizeof(Tile); at += 64) __builtin_prefetch(bytes + at, 1);
    }

    // One clock edge of a tile. Returns whether the next one can change something if the inputs stay as they are.
    bool evaluate(Band &band, uint32_t i) {
        Tile &t = tiles_[i];
        const bool sent = t.in.spike_valid.data[0] & t.out.spike_ready.data[0];
        const bool received = t.out.arrival_valid.data[0] & t.in.arrival_ready.data[0];
        if (sent | received) band.events.push_back({i, sent, received, t.out.arrival});
        // With the same registers and inputs, the next edge will change as little as this one has.
        if (!tile::any(tile::advance(t.state, t.in))) return sent | received;
        const uint32_t wires = tile::settle(t.state, t.in, t.out);
        if (wires) band.changes.push_back({i, wires});
        // With other registers it may change something, unless the tile says that it is idle and nothing is offered to it:
        // what was refused before may be taken now.
        return t.out.busy.data[0] || tile::offered(t.in) || tile::always_look;
    }

    // Bring changed outputs to the neighbours, for the next cycle; to those in other bands later.
    void publish(Band &band, const Change &change) {
        const Tile &t = tiles_[change.tile];
        for (size_t link = 0; link < tile::links; link++) {
            if (!(change.wires >> link & 1) || t.neighbour[link] == nobody) continue;
            if (band.holds(t.neighbour[link])) {
                connect(t, link);
            } else {
                band.abroad.push_back({change.tile, uint32_t(link)});
            }
        }
    }

    void publish_abroad() {
        for (Band &band : bands_) {
            for (const Crossing &crossing : band.abroad) connect(tiles_[crossing.tile], crossing.link);
            band.abroad.clear();
        }
    }

    void connect(const Tile &t, size_t link) {
        tile::Inputs &in = tiles_[t.neighbour[link]].in;
        in.forward[tile::opposite[link]] = t.out.forward[link];
        in.backward[tile::opposite[link]] = t.out.backward[link];
        wake(next_, t.neighbour[link]);
    }

    void book(const Event &event) {
        if (event.sent) {
            Tile &t = tiles_[event.tile];
            Packet &packet = packets_[t.front];
            for (uint32_t k = t.front; k != nobody; k = packets_[k].another) packets_[k].injected = cycle;
            t.front = packet.next;
            waiting_--;
            inside_ += packet.missing;
            offer_later(event.tile);
        }
        if (event.received) arrive(event.tile, event.flit);
    }

    // What fits on the wire of a packet's time stamp.
    static uint64_t sent_stamp(const Packet &packet) {
        return uint64_t(packet.stamp) & ((uint64_t(1) << tile::arrival_stamp.width) - 1);
    }

    // Book an arriving flit, having compared it with what was sent.
    void arrive(uint32_t i, const value<tile::arrival_width> &flit) {
        const uint64_t sent = field(flit, tile::arrival_tag);
        const bool known = sent < packets_.size() && packets_[sent].injected >= 0;
        uint64_t number = sent;
        for (uint32_t k = known ? uint32_t(sent) : nobody; k != nobody; k = packets_[k].another) {
            if (packets_[k].destination == i) number = k;
        }
        Packet nothing{};
        Packet &packet = known ? packets_[number] : nothing;
        const bool first = field(flit, tile::arrival_first), last = field(flit, tile::arrival_last);
        bool good = known && packet.destination == i && field(flit, tile::arrival_neuron) == uint64_t(packet.neuron) &&
                    first == (packet.arrived == 0) && last == (packet.arrived == tile::flits - 1);
        if (tile::flits > 1 && packet.arrived) {
            good = good && field(flit, tile::arrival_index) == packet.arrived &&
                   field(flit, tile::arrival_stamp) == sent_stamp(packet);
        }
        if (!good) {
            complain(i, flit, known ? &packet : nullptr);
            return;
        }
        if (first) packet.delivered = cycle;
        packet.arrived++;
        if (!last) return;
        log.push_back({packet.tag, int64_t(packet.source), int64_t(packet.destination), packet.neuron, packet.stamp,
                       packet.created, packet.injected, packet.delivered, cycle});
        delivered++;
        inside_--;
        if (--packets_[sent].missing) return;
        for (uint32_t k = uint32_t(sent); k != nobody; k = packets_[k].another) {
            packets_[k].injected = -1;
            if (recycle_) free_.push_back(k);
        }
    }

    void complain(uint32_t i, const value<tile::arrival_width> &flit, const Packet *packet) {
        if (!fault.empty()) return;
        auto text = [](const char *name, uint64_t number) { return std::string(name) + " " + std::to_string(number); };
        fault = text("cycle", uint64_t(cycle)) + ": a flit arrived at " + text("tile", i) + " as " +
                text("neuron", field(flit, tile::arrival_neuron)) + ", " + text("first", field(flit, tile::arrival_first)) +
                ", " + text("last", field(flit, tile::arrival_last)) + ", " +
                text("index", field(flit, tile::arrival_index)) + ", " +
                text("stamp", field(flit, tile::arrival_stamp)) + ", but ";
        if (packet) {
            fault += text("packet", uint64_t(packet->tag)) + " was sent to " + text("tile", packet->destination) + " as " +
                     text("neuron", uint64_t(packet->neuron)) + ", " + text("stamp", sent_stamp(*packet)) + ", and " +
                     std::to_string(packet->arrived) + " of its flits had arrived";
        } else {
            fault += "no such packet is on its way";
        }
    }

    void read_counters() {
        counted_ = 0;
        if (!tile::counters) return;
        if (in_groups_) groups_->store(tiles_);
        uint64_t now[tile::counters ? tile::counters : 1];
        for (size_t i = 0; i < tiles_.size(); i++) {
            tile::inspect(tiles_[i].state, tiles_[i].in, now);
            for (size_t k = 0; k < tile::counters; k++) {
                const size_t at = i * tile::counters + k;
                totals_[at] += (now[k] - seen_[at]) & tile::counter_mask;
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

int chip_configure(Chip *chip, int64_t n, const int64_t *tile, const int64_t *key, const int64_t *ports) {
    return guarded(chip, [&] {
        for (int64_t i = 0; i < n; i++) chip->configure(tile[i], key[i], ports[i]);
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

int chip_watch(Chip *chip, const int64_t *tiles, int64_t n, int64_t from, int64_t to) {
    return guarded(chip, [&] { return chip->watch(std::vector<uint32_t>(tiles, tiles + n), from, to), 0; });
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
