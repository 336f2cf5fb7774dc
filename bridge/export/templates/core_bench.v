// Checks the chip @name@ by itself: programs its cores through the host's door, as any host would, runs some ticks, and
// compares everything that is sent to the host, and its cycle, with what the simulated chip did. Prints PASS, or FAIL
// with the first difference, and then ends with $fatal.
//
// Cycle 0 is that in which the first tick begins. Inputs change in the low half of the clock, and outputs are looked at
// before its rising edge.

module @name@_bench;
  localparam TILES = @tiles@;
  localparam NODES = @nodes@;            // tiles, or in a tree clusters of four
  localparam PACKET = @packet_bits@;     // bits of what the host sends
  localparam PAYLOAD = @payload_bits@;   // bits of what is sent to it
  localparam WORDS = @program.rows@;     // packets that program the chip
  localparam TICKS = @ticks.rows@;
  localparam EVENTS = @events.rows@;     // packets that the host sends in ticks
  localparam REPORTS = @reports.rows@;   // spikes of which the host must be told
  localparam ENTRIES = @tables.rows@;    // entries of tables
  localparam OVERRUNS = @overruns@;      // ticks that begin before a core is done with the one before, for each core
  localparam REFUSED = @refused@;        // events that come too late to act
  localparam CYCLES = @cycles@;
  localparam KEY = @key_bits@;
  localparam PATIENCE = 1000000;         // cycles that something takes at most

  reg clk, rst, tick;
  reg [PACKET-1:0] host_in_payload;
  reg host_in_valid;
  wire host_in_ready;
  wire [PAYLOAD-1:0] host_out_payload;
  wire host_out_valid;
  reg host_out_ready;
  wire busy;
  wire [TILES-1:0] overrun, refused;
  wire [NODES-1:0] error;
  reg [NODES-1:0] configure_valid, hub_configure_valid;
  reg [KEY-1:0] key;
  reg [4:0] ports;

  @name@ chip (
@connections@
  );

  // @name@_program.hex: packets, in any order.
  reg [@program.width@-1:0] words [0:WORDS-1];
  // @name@_ticks.hex: the cycle in which each tick begins.
  reg [@ticks.width@-1:0] ticks [0:TICKS-1];
  // @name@_events.hex: the cycle from which on the host offers a packet, the packet.
  reg [@events.width@-1:0] events [0:@events.depth@-1];
  // @name@_reports.hex: the cycle in which a payload comes to the host, the payload.
  reg [@reports.width@-1:0] reports [0:@reports.depth@-1];
@table_memory@
  integer cycle, i, n, waited, next_tick, next_event, next_report, overruns, refusals;
  reg [@events.width@-1:0] item;
  reg [@reports.width@-1:0] report;
  reg failed;

  task fail(input [8*40-1:0] what, input [PAYLOAD-1:0] expected, input [PAYLOAD-1:0] found);
    if (!failed) begin
      failed = 1;
      $display("FAIL @name@: cycle %0d: %0s: expected %0h, found %0h", cycle, what, expected, found);
      $fatal(1);
    end
  endtask

  // Nothing that comes out is ever unknown, not even before the reset.
  task check_known;
    if (^{host_in_ready, host_out_payload, host_out_valid, busy, overrun, refused, error} === 1'bx)
      fail("outputs are unknown", 0, 1);
  endtask

  task clock;
    begin
      #4 clk = 1;
      #5 clk = 0;
      #1 check_known;
      if (error != 0) fail("a packet was dropped", 0, 1);
      waited = waited + 1;
      if (waited > PATIENCE) fail("the chip is busy for ever", 0, 1);
    end
  endtask

  // A host sees what it has sent in busy two cycles later.
  task wait_until_still;
    begin
      waited = 0;
      clock;
      clock;
      while (busy && !failed) clock;
    end
  endtask

  task send(input [PACKET-1:0] packet);
    begin
      host_in_payload = packet;
      host_in_valid = 1;
      waited = 0;
      #1;
      while (!host_in_ready && !failed) clock;
      clock;
      host_in_valid = 0;
    end
  endtask

  task reset;
    begin
      rst = 1;
      #1;
      if (host_in_ready || host_out_valid) fail("something passes in reset", 0, 1);
      clock;
      rst = 0;
      wait_until_still;  // until the memories of events and sums are empty
    end
  endtask

  task write_tables;
    begin
@table_write@    end
  endtask

  initial begin
    $readmemh("@name@_program.hex", words);
    $readmemh("@name@_ticks.hex", ticks);
    $readmemh("@name@_events.hex", events);
    $readmemh("@name@_reports.hex", reports);
@table_read@    failed = 0;
    cycle = -1;
    waited = 0;
    clk = 0;
    rst = 0;
    tick = 0;
    host_in_payload = 0;
    host_in_valid = 0;
    host_out_ready = 1;
    configure_valid = 0;
    hub_configure_valid = 0;
    key = 0;
    ports = 0;
    #1 check_known;
    for (i = 0; i < 4; i = i + 1) clock;

    reset;
    write_tables;
    for (n = 0; n < WORDS && !failed; n = n + 1) begin
      send(words[n][PACKET-1:0]);
      if (refused != 0 || host_out_valid) fail("a word was not taken", 0, 1);
    end
    wait_until_still;
    if (refused != 0 || overrun != 0) fail("a word was not taken", 0, 1);

    // A reset leaves what has been written into the cores, but not the tables of the network.
    reset;
    write_tables;
    next_tick = 0;
    next_event = 0;
    next_report = 0;
    overruns = 0;
    refusals = 0;
    for (cycle = 0; cycle < CYCLES; cycle = cycle + 1) begin
      waited = 0;
      tick = 0;
      if (next_tick < TICKS)
        if (@ticks:ticks[next_tick]:cycle@ == cycle) begin
          @check_barrier@
          tick = 1;
          next_tick = next_tick + 1;
        end
      host_in_valid = 0;
      if (next_event < EVENTS) begin
        item = events[next_event];
        if (@events:item:cycle@ <= cycle) begin
          host_in_valid = 1;
          host_in_payload = @events:item:packet@;
        end
      end
      #1;
      if (host_in_valid && host_in_ready) next_event = next_event + 1;
      for (i = 0; i < TILES; i = i + 1) begin
        overruns = overruns + {31'd0, overrun[i]};
        refusals = refusals + {31'd0, refused[i]};
      end
      report = reports[next_report < REPORTS ? next_report : 0];
      if (host_out_valid) begin
        if (next_report == REPORTS) fail("a payload too many", 0, host_out_payload);
        if (@reports:report:payload@ != host_out_payload) fail("payload", @reports:report:payload@, host_out_payload);
        if (@reports:report:cycle@ != cycle) begin
          $display("in cycle %0d came the payload of cycle %0d", cycle, @reports:report:cycle@);
          fail("a payload too early or too late", @reports:report:payload@, host_out_payload);
        end
        next_report = next_report + 1;
      end else if (next_report < REPORTS && @reports:report:cycle@ == cycle)
        fail("no payload", @reports:report:payload@, 0);
      clock;
    end
    if (next_event != EVENTS || next_report != REPORTS || overruns != OVERRUNS || refusals != REFUSED) begin
      $display("%0d of %0d packets were sent, %0d of %0d reports came, %0d of %0d overruns, %0d of %0d refused",
               next_event, EVENTS, next_report, REPORTS, overruns, OVERRUNS, refusals, REFUSED);
      fail("the numbers are others", 0, 1);
    end

    // The chip says which one it is.
    tick = 0;
    wait_until_still;
    cycle = CYCLES;
    send(@packet_bits@'h@ask_identity@);
    while (!host_out_valid && !failed) clock;
    if (host_out_payload != @payload_bits@'h@identity@) fail("identity", @payload_bits@'h@identity@, host_out_payload);
    if (!failed) begin
      $display("PASS @name@: %0d words programmed, %0d ticks, %0d packets sent, %0d reports delivered, %0d cycles",
               WORDS, TICKS, next_event, next_report, CYCLES);
      $finish;
    end
  end
endmodule
