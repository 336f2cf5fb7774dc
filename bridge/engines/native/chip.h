// A chip: its packets, and its nodes in a mesh, evaluated one by one where they can change, or in groups. How it does
// that is in packets.h, evaluation.h and observation.h.

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
    // With cores: nodes whose outputs may have changed, and how many more of them have become busy than idle.
    std::vector<uint32_t> settled;
    int64_t more_busy = 0;

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
    int64_t taken = 0;  // deliveries that were in the log and have been moved out

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
    void set_ready(const uint8_t *pattern, int64_t period);

    // Write an entry of a router's table.
    void configure(int64_t i, bool hub, int64_t key, int64_t ports);

    void inject(size_t n, const int64_t *cycle, const int64_t *source, const int64_t *destination,
                const int64_t *neuron, const int64_t *stamp, const int64_t *key, const int64_t *more);

    // The same packet by packet: all of them, and then that.
    void admit(int64_t cycle, int64_t source, int64_t destination, int64_t neuron, int64_t stamp, int64_t key,
               bool more);
    void queue_fresh();

    // Keep what is to be seen of some nodes from a cycle on, before another.
    void watch(std::vector<uint32_t> nodes, int64_t from, int64_t to);

    std::vector<int64_t> seen_cycles;
    std::vector<uint64_t> seen_words;  // node::probe_words for each watched node, cycle by cycle

    // Simulate the cycles before `until`, or until nothing is left to deliver, for about so many milliseconds.
    int run(int64_t until, bool stop_when_empty, int milliseconds);

    // What each counter of each node has counted, whatever its width.
    const std::vector<uint64_t> &totals();

    enum { done, unfinished, faulty, stuck };

protected:
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
    std::vector<uint32_t> fresh_;  // admitted, and not yet in a queue
    uint32_t last_ = nobody;       // the last one admitted
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

    static void wake(std::vector<uint64_t> &set, uint32_t i) { set[i / 64] |= uint64_t(1) << (i % 64); }
    Queue &queue_of(uint32_t seat) { return nodes_[seat / node::members].queue[seat % node::members]; }
    // What fits on the wire of a packet's time stamp.
    static uint64_t sent_stamp(const Packet &packet) {
        return uint64_t(packet.stamp) & ((uint64_t(1) << node::arrival_stamp.width) - 1);
    }

    // packets.h
    uint32_t seat_of(int64_t tile) const;
    int64_t tile_at(uint32_t seat) const;
    void offer_later(uint32_t seat);
    void create();
    void offer();
    void book(const Event &event);
    void arrive(uint32_t seat, const value<node::arrival_width> &flit);
    void complain(uint32_t seat, const value<node::arrival_width> &flit, const Packet *packet);

    // evaluation.h
    void cut(unsigned threads);
    void begin();
    void choose();
    void press_back(const Band &band);
    bool settling() const;
    bool one_cycle(bool together);
    void evaluate_nodes(bool together);
    bool finish_cycle();
    void evaluate_band(Band &band);
    static void fetch(const Node &t);
    bool evaluate(Band &band, uint32_t i);
    void publish(Band &band, const Change &change);
    void publish_abroad();
    void connect(const Node &t, size_t link);

    // observation.h
    void look(int64_t at);
    void look_at_rest(int64_t idle_from);
    void read_counters();
};

}  // namespace
