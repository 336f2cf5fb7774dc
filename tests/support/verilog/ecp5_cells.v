// What a top level on an ECP5 has of the vendor's cells, as it makes use of them, and not compared with the vendor's.
`timescale 1ps / 1ps

module IB (
  input I,
  output O
);
  assign O = I;
endmodule

module OBZ (
  input I,
  input T,
  output O
);
  assign O = I;
  // Nothing here is ever without a driver.
  always @(T) if (T) $fatal(1, "an output is switched off");
endmodule

// CLKOP is fed back, at the frequency of comparison; CLKOS is the oscillator, divided. It has its frequency after 32
// cycles of comparison and says so after 64, and loses it with the input.
module EHXPLLL #(
  parameter integer CLKI_DIV = 1,
  parameter integer CLKFB_DIV = 1,
  parameter integer CLKOP_DIV = 8,
  parameter integer CLKOS_DIV = 8,
  parameter CLKOP_CPHASE = 0,
  parameter CLKOP_FPHASE = 0,
  parameter CLKOS_CPHASE = 0,
  parameter CLKOS_FPHASE = 0,
  parameter CLKOP_ENABLE = "DISABLED",
  parameter CLKOS_ENABLE = "DISABLED",
  parameter FEEDBK_PATH = "CLKOP",
  parameter OUTDIVIDER_MUXA = "DIVA",
  parameter OUTDIVIDER_MUXB = "DIVB",
  parameter DPHASE_SOURCE = "DISABLED",
  parameter INTFB_WAKE = "DISABLED",
  parameter PLLRST_ENA = "DISABLED",
  parameter STDBY_ENABLE = "DISABLED"
) (
  input CLKI,
  input CLKFB,
  input RST,
  input STDBY,
  input PLLWAKESYNC,
  input PHASESEL1,
  input PHASESEL0,
  input PHASEDIR,
  input PHASESTEP,
  input PHASELOADREG,
  input ENCLKOP,
  input ENCLKOS,
  output reg CLKOP,
  output reg CLKOS,
  output reg LOCK
);
  integer divided = 0, compared = 0;
  realtime came = 0, period = 0, half;

  initial begin
    {CLKOP, CLKOS, LOCK} = 0;
    if (FEEDBK_PATH != "CLKOP" || CLKFB_DIV != 1 || CLKOP_ENABLE != "ENABLED" || CLKOS_ENABLE != "ENABLED")
      $fatal(1, "a loop of another kind than is known here");
  end

  always @(posedge CLKI) begin
    period = $realtime - came;
    came = $realtime;
    divided = divided + 1 == CLKI_DIV ? 0 : divided + 1;
    CLKOP = divided == 0;
  end
  always @(negedge CLKI) if (divided >= CLKI_DIV / 2) CLKOP = 0;

  always @(posedge CLKFB) begin
    if (compared < 64) compared = compared + 1;
    LOCK = compared == 64;
  end

  always begin
    if (compared < 32) @(posedge CLKFB);
    else begin
      half = period * CLKI_DIV * CLKOS_DIV / CLKOP_DIV / 2;
      #(half) CLKOS = !CLKOS;
      if ($realtime - came > 4 * period) begin
        compared = 0;
        LOCK = 0;
      end
    end
  end
endmodule
