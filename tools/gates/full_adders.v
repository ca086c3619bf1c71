// For yosys's techmap: carry-save adders and the ripple-carry adder behind them, of the library's
// full adders, each of which is two of yosys's own gates deep.

(* techmap_celltype = "$fa" *)
module carry_save #(parameter WIDTH = 1) (
  input [WIDTH-1:0] A, input [WIDTH-1:0] B, input [WIDTH-1:0] C,
  output [WIDTH-1:0] X, output [WIDTH-1:0] Y);
  genvar i;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : bits
      FAX1 adder (.A(A[i]), .B(B[i]), .C(C[i]), .YC(X[i]), .YS(Y[i]));
    end
  endgenerate
endmodule

(* techmap_celltype = "$alu" *)
module ripple_carry #(
  parameter A_SIGNED = 0, parameter B_SIGNED = 0,
  parameter A_WIDTH = 1, parameter B_WIDTH = 1, parameter Y_WIDTH = 1) (
  input [A_WIDTH-1:0] A, input [B_WIDTH-1:0] B, input CI, input BI,
  output [Y_WIDTH-1:0] X, output [Y_WIDTH-1:0] Y, output [Y_WIDTH-1:0] CO);
  wire [Y_WIDTH-1:0] a, b;
  \$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)) extend_a (.A(A), .Y(a));
  \$pos #(.A_SIGNED(B_SIGNED), .A_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH)) extend_b (.A(B), .Y(b));
  wire [Y_WIDTH-1:0] inverted = b ^ {Y_WIDTH{BI}};
  wire [Y_WIDTH:0] carry = {CO, CI};
  assign X = a ^ inverted;
  genvar i;
  generate
    for (i = 0; i < Y_WIDTH; i = i + 1) begin : bits
      FAX1 adder (.A(a[i]), .B(inverted[i]), .C(carry[i]), .YC(CO[i]), .YS(Y[i]));
    end
  endgenerate
endmodule
