// What a top level on an iCE40 has of the vendor's cells, as it makes use of them, and not compared with the vendor's.
`timescale 1ps / 1ps

module SB_IO #(
  parameter [5:0] PIN_TYPE = 0,
  parameter PULLUP = 0,
  parameter IO_STANDARD = "SB_LVCMOS"
) (
  inout PACKAGE_PIN,
  input D_OUT_0,
  input OUTPUT_ENABLE,
  output D_IN_0
);
  // An input, or an output that can be switched off, without registers.
  localparam driven = PIN_TYPE == 6'b101001;
  initial if (!driven && PIN_TYPE != 6'b000001) $fatal(1, "a pin of another kind than is known here");
  assign PACKAGE_PIN = driven && OUTPUT_ENABLE ? D_OUT_0 : 1'bz;
  assign D_IN_0 = PACKAGE_PIN;
endmodule

module SB_GB_IO #(
  parameter [5:0] PIN_TYPE = 0,
  parameter IO_STANDARD = "SB_LVCMOS"
) (
  inout PACKAGE_PIN,
  output GLOBAL_BUFFER_OUTPUT
);
  initial if (PIN_TYPE != 6'b000001) $fatal(1, "a pin of another kind than is known here");
  assign GLOBAL_BUFFER_OUTPUT = PACKAGE_PIN;
endmodule

// With simple feedback. It has its frequency after 32 cycles of the input and says so after 64, and loses it with that.
module SB_PLL40_PAD #(
  parameter FEEDBACK_PATH = "DELAY",
  parameter PLLOUT_SELECT = "GENCLK",
  parameter [3:0] DIVR = 0,
  parameter [6:0] DIVF = 0,
  parameter [2:0] DIVQ = 0,
  parameter [2:0] FILTER_RANGE = 0
) (
  input PACKAGEPIN,
  input RESETB,
  input BYPASS,
  output reg PLLOUTGLOBAL,
  output reg LOCK
);
  integer compared = 0;
  realtime came = 0, period = 0, half;

  initial begin
    {PLLOUTGLOBAL, LOCK} = 0;
    if (FEEDBACK_PATH != "SIMPLE" || PLLOUT_SELECT != "GENCLK" || BYPASS || !RESETB)
      $fatal(1, "a loop of another kind than is known here");
  end

  always @(posedge PACKAGEPIN) begin
    period = $realtime - came;
    came = $realtime;
    if (compared < 64) compared = compared + 1;
    LOCK = compared == 64;
  end

  always begin
    if (compared < 32) @(posedge PACKAGEPIN);
    else begin
      half = period * (DIVR + 1) * (1 << DIVQ) / (DIVF + 1) / 2;
      #(half) PLLOUTGLOBAL = !PLLOUTGLOBAL;
      if ($realtime - came > 4 * period) begin
        compared = 0;
        LOCK = 0;
      end
    end
  end
endmodule
