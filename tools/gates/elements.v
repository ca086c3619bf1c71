// Processing elements of an output-stationary array, one operation a cycle: `element` registers two
// operands, which it hands on to its neighbours, and adds their absolute difference or product to
// its accumulator. `first` comes with the first operands of a sum and starts it.

// acc + |x - w|: one subtraction; where it borrows, its complement and a carry.
module absolute_difference #(parameter BITS = 8, parameter ACCUMULATOR = 18) (
  input clk, input first, input [BITS-1:0] x, input [BITS-1:0] w,
  output reg [ACCUMULATOR-1:0] acc);
  wire [BITS:0] difference = {1'b0, x} - {1'b0, w};
  wire borrow = difference[BITS];
  wire [ACCUMULATOR-1:0] base = first ? {ACCUMULATOR{1'b0}} : acc;
  // The carry enters below the lowest bit, so that one adder does.
  wire [ACCUMULATOR:0] sum =
    {base, 1'b1} + {difference[BITS-1:0] ^ {BITS{borrow}}, borrow};
  always @(posedge clk) acc <= sum[ACCUMULATOR:1];
endmodule

// acc + x * w, x unsigned and w signed. A product as narrow as this makes the smallest circuit:
// with the accumulator's width, the multiplier is 1.3 times as large at 8 bits.
module multiply_accumulate #(parameter BITS = 8, parameter ACCUMULATOR = 26) (
  input clk, input first, input [BITS-1:0] x, input signed [BITS-1:0] w,
  output reg signed [ACCUMULATOR-1:0] acc);
  wire signed [2*BITS-1:0] product = $signed({1'b0, x}) * w;
  wire signed [ACCUMULATOR-1:0] base = first ? {ACCUMULATOR{1'b0}} : acc;
  always @(posedge clk) acc <= base + product;
endmodule

module element #(parameter BITS = 8, parameter ACCUMULATOR = 18, parameter MULTIPLIES = 0) (
  input clk, input first, input [BITS-1:0] x, input [BITS-1:0] w,
  output reg first_out, output reg [BITS-1:0] x_out, output reg [BITS-1:0] w_out,
  output [ACCUMULATOR-1:0] acc);
  always @(posedge clk) begin
    first_out <= first;
    x_out <= x;
    w_out <= w;
  end
  generate
    if (MULTIPLIES)
      multiply_accumulate #(BITS, ACCUMULATOR) operation (clk, first_out, x_out, w_out, acc);
    else absolute_difference #(BITS, ACCUMULATOR) operation (clk, first_out, x_out, w_out, acc);
  endgenerate
endmodule
