// Checks the chip @name@ by itself: sends packets into it, and compares every flit that comes out, and its cycle,
// with what the simulated chip did. Prints PASS, or FAIL with the first difference, and then ends with $fatal.
//
// Cycle 0 is the first after the reset and, if there are tables, after the cycles in which they are written. Inputs
// change in the low half of the clock, and outputs are looked at before its rising edge.

module @name@_bench;
  localparam TILES = @tiles@;
  localparam NODES = @nodes@;             // tiles, or in a tree clusters of four
  localparam SPIKE = @spike_bits@;        // bits of a spike
  localparam ARRIVAL = @arrival_bits@;    // bits of an arrival
  localparam PACKETS = @spikes.rows@;     // packets that are sent
  localparam FLITS = @arrivals.rows@;     // flits that must arrive
  localparam DELIVERIES = @deliveries@;   // packets that must arrive, each at every tile that it goes to
  localparam ENTRIES = @tables.rows@;     // entries of tables
  localparam PERIOD = @ready.rows@;       // cycles after which tiles take arrivals as before
  localparam CYCLES = @cycles@;
  localparam KEY = @key_bits@;

  reg clk, rst;
  reg [TILES*SPIKE-1:0] spikes_payload;
  reg [TILES-1:0] spikes_valid;
  wire [TILES-1:0] spikes_ready;
  wire [TILES*ARRIVAL-1:0] arrivals_payload;
  wire [TILES-1:0] arrivals_valid;
  reg [TILES-1:0] arrivals_ready;
  wire [NODES-1:0] busy, error;
  reg [NODES-1:0] configure_valid, hub_configure_valid;
  reg [KEY-1:0] key;
  reg [4:0] ports;

  @name@ chip (
@connections@
  );

  // @name@_spikes.hex, by tiles: the tile, the cycles in which the packet is created and in which it is taken, the spike.
  reg [@spikes.width@-1:0] spikes [0:PACKETS-1];
  // @name@_arrivals.hex, by tiles: the tile, the cycle, whether that is known, bits that count, the arrival.
  reg [@arrivals.width@-1:0] arrivals [0:FLITS-1];
  // @name@_ready.hex: for each cycle, a bit for each tile that takes arrivals in it.
  reg [@ready.width@-1:0] ready [0:PERIOD-1];
@table_memory@
  integer next_spike [0:TILES-1];    // the place of each tile's next packet, and where those of the tile end
  integer end_spike [0:TILES-1];
  integer next_arrival [0:TILES-1];  // the same of the flits that must arrive
  integer end_arrival [0:TILES-1];
  integer cycle, tile, i, sent, arrived;
  reg [@spikes.width@-1:0] spike;
  reg [@arrivals.width@-1:0] arrival;
  reg [ARRIVAL-1:0] difference;
  reg failed;

  task fail(input [8*40-1:0] what, input integer at, input [ARRIVAL-1:0] expected, input [ARRIVAL-1:0] found);
    if (!failed) begin
      failed = 1;
      $display("FAIL @name@: cycle %0d, tile %0d: %0s: expected %0h, found %0h", cycle, at, what, expected, found);
      $fatal(1);
    end
  endtask

  // Nothing that comes out is ever unknown, not even before the reset.
  task check_known;
    if (^{spikes_ready, arrivals_payload, arrivals_valid, busy, error} === 1'bx)
      fail("outputs are unknown", 0, 0, 1);
  endtask

  task clock;
    begin
      #4 clk = 1;
      #5 clk = 0;
      #1 check_known;
    end
  endtask

  initial begin
    $readmemh("@name@_spikes.hex", spikes);
    $readmemh("@name@_arrivals.hex", arrivals);
    $readmemh("@name@_ready.hex", ready);
@table_read@    for (tile = 0; tile < TILES; tile = tile + 1) begin
      next_spike[tile] = 0;
      end_spike[tile] = 0;
      next_arrival[tile] = 0;
      end_arrival[tile] = 0;
    end
    for (i = PACKETS - 1; i >= 0; i = i - 1) begin
      tile = @spikes:spikes[i]:tile@;
      if (end_spike[tile] == 0) end_spike[tile] = i + 1;
      next_spike[tile] = i;
    end
    for (i = FLITS - 1; i >= 0; i = i - 1) begin
      tile = @arrivals:arrivals[i]:tile@;
      if (end_arrival[tile] == 0) end_arrival[tile] = i + 1;
      next_arrival[tile] = i;
    end
    failed = 0;
    cycle = -1;
    sent = 0;
    arrived = 0;
    clk = 0;
    rst = 0;
    spikes_valid = 0;
    spikes_payload = 0;
    arrivals_ready = 0;
    configure_valid = 0;
    hub_configure_valid = 0;
    key = 0;
    ports = 0;
    #1 check_known;

    // Before the reset packets are put into the chip, which nobody takes: nothing of them may be left after it.
    for (tile = 0; tile < TILES; tile = tile + 1)
      if (next_spike[tile] != end_spike[tile]) begin
        spike = spikes[next_spike[tile]];
        spikes_payload[tile*SPIKE +: SPIKE] = @spikes:spike:payload@;
        spikes_valid[tile] = 1;
      end
    for (i = 0; i < 8; i = i + 1) clock;
    rst = 1;
    #1 check_known;
    if (spikes_ready != 0 || arrivals_valid != 0) fail("something passes in reset", 0, 0, 1);
    clock;
    rst = 0;
    spikes_valid = 0;
@table_write@
    for (cycle = 0; cycle < CYCLES; cycle = cycle + 1) begin
      arrivals_ready = ready[cycle % PERIOD][TILES-1:0];
      spikes_valid = 0;
      for (tile = 0; tile < TILES; tile = tile + 1)
        if (next_spike[tile] != end_spike[tile]) begin
          spike = spikes[next_spike[tile]];
          if (@spikes:spike:created@ <= cycle) begin
            spikes_payload[tile*SPIKE +: SPIKE] = @spikes:spike:payload@;
            spikes_valid[tile] = 1;
          end
        end
      #1;
      if (error != 0) fail("a packet was dropped", 0, 0, 1);
      for (tile = 0; tile < TILES; tile = tile + 1) begin
        if (spikes_valid[tile]) begin
          spike = spikes[next_spike[tile]];
          if (spikes_ready[tile] && @spikes:spike:taken@ != cycle) fail("a packet is taken too early", tile, 0, 1);
          if (!spikes_ready[tile] && @spikes:spike:taken@ == cycle) fail("a packet is not taken", tile, 1, 0);
          if (spikes_ready[tile]) begin
            next_spike[tile] = next_spike[tile] + 1;
            sent = sent + 1;
          end
        end
        if (arrivals_valid[tile] && arrivals_ready[tile]) begin
          if (next_arrival[tile] == end_arrival[tile])
            fail("a flit too many", tile, 0, arrivals_payload[tile*ARRIVAL +: ARRIVAL]);
          else begin
            arrival = arrivals[next_arrival[tile]];
            difference = (@arrivals:arrival:payload@ ^ arrivals_payload[tile*ARRIVAL +: ARRIVAL]) & @arrivals:arrival:mask@;
            if (difference != 0)
              fail("flit", tile, @arrivals:arrival:payload@ & @arrivals:arrival:mask@,
                   arrivals_payload[tile*ARRIVAL +: ARRIVAL] & @arrivals:arrival:mask@);
            if (@arrivals:arrival:exact@ && @arrivals:arrival:cycle@ != cycle) begin
              $display("in cycle %0d came the flit of cycle %0d", cycle, @arrivals:arrival:cycle@);
              fail("a flit too early or too late", tile, @arrivals:arrival:payload@, arrivals_payload[tile*ARRIVAL +: ARRIVAL]);
            end
            next_arrival[tile] = next_arrival[tile] + 1;
            arrived = arrived + 1;
          end
        end else if (next_arrival[tile] != end_arrival[tile]) begin
          arrival = arrivals[next_arrival[tile]];
          if (@arrivals:arrival:exact@ && @arrivals:arrival:cycle@ == cycle) fail("no flit", tile, @arrivals:arrival:payload@, 0);
        end
      end
      clock;
    end
    if (sent != PACKETS || arrived != FLITS) begin
      $display("%0d of %0d packets were sent, %0d of %0d flits arrived", sent, PACKETS, arrived, FLITS);
      fail("packets are left", 0, 0, 1);
    end
    if (busy != 0) fail("the chip is not empty", 0, 0, 1);
    if (!failed) begin
      $display("PASS @name@: %0d packets sent, %0d delivered in %0d flits, %0d cycles", sent, DELIVERIES, arrived, CYCLES);
      $finish;
    end
  end
endmodule
