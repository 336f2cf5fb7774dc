// An OrangeCrab as far as the chip knows it: its oscillator, and the pins at which its serial adapter is.
`timescale 1ps / 1ps

module board (
  input powered,  // the oscillator runs
  input rx,
  input button,
  output tx,
  output [2:0] lights
);
  reg clk48 = 0;
  always #10417 clk48 = powered & !clk48;

  // The button and the lights are on at 0.
  wire [2:0] low;
  assign lights = ~low;
  synaptile_top fpga (
    .clk_0__io(clk48),
    .button_0__io(!button),
    .uart_0__rx__io(rx),
    .uart_0__tx__io(tx),
    .rgb_led_0__g__io(low[0]),
    .rgb_led_0__b__io(low[1]),
    .rgb_led_0__r__io(low[2])
  );
endmodule
