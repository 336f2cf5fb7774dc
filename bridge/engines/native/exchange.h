// A network outside the chip in lock-step with it: step by step, its spikes go out as packets and arrivals come back.

namespace {

class Exchange {
public:
    // Pairs of a neuron and a tile that its spikes go to: those of neuron n are start[n] to start[n + 1], ascending.
    // Its own tile is among them where it has synapses there; a spike arrives there at once, without a packet. `rank` is
    // the order of a step's spikes in the queues of their tiles. Without keys `key` is null. Between two slices of some
    // milliseconds `pause` is called, and if it returns other than 0, the exchange fails.
    Exchange(Chip &chip, int64_t cycles_per_step, int64_t neurons, const int64_t *start, const int32_t *tile,
             const int32_t *own, const int32_t *rank, const int64_t *key, int64_t most, int milliseconds, int (*pause)())
        : chip_(chip), cycles_per_step_(cycles_per_step), start_(start, start + neurons + 1),
          tile_(tile, tile + start_.back()), own_(own, own + neurons), rank_(rank, rank + neurons),
          key_(key ? std::vector<int64_t>(key, key + neurons) : std::vector<int64_t>()), most_(most),
          milliseconds_(milliseconds), pause_(pause), seen_(chip.taken + int64_t(chip.log.size())) {}

    enum { good, refused, broken, paused };

    // Spikes that were sent and are not yet taken, in the order of their packets.
    std::vector<int64_t> sent_step;
    std::vector<int32_t> sent_neuron;

    // Pairs at which a spike has arrived in the last step, ascending, each as often as spikes have.
    const std::vector<int32_t> &arrivals() const { return arrivals_; }

    // Send the spikes of a step, and run to its end.
    int operator()(int64_t step, const int32_t *spikes, size_t count) {
        arrivals_.clear();
        order_.assign(spikes, spikes + count);
        std::sort(order_.begin(), order_.end(), [this](int32_t a, int32_t b) { return rank_[a] < rank_[b]; });
        if (chip_.count - chip_.delivered + packets_of(spikes, count) > most_) return refused;
        for (const int32_t neuron : order_) send(step, neuron);
        chip_.queue_fresh();
        sent_step.insert(sent_step.end(), count, step);
        sent_neuron.insert(sent_neuron.end(), order_.begin(), order_.end());
        int outcome;
        while ((outcome = chip_.run((step + 1) * cycles_per_step_, false, milliseconds_)) == Chip::unfinished) {
            if (pause_()) return paused;
        }
        if (outcome == Chip::faulty) return broken;
        for (size_t i = size_t(seen_ - chip_.taken); i < chip_.log.size(); i++) {
            arrivals_.push_back(pair_of(int32_t(chip_.log[i].neuron), int32_t(chip_.log[i].destination)));
        }
        seen_ = chip_.taken + int64_t(chip_.log.size());
        put_in_order();
        return good;
    }

    int64_t packets_of(const int32_t *spikes, size_t count) const {
        int64_t packets = 0;
        for (size_t i = 0; i < count; i++) {
            for (int64_t k = start_[spikes[i]]; k < start_[spikes[i] + 1]; k++) packets += tile_[k] != own_[spikes[i]];
        }
        return packets;
    }

    // The packets of spikes, in their order: columns as `Chip::inject` takes them, one after the other.
    void write_packets(const int64_t *steps, const int32_t *spikes, size_t count, int64_t packets, int64_t *into) const {
        int64_t *cycle = into, *source = cycle + packets, *destination = source + packets, *neuron = destination + packets,
                *stamp = neuron + packets, *key = stamp + packets, *more = key + packets;
        for (size_t i = 0; i < count; i++) {
            const int32_t n = spikes[i];
            int64_t number = 0;
            for (int64_t k = start_[n]; k < start_[n + 1]; k++) {
                if (tile_[k] == own_[n]) continue;
                *cycle++ = steps[i] * cycles_per_step_;
                *source++ = own_[n];
                *destination++ = tile_[k];
                *neuron++ = n;
                *stamp++ = steps[i];
                *key++ = key_.empty() ? 0 : key_[n];
                *more++ = !key_.empty() && number > 0;
                number++;
            }
        }
    }

private:
    Chip &chip_;
    const int64_t cycles_per_step_;
    const std::vector<int64_t> start_;
    const std::vector<int32_t> tile_, own_, rank_;
    const std::vector<int64_t> key_;
    const int64_t most_;  // packets that can be under way
    const int milliseconds_;
    int (*const pause_)();
    int64_t seen_;  // deliveries that were given back
    std::vector<int32_t> order_, arrivals_, again_;
    std::vector<uint64_t> there_ = std::vector<uint64_t>(tile_.size() / 64 + 1);  // one bit for each pair, else zeros

    // Put arrivals in ascending order: by their bits in a set, unless there are few among very many pairs.
    void put_in_order() {
        if (arrivals_.size() < there_.size() / 64) {
            std::sort(arrivals_.begin(), arrivals_.end());
            return;
        }
        again_.clear();
        for (const int32_t pair : arrivals_) {
            const uint64_t bit = uint64_t(1) << (pair % 64);
            if (there_[pair / 64] & bit) again_.push_back(pair);
            there_[pair / 64] |= bit;
        }
        arrivals_.clear();
        for (size_t word = 0; word < there_.size(); word++) {
            for (uint64_t bits = there_[word]; bits; bits &= bits - 1) {
                arrivals_.push_back(int32_t(word * 64 + size_t(__builtin_ctzll(bits))));
            }
            there_[word] = 0;
        }
        if (again_.empty()) return;
        arrivals_.insert(arrivals_.end(), again_.begin(), again_.end());
        std::sort(arrivals_.begin(), arrivals_.end());
    }

    void send(int64_t step, int32_t neuron) {
        int64_t number = 0;
        for (int64_t k = start_[neuron]; k < start_[neuron + 1]; k++) {
            if (tile_[k] == own_[neuron]) {
                arrivals_.push_back(int32_t(k));
                continue;
            }
            chip_.admit(step * cycles_per_step_, own_[neuron], tile_[k], neuron, step, key_.empty() ? 0 : key_[neuron],
                        !key_.empty() && number > 0);
            number++;
        }
    }

    int32_t pair_of(int32_t neuron, int32_t tile) const {
        const auto first = tile_.begin() + start_[neuron], last = tile_.begin() + start_[neuron + 1];
        return int32_t(std::lower_bound(first, last, tile) - tile_.begin());
    }
};

}  // namespace

extern "C" {

void *exchange_new(Chip *chip, int64_t cycles_per_step, int64_t neurons, const int64_t *start, const int32_t *tile,
                   const int32_t *own, const int32_t *rank, const int64_t *key, int64_t most, int milliseconds,
                   int (*pause)()) {
    try {
        return new Exchange(*chip, cycles_per_step, neurons, start, tile, own, rank, key, most, milliseconds, pause);
    } catch (const std::exception &) {
        return nullptr;
    }
}

void exchange_free(void *exchange) { delete static_cast<Exchange *>(exchange); }

// What goes in and comes out, as compiled code has it: the exchange, a step, the address and number of its spikes;
// outcome, and the address and number of its arrivals. The address of the function is what that code is given.
void exchange_step(int64_t *desk) {
    Exchange &exchange = *reinterpret_cast<Exchange *>(desk[0]);
    try {
        desk[4] = exchange(desk[1], reinterpret_cast<const int32_t *>(desk[2]), size_t(desk[3]));
    } catch (const std::exception &) {
        desk[4] = -1;
    }
    desk[5] = reinterpret_cast<int64_t>(exchange.arrivals().data());
    desk[6] = int64_t(exchange.arrivals().size());
}

// Spikes that were sent since they were last taken.
int64_t exchange_sent(void *exchange) { return int64_t(static_cast<Exchange *>(exchange)->sent_step.size()); }

// The packets of these.
int64_t exchange_packets(void *exchange) {
    const auto &it = *static_cast<Exchange *>(exchange);
    return it.packets_of(it.sent_neuron.data(), it.sent_neuron.size());
}

// Move them out: seven columns, as chip_inject takes them.
void exchange_take_packets(void *exchange, int64_t packets, int64_t *into) {
    auto &it = *static_cast<Exchange *>(exchange);
    it.write_packets(it.sent_step.data(), it.sent_neuron.data(), it.sent_step.size(), packets, into);
    it.sent_step.clear();
    it.sent_neuron.clear();
}

}  // extern "C"
