// An iCEBreaker as far as the chip knows it: its oscillator, and the pins of its lights and its line.
`timescale 1ps / 1ps

module board (
  input powered,  // the oscillator runs
  input rx,
  input button,
  output tx,
  output [1:0] lights
);
  reg clk12 = 0;
  always #41667 clk12 = powered & !clk12;

  // The button and the lights are on at 0.
  wire clock = clk12, pressed = !button, line = rx;
  wire [1:0] low;
  assign lights = ~low;
  synaptile_top fpga (
    .clk12_0__io(clock),
    .button_0__io(pressed),
    .uart_0__rx__io(line),
    .uart_0__tx__io(tx),
    .led_g_0__io(low[0]),
    .led_r_0__io(low[1])
  );
endmodule
