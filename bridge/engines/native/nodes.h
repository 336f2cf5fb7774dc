// The nodes of a chip, one by one or in groups, and what they do that is to be booked.
//
// This follows the generated text of a node, which defines in namespace `node`: State (with its reset values), Inputs,
// Outputs, Forward and Backward (the two directions of a link), advance(), settle(), inspect(), and the constants of the
// ports. Nothing here knows what is inside a node.

namespace {

using std::int64_t;
using std::size_t;
using std::uint32_t;
using std::uint64_t;

constexpr uint32_t nobody = UINT32_MAX;
using node::value;

// Bits [low, low + width) of a value, width at most 64.
template <size_t Width>
uint64_t field(const value<Width> &from, node::Field at) {
    if (at.width == 0) return 0;
    uint64_t bits = from.data[at.low / 64] >> (at.low % 64);
    if (at.low % 64 + at.width > 64) bits |= from.data[at.low / 64 + 1] << (64 - at.low % 64);
    return at.width < 64 ? bits & ((uint64_t(1) << at.width) - 1) : bits;
}

// Set them, where they are 0 so far, to the lowest of `bits`.
template <size_t Width>
void set_field(value<Width> &to, node::Field at, uint64_t bits) {
    if (at.width == 0) return;
    if (at.width < 64) bits &= (uint64_t(1) << at.width) - 1;
    to.data[at.low / 64] |= bits << (at.low % 64);
    if (at.low % 64 + at.width > 64) to.data[at.low / 64 + 1] |= bits >> (64 - at.low % 64);
}

// A tile's source queue: packets linked by Packet::next.
struct Queue {
    uint32_t front = nobody, back = nobody;
    bool stale = false;  // its front is not offered yet
};

struct Node {
    node::State state;
    node::Inputs in{};
    node::Outputs out{};
    uint32_t neighbour[node::links];  // `nobody` at an edge
    Queue queue[node::members];
};

// What a node did at a clock edge that is to be booked.
struct Event {
    uint32_t seat;
    bool sent, received;
    bool dropped;  // by the node, not by the tile
    value<node::arrival_width> flit;
};

constexpr size_t group_size = 64;

// The nodes of a chip in groups, each evaluated as a whole.
class Groups {
public:
    virtual ~Groups() = default;
    // Take over the state and the inputs of the nodes.
    virtual void load(const std::vector<Node> &nodes) = 0;
    // Give the nodes their state back.
    virtual void store(std::vector<Node> &nodes) const = 0;
    // What a tile of a node is offered, and whether it takes what arrives.
    virtual void offer(size_t i, size_t member, const node::Inputs &in) = 0;
    virtual void set_ready(size_t i, size_t member, uint64_t ready) = 0;
    // One clock edge of a group; what happens in it is to be booked. Returns how many nodes it has changed. Several
    // threads do this at a time, each with other groups.
    virtual int64_t evaluate(size_t g, std::vector<Event> &events) = 0;
    // After all groups: what they put on their wires is now to be seen.
    virtual void turn() = 0;
};

struct Grouping {
    // About how many nodes with something to do in a group cost as much, one by one, as the whole group; measured.
    size_t even;
    // `nodes` as they are connected; null if such nodes can only be evaluated one by one.
    std::unique_ptr<Groups> (*make)(const std::vector<Node> &nodes);
};

}  // namespace
