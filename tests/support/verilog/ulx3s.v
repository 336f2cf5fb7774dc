// A ULX3S as far as the chip knows it: its oscillator, and the pins of its lights and its line.
`timescale 1ps / 1ps

module board (
  input powered,  // the oscillator runs
  input rx,
  input button,
  output tx,
  output [4:0] lights
);
  reg clk25 = 0;
  always #20000 clk25 = powered & !clk25;

  synaptile_top fpga (
    .clk25_0__io(clk25),
    .button_fire_0__io(button),
    .uart_0__rx__io(rx),
    .uart_0__tx__io(tx),
    .led_0__io(lights[0]),
    .led_1__io(lights[1]),
    .led_2__io(lights[2]),
    .led_3__io(lights[3]),
    .led_7__io(lights[4])
  );
endmodule
